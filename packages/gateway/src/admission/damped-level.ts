/**
 * A level of alarm that rises at once, and falls one step at a time when there was no reason for it for a while: what is
 * shed makes the reason go away, and would bring it back if it were let in again at once.
 */
export class DampedLevel {
  #level = 0;
  #heldUntilMs = -Infinity;

  get value(): number {
    return this.#level;
  }

  /** Takes in what is measured now. */
  measure(level: number, nowMs: number): void {
    if (level < this.#level && nowMs < this.#heldUntilMs) return;
    this.#level = Math.max(level, this.#level - 1);
    if (this.#level > 0) this.#heldUntilMs = nowMs + HOLD_MS;
  }
}

const HOLD_MS = 1000;
