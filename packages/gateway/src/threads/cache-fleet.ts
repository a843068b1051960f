import { isDeepStrictEqual } from 'node:util';
import type { GatewayConfig, RedisConfig } from '@turnpike/config';
import type { CachePurge } from '../core/cache-memory.ts';
import { systemClock, type Log } from '../core/ports.ts';
import type { FleetPurge } from '../core/shared-cache.ts';
import { TimingWheel } from '../core/timing-wheel.ts';
import { PurgeWatch } from '../stores/redis/purge-watch.ts';
import { PurgeCalls } from '../stores/redis/purge-calls.ts';
import { RedisFleetPurge } from '../stores/redis/redis-fleet-purge.ts';
import { RedisLink } from '../stores/redis/redis-link.ts';
import { redisOpener } from '../stores/redis/redis-opener.ts';

/** A purge has a second to reach everybody, also after Redis was gone. */
const LONGEST_DELAY_MS = 250;

/** What is there for one configuration of Redis. */
interface Connected {
  readonly link: RedisLink;
  readonly watch: PurgeWatch;
  readonly calls: PurgeCalls;
  readonly purge: FleetPurge;
  readonly timeoutMs: number;
}

/** What others purge is purged from the memory of this process, and what is purged here from that of others. Once a process. */
export class CacheFleet {
  readonly #log: Log;
  readonly #memory: CachePurge;
  readonly #wheel = new TimingWheel(() => systemClock.now());
  #stopWheel: () => void = () => {};
  #config: RedisConfig | null = null;
  #connected: Connected | null = null;

  constructor(log: Log, memory: CachePurge) {
    this.#log = log;
    this.#memory = memory;
  }

  /** Purges for the fleet; null: this gateway is alone, or caches nothing. */
  get purge(): FleetPurge | null {
    return this.#connected?.purge ?? null;
  }

  /** Takes over a configuration. */
  use({ routes, stores }: Pick<GatewayConfig, 'routes' | 'stores'>): void {
    const isCaching = routes.some(({ policies }) => policies.cache?.store === 'redis');
    const config = isCaching ? stores.redis : null;
    if (isDeepStrictEqual(config, this.#config)) return;
    this.close().catch((error: unknown) => this.#log.warn('a connection to Redis did not close', { error }));
    this.#config = config;
    if (config !== null) this.#connected = this.#connect(config);
  }

  async close(): Promise<void> {
    const before = this.#connected;
    const stopWheel = this.#stopWheel;
    this.#connected = null;
    this.#config = null;
    if (before === null) return;
    const { watch, calls, link, timeoutMs } = before;
    calls.close();
    await Promise.all([watch.close(), link.close(timeoutMs)]);
    if (this.#connected === null) stopWheel();
  }

  #connect(config: RedisConfig): Connected {
    this.#stopWheel();
    this.#stopWheel = this.#wheel.start();
    const ports = {
      timers: this.#wheel,
      log: this.#log,
      clock: systemClock,
      memory: this.#memory,
      longestDelayMs: LONGEST_DELAY_MS,
    };
    const link = new RedisLink(redisOpener(config), ports);
    const calls = new PurgeCalls(config, { ...ports, link });
    return {
      link,
      watch: new PurgeWatch(config, { ...ports, link }),
      calls,
      purge: new RedisFleetPurge(calls, this.#memory),
      timeoutMs: config.timeoutMs,
    };
  }
}
