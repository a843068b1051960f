import { GatewayError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';

/**
 * Stands before an endpoint of a provider. After five failures in a row it answers in its place, for one second and then
 * for longer, up to five; then one call goes through to see. So a provider that is down costs no request its timeout,
 * and is not trampled on when it comes back. It also bounds how many calls may be under way, because callers choose how
 * many different tokens they send.
 *
 * Only `IDENTITY_UNAVAILABLE` is a failure: a refusal is an answer.
 */
export class Breaker {
  readonly #clock: Clock;
  #failures = 0;
  #openUntilMs = -Infinity;
  #isTrying = false;
  #underWay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#failures < MAX_FAILURES) return 'closed';
    return this.#clock.now() < this.#openUntilMs ? 'open' : 'half-open';
  }

  /** Rejects with `IDENTITY_UNAVAILABLE` at once when it is open, or when too much is under way. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const { state } = this;
    if (state === 'open' || this.#isTrying)
      throw new GatewayError('IDENTITY_UNAVAILABLE', 'the provider has failed too often in a row');
    if (this.#underWay === MAX_UNDER_WAY)
      throw new GatewayError('IDENTITY_UNAVAILABLE', 'the provider is asked too much at once');
    const isTrial = state === 'half-open';
    if (isTrial) this.#isTrying = true;
    this.#underWay++;
    try {
      const answer = await call();
      this.#failures = 0;
      return answer;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'IDENTITY_UNAVAILABLE') this.#failed();
      else this.#failures = 0;
      throw error;
    } finally {
      this.#underWay--;
      if (isTrial) this.#isTrying = false;
    }
  }

  #failed(): void {
    this.#failures++;
    if (this.#failures < MAX_FAILURES) return;
    const openMs = Math.min(FIRST_OPEN_MS * 2 ** (this.#failures - MAX_FAILURES), LONGEST_OPEN_MS);
    this.#openUntilMs = this.#clock.now() + openMs;
  }
}

const MAX_FAILURES = 5;
const FIRST_OPEN_MS = 1000;
const LONGEST_OPEN_MS = 5000;
const MAX_UNDER_WAY = 1000;
