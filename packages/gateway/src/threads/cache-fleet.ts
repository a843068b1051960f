import { hash } from 'node:crypto';
import { setTimeout as passed } from 'node:timers/promises';
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

/** Up to which purge of which fleet a memory knows. */
export interface FleetPosition {
  readonly id: string;
  readonly known: number;
}

/** How often it is looked whether all is known that was missed. */
const LOOK_EVERY_MS = 20;

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
  #resumed: FleetPosition | null = null;

  constructor(log: Log, memory: CachePurge) {
    this.#log = log;
    this.#memory = memory;
  }

  /** Purges for the fleet; null: this gateway is alone, or caches nothing. */
  get purge(): FleetPurge | null {
    return this.#connected?.purge ?? null;
  }

  /** Whether there is a fleet. */
  get isSharing(): boolean {
    return this.#connected !== null;
  }

  /** What is in memory knows of the purges of a fleet up to there; to be said before the first configuration. */
  resume(position: FleetPosition | null): void {
    this.#resumed = position;
  }

  /** Where it is now; null: there is no fleet, or it has not answered yet. */
  get position(): FleetPosition | null {
    const known = this.#connected?.watch.known ?? 0;
    return this.#config === null || known === 0 ? null : { id: fleetId(this.#config), known };
  }

  /** Whether a position is one of the fleet of now, which can tell what was purged since. */
  knows(position: FleetPosition | null): boolean {
    return this.#config !== null && position?.id === fleetId(this.#config);
  }

  /** Whether all is known that was missed before, within so long. */
  async caughtUp(patienceMs: number): Promise<boolean> {
    const endsAtMs = systemClock.now() + patienceMs;
    while (this.#connected !== null && systemClock.now() < endsAtMs) {
      if (this.#connected.watch.isCaughtUp) return true;
      await passed(LOOK_EVERY_MS, undefined, { ref: false });
    }
    return false;
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
      known: this.knows(this.#resumed) ? (this.#resumed?.known ?? 0) : 0,
      longestDelayMs: LONGEST_DELAY_MS,
    };
    this.#resumed = null;
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

/** Which fleet it is; without what is secret. */
function fleetId({ urls, keyPrefix }: RedisConfig): string {
  const hosts = urls.map((url) => new URL(url)).map(({ host, pathname }) => host + pathname);
  return hash('sha256', JSON.stringify([hosts, keyPrefix]), 'base64url');
}
