/**
 * Tells a burst from a standing queue (CoDel, RFC 8289): a queue in which even the luckiest waited longer than 5 ms for a
 * whole interval of 100 ms does no good, it only makes everybody late.
 *
 * A burst is waited out in the order of arrival. In a standing queue the newest goes first and the others give up soon, so
 * that those who are served were quick.
 */
export class Codel {
  /** Whether there is a standing queue. */
  isStanding = false;
  #shortestMs = Infinity;
  #intervalEndsMs = -Infinity;

  /** How long one may wait. */
  get patienceMs(): number {
    return this.isStanding ? STANDING_PATIENCE_MS : PATIENCE_MS;
  }

  /** Somebody has left the queue, served or not, after so long; 0 when it is empty. */
  left(waitedMs: number, nowMs: number): void {
    this.#shortestMs = Math.min(this.#shortestMs, waitedMs);
    if (nowMs < this.#intervalEndsMs) return;
    // After a pause nothing is known of the time since the last interval.
    const isRecent = nowMs - this.#intervalEndsMs < INTERVAL_MS;
    this.isStanding = isRecent && this.#shortestMs > TARGET_MS;
    this.#shortestMs = Infinity;
    this.#intervalEndsMs = nowMs + INTERVAL_MS;
  }
}

const TARGET_MS = 5;
const INTERVAL_MS = 100;
const PATIENCE_MS = 100;
const STANDING_PATIENCE_MS = 10;
