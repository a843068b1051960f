const FAILURES = 5;
const PAUSE_MS = 1000;

/**
 * Spares a service that does not answer, and those who would wait for it: after five failures in a row nobody is let through
 * for a second, and then one, until one succeeds.
 */
export class Breaker {
  #failures = 0;
  #closedUntilMs = 0;

  /** Whether to ask now. A yes after a pause is for one only: the others wait for what becomes of it. */
  mayAsk(nowMs: number): boolean {
    if (this.#failures < FAILURES) return true;
    if (nowMs < this.#closedUntilMs) return false;
    this.#closedUntilMs = nowMs + PAUSE_MS;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Says whether this failure was the one that began a pause. */
  failed(nowMs: number): boolean {
    this.#failures++;
    if (this.#failures < FAILURES) return false;
    this.#closedUntilMs = nowMs + PAUSE_MS;
    return this.#failures === FAILURES;
  }
}
