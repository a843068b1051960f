import type { RedisConfig } from '@turnpike/config';
import type { CachePurge } from '../../core/cache-memory.ts';
import type { CacheSharing, FleetPurge } from '../../core/shared-cache.ts';
import { PurgeCalls } from './purge-calls.ts';
import { RedisCache, type RedisCachePorts } from './redis-cache.ts';
import { RedisFleetPurge } from './redis-fleet-purge.ts';

/** What a thread shares of its cache, over a connection that it has. */
export class RedisSharing implements CacheSharing {
  readonly cache: RedisCache;
  readonly #calls: PurgeCalls;

  constructor(config: RedisConfig, ports: Omit<RedisCachePorts, 'isBehind'>) {
    const calls = new PurgeCalls(config, ports);
    this.#calls = calls;
    this.cache = new RedisCache(config, { ...ports, isBehind: () => calls.isBehind });
  }

  fleetOf(memory: CachePurge): FleetPurge {
    return new RedisFleetPurge(this.#calls, memory);
  }

  close(): void {
    this.#calls.close();
  }
}
