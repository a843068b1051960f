/**
 * How late the ticks of a timer are: the maximum and the mean of the current and the previous window, so that
 * a peak stays visible for at least one window, whoever reads and how often.
 */
export class LagMeter {
  readonly #intervalMs: number;
  #current = emptyWindow(-Infinity);
  #previous = emptyWindow(-Infinity);
  #lastMs = -1;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** To be called by the timer, with the time on the monotonic clock. */
  tick(nowMs: number): void {
    if (nowMs - this.#current.startedAtMs >= WINDOW_MS) {
      this.#previous = this.#current;
      this.#current = emptyWindow(nowMs);
    }
    if (this.#lastMs >= 0) {
      const lagMs = Math.max(0, nowMs - this.#lastMs - this.#intervalMs);
      this.#current.maxMs = Math.max(this.#current.maxMs, lagMs);
      this.#current.sumMs += lagMs;
      this.#current.count++;
    }
    this.#lastMs = nowMs;
  }

  get maxSeconds(): number {
    return Math.max(this.#current.maxMs, this.#previous.maxMs) / 1000;
  }

  get meanSeconds(): number {
    const count = this.#current.count + this.#previous.count;
    return count === 0 ? 0 : (this.#current.sumMs + this.#previous.sumMs) / count / 1000;
  }
}

function emptyWindow(startedAtMs: number) {
  return { startedAtMs, maxMs: 0, sumMs: 0, count: 0 };
}

const WINDOW_MS = 30_000;
