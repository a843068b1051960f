import type { RedisConfig } from '@turnpike/config';
import type { CachePurge } from '../../core/cache-memory.ts';
import type { CacheSharing, FleetPurge } from '../../core/shared-cache.ts';
import { RedisCache, type RedisCachePorts } from './redis-cache.ts';
import { RedisFleetPurge } from './redis-fleet-purge.ts';

/** What a thread shares of its cache, over a connection that it has. */
export class RedisSharing implements CacheSharing {
  readonly cache: RedisCache;
  readonly #config: RedisConfig;
  readonly #ports: RedisCachePorts;

  constructor(config: RedisConfig, ports: RedisCachePorts) {
    this.#config = config;
    this.#ports = ports;
    this.cache = new RedisCache(config, ports);
  }

  fleetOf(memory: CachePurge): FleetPurge {
    return new RedisFleetPurge(this.#config, { ...this.#ports, memory });
  }
}
