// What the cache that gateways share costs this process. Run: node packages/gateway/src/stores/redis/redis-cache.bench.ts
import { setTimeout as delay } from 'node:timers/promises';
import { redisServer } from '@turnpike/testkit/redis-server';
import { systemClock } from '../../core/ports.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { PurgeWatch } from './purge-watch.ts';
import { RedisLink } from './redis-link.ts';
import { redisOpener } from './redis-opener.ts';
import { RedisSharing } from './redis-sharing.ts';

const SECONDS = 2;
/** Looks that a thread under load has under way at once. */
const LANES = 16;

const redis = await redisServer();
const timers = new TimingWheel(() => systemClock.now());
timers.start();
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const config = {
  mode: 'single',
  urls: [redis.url],
  master: null,
  authorities: null,
  keyPrefix: 'bench:',
  timeoutMs: 5000,
} as const;
const link = new RedisLink(redisOpener(config), { timers, log });
const ports = { link, clock: systemClock, timers, log };
const memory = { purge: () => {} };
const counts = { found: 0, missing: 0, unavailable: 0, stored: 0, dropped: 0 };
const sharing = new RedisSharing(config, { ...ports, count: (result) => void counts[result]++ });
const { cache } = sharing;
const fleet = sharing.fleetOf(memory);
const watch = new PurgeWatch(config, { ...ports, memory, known: 0 });
await delay(1000);

const head = `R 200 1 2 3 4 5 6 7 8${'\r\nContent-Type: text/html; charset=utf-8'.repeat(8)}`;
const tags = [
  '*',
  'r shop',
  'a https://shop.example/a',
  'p https://shop.example/',
  't a',
  't b',
  't c',
  't d',
];

async function asOf(): Promise<number> {
  const find = await cache.get('none');
  if (find.kind === 'unavailable') throw new Error('there is no Redis');
  return find.asOf;
}

async function store(key: string, bytes: number): Promise<void> {
  const before = counts.stored;
  cache.put(key, { head, body: Buffer.alloc(bytes, 'x'), tags, asOf: await asOf(), keepMs: 600_000 });
  while (counts.stored === before) await delay(1);
}

/** Does it in some lanes for a while, and says what each cost and took. */
async function measure(name: string, once: () => Promise<unknown>): Promise<void> {
  let count = 0;
  let longestMs = 0;
  const before = process.cpuUsage();
  const startMs = performance.now();
  const endMs = startMs + SECONDS * 1000;
  const lane = async (): Promise<void> => {
    for (let nowMs = performance.now(); nowMs < endMs; count++) {
      await once();
      const thenMs = performance.now();
      longestMs = Math.max(longestMs, thenMs - nowMs);
      nowMs = thenMs;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const { user, system } = process.cpuUsage(before);
  const passedMs = performance.now() - startMs;
  const each = [
    `${((user + system) / count).toFixed(1)} µs CPU each`,
    `${((1000 * count) / passedMs).toFixed(0)}/s`,
    `${((LANES * passedMs) / count).toFixed(2)} ms on average`,
    `${longestMs.toFixed(1)} ms at most`,
  ];
  process.stdout.write(`${name}: ${each.join(', ')}\n`);
}

const SIZES: Readonly<Record<string, number>> = { '1 KiB': 1024, '64 KiB': 65_536, '1 MiB': 1_048_576 };

await measure('a look that finds nothing', () => cache.get('none'));
for (const [name, bytes] of Object.entries(SIZES)) {
  await store('k', bytes);
  await measure(`a look that finds ${name}`, () => cache.get('k'));
}
await store('k', 1024);
await fleet.purge(['t others'], 'hard');
await measure('a look that finds 1 KiB from before a purge of others', () => cache.get('k'));
let locks = 0;
await measure('a lock that is taken and let go', async () => {
  const key = `lock ${locks++}`;
  await cache.lock(key, 1000);
  cache.unlock(key);
});
let puts = 0;
const now = await asOf();
for (const [name, bytes] of Object.entries(SIZES)) {
  const entry = { head, body: Buffer.alloc(bytes, 'x'), tags, asOf: now, keepMs: 600_000 };
  // A look behind it waits for it, as it uses the same connection.
  await measure(`${name} that is stored, and a look`, () => {
    cache.put(`put ${puts++ % 100}`, entry);
    return cache.get('none');
  });
}
const { stored, dropped } = counts;
process.stdout.write(`stored ${stored}, left out ${dropped}\n`);
let purges = 0;
await measure('a purge', () => fleet.purge([`t ${purges++}`], 'hard'));
await watch.close();
await link.close(100);
await redis.close();
process.exit();
