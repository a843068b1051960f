import type { CachePurge } from '../../core/cache-memory.ts';
import { GatewayError } from '../../core/errors.ts';
import type { FleetPurge } from '../../core/shared-cache.ts';
import type { PurgeCalls } from './purge-calls.ts';

/** Purges a memory and Redis, and thereby the memory of everybody. */
export class RedisFleetPurge implements FleetPurge {
  readonly #calls: PurgeCalls;
  readonly #memory: CachePurge;

  constructor(calls: PurgeCalls, memory: CachePurge) {
    this.#calls = calls;
    this.#memory = memory;
  }

  async purge(tags: readonly string[], kind: 'hard' | 'soft'): Promise<void> {
    this.#memory.purge(tags, kind);
    try {
      await this.#calls.tell(tags, kind);
    } catch (cause) {
      const message = 'redis does not answer: purged in this gateway, the others hear of it when it does';
      throw new GatewayError('CACHE_STORE_UNAVAILABLE', message, { cause });
    }
    // What a thread has taken from Redis just before it was purged there.
    this.#memory.purge(tags, kind);
  }
}
