/**
 * How late the ticks of a timer were during the last second. A short burst is no strain, and neither is one pause, however
 * long it is; so where there were few ticks, older ones count as well.
 */
export class LagWindow {
  /** Of the last ticks, in rings: when they came, how late, and which part of that was own work. */
  readonly #times = new Float64Array(CAPACITY);
  readonly #lags = new Float64Array(CAPACITY);
  readonly #own = new Float64Array(CAPACITY);
  readonly #sorted = new Float64Array(CAPACITY);
  #next = 0;
  #size = 0;
  /** Sum of the lags. */
  #lateMs = 0;

  /** Takes in a tick that came so late; `workedMs` is how long the thread had the processor since the one before. */
  add(nowMs: number, lagMs: number, workedMs: number): void {
    while (this.#size > LEAST_TICKS && (this.#isOld(nowMs) || this.#size === CAPACITY)) this.#forget();
    this.#times[this.#next] = nowMs;
    this.#lags[this.#next] = lagMs;
    this.#own[this.#next] = Math.min(lagMs, workedMs);
    this.#next = (this.#next + 1) % CAPACITY;
    this.#size++;
    this.#lateMs += lagMs;
  }

  /**
   * What more than a tenth of the ticks were at least late by, for work of our own. 0 where the thread was not late for half
   * of the time: it could do more, so it is not overloaded. Takes some microseconds.
   */
  get tailMs(): number {
    if (this.#size < LEAST_TICKS || this.#lateMs < LATE_MS) return 0;
    for (let i = 0; i < this.#size; i++) this.#sorted[i] = this.#own[(this.#oldest + i) % CAPACITY] ?? 0;
    const sorted = this.#sorted.subarray(0, this.#size).sort();
    return sorted[this.#size - 1 - Math.floor(TAIL * this.#size)] ?? 0;
  }

  get #oldest(): number {
    return (this.#next - this.#size + CAPACITY) % CAPACITY;
  }

  #isOld(nowMs: number): boolean {
    return nowMs - (this.#times[this.#oldest] ?? 0) > WINDOW_MS;
  }

  #forget(): void {
    this.#lateMs -= this.#lags[this.#oldest] ?? 0;
    this.#size--;
  }
}

const WINDOW_MS = 1000;
/** More than come in a second. */
const CAPACITY = 128;
/** Too few say nothing. */
const LEAST_TICKS = 10;
const TAIL = 0.1;
/** Half of the window. */
const LATE_MS = 500;
