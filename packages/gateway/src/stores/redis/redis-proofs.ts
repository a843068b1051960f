import { hash } from 'node:crypto';
import type { RedisConfig } from '@turnpike/config';
import { GatewayError } from '../../core/errors.ts';
import type { SharedProofs } from '../../core/proof-memory.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import type { CommandLink } from './redis-link.ts';
import { StoreBreaker } from './store-breaker.ts';
import { timely } from './timely-answers.ts';

/** What it takes to share proofs. */
export interface ProofStorePorts {
  readonly link: CommandLink;
  readonly clock: Clock;
  readonly timers: TimingWheel;
  readonly log: Log;
}

/**
 * Proofs that some gateway has seen, in Redis: a key for each, which expires with it, written only if it is not there. By
 * a digest, because what clients choose can be long.
 */
export class RedisProofs implements SharedProofs {
  readonly #prefix: string;
  readonly #timeoutMs: number;
  readonly #ports: ProofStorePorts;
  readonly #breaker = new StoreBreaker();

  constructor({ keyPrefix, timeoutMs }: RedisConfig, ports: ProofStorePorts) {
    this.#prefix = keyPrefix;
    this.#timeoutMs = timeoutMs;
    this.#ports = ports;
  }

  async isNew(key: string, ttlMs: number): Promise<boolean> {
    const { link, clock, timers, log } = this.#ports;
    if (!link.isUp || !this.#breaker.mayCall(clock.now())) throw unavailable(null);
    const name = `${this.#prefix}dpop:{${hash('sha256', key, 'base64url').slice(0, DIGEST_LENGTH)}}`;
    const command = ['SET', name, '', 'NX', 'PX', String(Math.ceil(ttlMs))];
    try {
      const answer = await timely(() => link.send(name, command), timers, this.#timeoutMs);
      if (this.#breaker.succeeded()) log.info('redis remembers proofs again');
      return answer !== null;
    } catch (cause) {
      if (this.#breaker.failed(clock.now())) {
        log.warn('redis does not remember proofs', { problem: String(cause) });
        link.renew();
      }
      throw unavailable(cause);
    }
  }
}

/** 132 bits: two proofs never meet. */
const DIGEST_LENGTH = 22;

function unavailable(cause: unknown): GatewayError {
  return new GatewayError('COUNTERS_UNAVAILABLE', 'redis does not remember proofs', { cause });
}
