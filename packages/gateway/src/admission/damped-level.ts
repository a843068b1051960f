/**
 * A level of alarm that rises at once, and falls slowly: what is shed makes the reason go away, and would bring it back if
 * it were let in again at once.
 */
export class DampedLevel {
  #level = 0;
  #measuredMs = 0;

  get value(): number {
    return this.#level;
  }

  /** Takes in what is measured now. */
  measure(level: number, nowMs: number): void {
    const fallen = this.#level - (nowMs - this.#measuredMs) / FALL_MS;
    this.#level = Math.max(level, fallen, 0);
    this.#measuredMs = nowMs;
  }
}

/** For one step. */
const FALL_MS = 1000;
