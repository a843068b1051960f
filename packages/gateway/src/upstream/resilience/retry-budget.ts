import type { ServiceTally } from './service-tallies.ts';

/** As many retries are always allowed in the window, and at once: a share of little traffic would be none. */
export const LEAST_RETRIES = 10;

/**
 * How many retries a service gets, over all threads and routes.
 *
 * When a service is down, every request fails, and a number of attempts for each would multiply the load just when it hurts
 * most. So retries are a share of the requests: in the last ten seconds, and of those that are under way. The least
 * that is always allowed is a minimum, not something on top, and therefore from 50 requests in ten seconds on a budget of 20 %
 * keeps its word: at most 1.2 attempts for each request.
 */
export class RetryBudget {
  readonly #tally: ServiceTally;
  readonly #share: number;

  constructor(tally: ServiceTally, percent: number) {
    this.#tally = tally;
    this.#share = percent / 100;
  }

  /** Whether there is room for one more. */
  hasRoom(nowMs: number): boolean {
    const { requests, retries, inflight, retrying } = this.#tally.total(nowMs);
    return retries < this.#mostOf(requests) && retrying < this.#mostOf(inflight);
  }

  /** Takes one, if there is room. What was taken must be given back by `release`, once. */
  tryTake(nowMs: number): boolean {
    if (!this.hasRoom(nowMs)) return false;
    this.#tally.beginRetry(nowMs);
    return true;
  }

  /** A retry is over, whatever came of it. */
  release(): void {
    this.#tally.endRetry();
  }

  #mostOf(requests: number): number {
    return this.#share === 0 ? 0 : Math.max(LEAST_RETRIES, Math.floor(requests * this.#share));
  }
}
