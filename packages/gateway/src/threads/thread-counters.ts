import { isDeepStrictEqual } from 'node:util';
import type { RedisConfig } from '@turnpike/config';
import type { Counters } from '../core/counters.ts';
import { systemClock, type Clock, type Log } from '../core/ports.ts';
import type { SharedProofs } from '../core/proof-memory.ts';
import type { CacheSharing } from '../core/shared-cache.ts';
import type { TimingWheel } from '../core/timing-wheel.ts';
import { LocalCounters } from '../stores/local/local-counters.ts';
import type { SharedCacheResult } from '../stores/redis/redis-cache.ts';
import { RedisCounters } from '../stores/redis/redis-counters.ts';
import { RedisLink } from '../stores/redis/redis-link.ts';
import { redisOpener } from '../stores/redis/redis-opener.ts';
import { RedisProofs } from '../stores/redis/redis-proofs.ts';
import { RedisSharing } from '../stores/redis/redis-sharing.ts';
import type { SharedMemory } from './shared-memory.ts';

/** What counters of a thread need. */
export interface CounterPorts extends Pick<SharedMemory, 'counters' | 'leases'> {
  readonly log: Log;
  readonly wheel: TimingWheel;
  /** What became of a look into the cache that is shared, or of a write. */
  readonly countShared: (result: SharedCacheResult) => void;
}

/**
 * Where a thread counts, and what it shares of its cache, over one connection. Both stores outlast reloads; Redis is another
 * one only when its configuration is.
 */
export class ThreadCounters {
  readonly local: Counters;
  readonly #ports: CounterPorts;
  #config: RedisConfig | null = null;
  #redis: RedisCounters | null = null;
  #sharing: RedisSharing | null = null;
  #proofs: SharedProofs | null = null;

  constructor(ports: CounterPorts) {
    this.#ports = ports;
    this.local = new LocalCounters(ports.counters, coarse(ports.wheel));
  }

  get redis(): Counters | null {
    return this.#redis;
  }

  get sharing(): CacheSharing | null {
    return this.#sharing;
  }

  /** Proofs that some gateway has seen. */
  get proofs(): SharedProofs | null {
    return this.#proofs;
  }

  /** Takes over a configuration. What counts in the store before goes on until its last request. */
  use(config: RedisConfig | null): void {
    if (isDeepStrictEqual(config, this.#config)) return;
    const { log, leases, wheel, countShared } = this.#ports;
    const before = this.#redis;
    this.#config = config;
    this.#redis = null;
    this.#sharing?.close();
    this.#sharing = null;
    this.#proofs = null;
    if (config !== null) {
      const ports = { clock: systemClock, log, leases, timers: wheel };
      const link = new RedisLink(redisOpener(config), ports);
      this.#redis = new RedisCounters(config, ports, link);
      this.#proofs = new RedisProofs(config, { ...ports, link });
      this.#sharing = new RedisSharing(config, { ...ports, link, count: countShared });
    }
    before?.close().catch((error: unknown) => log.warn('a connection to Redis did not close', { error }));
  }

  async close(): Promise<void> {
    await this.#redis?.close();
  }
}

/**
 * The time of the wheel, which every request and every answer of a service sets: to read the clock once more for each limit
 * would cost a third of the decision. After a wait for somebody else it may be a tick behind, never ahead; what is counted
 * then counts as if it had come that much earlier.
 */
function coarse(wheel: TimingWheel): Clock {
  return { now: () => wheel.nowMs, epoch: () => systemClock.epoch() };
}
