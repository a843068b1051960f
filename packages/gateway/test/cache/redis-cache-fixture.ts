import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { RedisConfig } from '@turnpike/config';
import { manualClock } from '@turnpike/testkit';
import type { FleetPurge, SharedEntry, SharedFind } from '../../src/core/shared-cache.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import { PurgeWatch } from '../../src/stores/redis/purge-watch.ts';
import type { RedisCache, SharedCacheResult } from '../../src/stores/redis/redis-cache.ts';
import { RedisSharing } from '../../src/stores/redis/redis-sharing.ts';
import { RedisLink } from '../../src/stores/redis/redis-link.ts';
import { redisOpener } from '../../src/stores/redis/redis-opener.ts';

/** Far more than anything takes on a busy machine. */
const PATIENCE_MS = 60_000;

/** One gateway: a thread that looks, and what its supervisor does. Time passes when the test lets it. */
export interface CacheGateway extends AsyncDisposable {
  readonly cache: RedisCache;
  readonly fleet: FleetPurge;
  readonly link: RedisLink;
  /** What was purged in its memory, such as `hard t shoes`. */
  readonly purged: string[];
  /** How many looks and writes came to what. */
  readonly counts: Readonly<Record<SharedCacheResult, number>>;
  /** What was logged. */
  readonly said: readonly string[];
  /** How much time has passed. */
  readonly passedMs: number;
  /** Lets time pass, and then has everything answered that was asked. */
  pass(ms: number): Promise<void>;
  /** Lets time pass in small steps until it holds. */
  until(holds: () => boolean | Promise<boolean>, what: string): Promise<void>;
  /** Waits until the store can be used; gives what is found then. */
  whenUp(key?: string): Promise<SharedFind>;
  /** Waits until it has heard of the purges so far, and forgets that it did. */
  whenCurrent(): Promise<void>;
  /** Puts something, and waits until it is there. */
  store(key: string, fields?: Partial<SharedEntry>): Promise<void>;
}

/** Starts a gateway. */
export function startCache(config: RedisConfig): CacheGateway {
  const clock = manualClock();
  const timers = new TimingWheel(() => clock.now());
  const said: string[] = [];
  const say = (message: string, fields: object = {}) =>
    void said.push(`${message} ${JSON.stringify(fields)}`);
  const log = { debug: say, info: say, warn: say, error: say };
  const purged: string[] = [];
  const memory = {
    purge: (tags: readonly string[], kind: 'hard' | 'soft') => void purged.push(`${kind} ${tags.join()}`),
  };
  const link = new RedisLink(redisOpener(config), { timers, log, longestDelayMs: 250 });
  const ports = { link, clock, timers, log, memory, longestDelayMs: 250 };
  const counts = { found: 0, missing: 0, unavailable: 0, stored: 0, dropped: 0 };
  const sharing = new RedisSharing(config, { ...ports, count: (result) => void counts[result]++ });
  const { cache } = sharing;
  const fleet = sharing.fleetOf(memory);
  const watch = new PurgeWatch(config, { ...ports, known: 0 });
  const startMs = clock.now();

  const gateway: CacheGateway = {
    cache,
    fleet,
    counts,
    link,
    purged,
    said,
    get passedMs() {
      return clock.now() - startMs;
    },
    async pass(ms) {
      clock.advance(ms);
      timers.advance();
      // Answers come in turn; without a connection there are none.
      await Promise.race([link.send('', ['ECHO', '']).catch(() => delay(1)), delay(50)]);
      await delay(0);
    },
    async until(holds, what) {
      const endsAtMs = performance.now() + PATIENCE_MS;
      while (!(await holds())) {
        assert.ok(performance.now() < endsAtMs, `${what}: never; ${said.join('; ')}`);
        await gateway.pass(10);
      }
    },
    async whenUp(key = 'anything') {
      let find: SharedFind = { kind: 'unavailable' };
      const looks = async () => {
        const looking = { isOver: false };
        const looked = cache.get(key).finally(() => (looking.isOver = true));
        for (let i = 0; !looking.isOver && i < 1000; i++) await delay(i > 500 ? 10 : 0);
        if (!looking.isOver) await gateway.pass(100);
        find = await looked;
        return find.kind !== 'unavailable';
      };
      await gateway.until(looks, 'the store can be used');
      return find;
    },
    async whenCurrent() {
      await gateway.until(() => purged.includes('hard *'), 'it knows the purges');
      await gateway.whenUp();
      purged.length = 0;
    },
    async store(key, fields = {}) {
      const { asOf } = known(await gateway.whenUp(key));
      const before = counts.stored;
      cache.put(key, { ...entry(asOf), ...fields });
      await gateway.until(() => counts.stored > before, 'it is stored');
    },
    async [Symbol.asyncDispose]() {
      const closing = { isOver: false };
      const closed = Promise.all([watch.close(), link.close(50)]).finally(() => (closing.isOver = true));
      while (!closing.isOver) await gateway.pass(100);
      await closed;
    },
  };
  return gateway;
}

/** A response with the tag `t shoes`. */
export function entry(asOf: number, text = 'a response'): SharedEntry {
  return { head: '{"status":200}', body: Buffer.from(text), tags: ['*', 't shoes'], asOf, keepMs: 60_000 };
}

/** What was found, which must not be nothing because of the store. */
export function known(find: SharedFind): Exclude<SharedFind, { kind: 'unavailable' }> {
  assert.notEqual(find.kind, 'unavailable');
  return find as Exclude<SharedFind, { kind: 'unavailable' }>;
}

/** The text of what was found, or why there is none. */
export function textOf(find: SharedFind): string {
  return find.kind === 'found' ? find.body.toString() : find.kind;
}
