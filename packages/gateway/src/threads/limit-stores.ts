import { isDeepStrictEqual } from 'node:util';
import type { GatewayConfig, RedisConfig } from '@turnpike/config';
import type { Inspection } from '../core/counters.ts';
import { systemClock, type Log } from '../core/ports.ts';
import { TimingWheel } from '../core/timing-wheel.ts';
import { LocalCounters } from '../stores/local/local-counters.ts';
import { RedisBuckets } from '../stores/redis/redis-buckets.ts';
import type { SharedMemory } from './shared-memory.ts';

/** The buckets of limits as the supervisor sees them. */
export class LimitStores {
  readonly local: Inspection;
  readonly #log: Log;
  readonly #leases: SharedArrayBuffer;
  readonly #wheel = new TimingWheel(() => systemClock.now());
  #stopWheel: () => void = () => {};
  #config: RedisConfig | null = null;
  #redis: RedisBuckets | null = null;

  constructor(log: Log, { counters, leases }: Pick<SharedMemory, 'counters' | 'leases'>) {
    this.local = new LocalCounters(counters, systemClock);
    this.#log = log;
    this.#leases = leases;
  }

  /** Null: nothing is counted there. */
  get redis(): RedisBuckets | null {
    return this.#redis;
  }

  /** Takes over a configuration. */
  use({ routes, stores }: Pick<GatewayConfig, 'routes' | 'stores'>): void {
    const isCounting = routes.some(({ policies }) =>
      policies.rateLimit.some(({ store }) => store === 'redis'),
    );
    const config = isCounting ? stores.redis : null;
    if (isDeepStrictEqual(config, this.#config)) return;
    this.close().catch((error: unknown) => this.#log.warn('a connection to Redis did not close', { error }));
    this.#config = config;
    if (config === null) return;
    this.#stopWheel();
    this.#stopWheel = this.#wheel.start();
    const ports = { timers: this.#wheel, log: this.#log, clock: systemClock, leases: this.#leases };
    this.#redis = new RedisBuckets(config, ports);
  }

  async close(): Promise<void> {
    const [before, config, stopWheel] = [this.#redis, this.#config, this.#stopWheel];
    this.#redis = null;
    this.#config = null;
    if (before === null || config === null) return;
    await before.close(config.timeoutMs);
    if (this.#redis === null) stopWheel();
  }
}
