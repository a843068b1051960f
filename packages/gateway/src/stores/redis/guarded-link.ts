import { GatewayError } from '../../core/errors.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import type { CommandLink } from './redis-link.ts';
import { StoreBreaker } from './store-breaker.ts';
import { LateAnswer, timely } from './timely-answers.ts';

/** What guards a link. */
export interface GuardPorts {
  readonly link: CommandLink;
  /** For one answer. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly timers: TimingWheel;
  readonly log: Log;
}

/**
 * Asks Redis for the cache. Nobody waits for longer than the timeout, and nobody at all while Redis does not answer.
 *
 * An error is an answer: whoever sends one is there, and does so at once.
 */
export class GuardedLink {
  readonly #ports: GuardPorts;
  readonly #breaker = new StoreBreaker();

  constructor(ports: GuardPorts) {
    this.#ports = ports;
  }

  /** What `ask` gives. Rejects with its error, or with `CACHE_STORE_UNAVAILABLE`. */
  async ask<T>(ask: (link: CommandLink) => Promise<T>): Promise<T> {
    const { link, clock, timers, timeoutMs } = this.#ports;
    if (!link.isUp || !this.#breaker.mayCall(clock.now())) throw unavailable(null);
    try {
      const answer = await timely(() => ask(link), timers, timeoutMs);
      this.#answered();
      return answer;
    } catch (error) {
      if (link.isUp && !(error instanceof LateAnswer)) {
        this.#answered();
        throw error;
      }
      this.#failed(error);
      throw unavailable(error);
    }
  }

  #answered(): void {
    if (this.#breaker.succeeded()) this.#ports.log.info('the shared cache answers again');
  }

  #failed(error: unknown): void {
    const { clock, link, log } = this.#ports;
    if (!this.#breaker.failed(clock.now())) return;
    const problem = error instanceof Error ? error.message : String(error);
    log.warn('the shared cache does not answer: gateways go on without it', { problem });
    link.renew();
  }
}

function unavailable(cause: unknown): GatewayError {
  return new GatewayError('CACHE_STORE_UNAVAILABLE', 'redis does not answer', { cause });
}
