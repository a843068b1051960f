import type { ServiceTally } from './service-tallies.ts';

/** As many retries are always allowed in the window: a share of little traffic would be none. */
export const LEAST_RETRIES = 10;

/**
 * How many retries a service gets, over all threads and routes.
 *
 * When a service is down, every request fails, and a number of attempts for each would multiply the load just when it hurts
 * most. So retries are a share of the requests of the last ten seconds. The least that is always allowed is a minimum, not
 * something on top, and therefore from 50 requests in ten seconds on a budget of 20 % keeps its word: at most 1.2 attempts
 * for each request. How many are retried at once is not bounded beside that: an endpoint that dies takes all requests with
 * it that were under way there, and of few endpoints that is many at once.
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
    const { requests, retries } = this.#tally.total(nowMs);
    if (this.#share === 0) return false;
    return retries < Math.max(LEAST_RETRIES, Math.floor(requests * this.#share));
  }

  /** Takes one, if there is room. */
  tryTake(nowMs: number): boolean {
    if (!this.hasRoom(nowMs)) return false;
    this.#tally.retry(nowMs);
    return true;
  }
}
