/**
 * How late the ticks of a timer were during the last second, as steps: which of some thresholds a tenth of the ticks were
 * later than. One pause is no strain, however long it is; so where there were few ticks, older ones count as well.
 */
export class LagWindow {
  readonly #intervalMs: number;
  readonly #thresholdsMs: readonly number[];
  /** Times and lags of the last ticks, in a ring. */
  readonly #times = new Float64Array(CAPACITY);
  readonly #lags = new Float64Array(CAPACITY);
  /** How many of them were above each threshold. */
  readonly #above: Int32Array;
  #next = 0;
  #size = 0;
  #lastMs = NaN;

  constructor(intervalMs: number, thresholdsMs: readonly number[]) {
    this.#intervalMs = intervalMs;
    this.#thresholdsMs = thresholdsMs;
    this.#above = new Int32Array(thresholdsMs.length);
  }

  /** To be called by the timer; gives how late it was. */
  tick(nowMs: number): number {
    const lagMs = Number.isNaN(this.#lastMs) ? 0 : Math.max(0, nowMs - this.#lastMs - this.#intervalMs);
    this.#lastMs = nowMs;
    while (this.#size > LEAST_TICKS && (this.#isOld(nowMs) || this.#size === CAPACITY)) this.#forget();
    this.#times[this.#next] = nowMs;
    this.#lags[this.#next] = lagMs;
    this.#next = (this.#next + 1) % CAPACITY;
    this.#size++;
    this.#count(lagMs, 1);
    return lagMs;
  }

  /** How many of the thresholds, from the first on, more than a tenth of the ticks were above. */
  get level(): number {
    if (this.#size < LEAST_TICKS) return 0;
    let level = 0;
    while (level < this.#above.length && (this.#above[level] ?? 0) > TAIL * this.#size) level++;
    return level;
  }

  get #oldest(): number {
    return (this.#next - this.#size + CAPACITY) % CAPACITY;
  }

  #isOld(nowMs: number): boolean {
    return nowMs - (this.#times[this.#oldest] ?? 0) > WINDOW_MS;
  }

  #forget(): void {
    this.#count(this.#lags[this.#oldest] ?? 0, -1);
    this.#size--;
  }

  #count(lagMs: number, change: number): void {
    for (const [level, thresholdMs] of this.#thresholdsMs.entries()) {
      if (lagMs > thresholdMs) this.#above[level] = (this.#above[level] ?? 0) + change;
    }
  }
}

const WINDOW_MS = 1000;
/** A power of two, and more than come in a second. */
const CAPACITY = 128;
/** Too few say nothing. */
const LEAST_TICKS = 10;
const TAIL = 0.1;
