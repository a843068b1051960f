// What a hit and a fill cost. Run: node packages/gateway/src/stores/cache/cache-memory.bench.ts
import { TAKEN, type Body, type BodySink, type Taken } from '../../core/body.ts';
import { systemClock } from '../../core/ports.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { CacheArea } from './area.ts';
import { SharedCache } from './shared-cache.ts';

const ROUNDS = 7;
const CACHE_BYTES = 256 * 1024 * 1024;
const HEAD = `200\n${'content-type: application/json\r\netag: "abcdefgh"\r\nvary: accept-encoding\r\n'.repeat(4)}`;
const wheel = new TimingWheel(systemClock.now);

function measure(name: string, times: number, work: (i: number) => void): void {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < times; i++) work(i);
    best = Math.min(best, ((performance.now() - start) * 1e6) / times);
  }
  process.stdout.write(`${best.toFixed(0).padStart(8)} ns  ${name}\n`);
}

/** Takes all there is, and looks at none of it. */
class Nowhere implements BodySink {
  bytes = 0;
  write(chunk: Buffer): Taken {
    this.bytes += chunk.length;
    return TAKEN;
  }
  flush(): void {}
  end(): void {}
  fail(): void {}
}
const nowhere = new Nowhere();

function take(body: Body): void {
  if (typeof body === 'string') nowhere.bytes += body.length;
  else body?.readTo(nowhere);
}

function cacheOf(bytes = CACHE_BYTES) {
  const buffer = CacheArea.allocate(bytes, 8);
  const ports = { decodeHead: (head: string) => ({ head }), clock: systemClock, wheel };
  return new SharedCache(buffer, { seat: 0, ...ports });
}

/** A text in one piece, as parsers give it. */
const flat = (text: string): string => Buffer.from(text).toString('latin1');
const keys = Array.from({ length: 65_536 }, (_, i) =>
  flat(`GET https://shop.example.com/products/${i}?lang=en`),
);
const keyAt = (i: number): string => keys[i % keys.length] ?? '';
const TAGS = ['*', 'r shop', 'a https://shop.example.com/products/1', 'p https://shop.example.com/'];

function store(cache: ReturnType<typeof cacheOf>, key: string, body: Buffer): void {
  const fill = cache.begin(key);
  if (fill?.open({ head: HEAD, length: body.length, tags: TAGS, maxBytes: 1e9 }) !== true)
    throw new Error(key);
  fill.write(body);
  fill.commit();
}

function hit(cache: ReturnType<typeof cacheOf>, key: string): void {
  const found = cache.find(key);
  if (found?.kind !== 'stored') throw new Error(`${key} is not there`);
  take(found.body(0, found.length));
  found.release();
}

for (const [size, hot, cold] of [
  [1024, 1000, 32_768],
  [16 * 1024, 100, 4096],
  [64 * 1024, 100, 2048],
] as const) {
  const cache = cacheOf();
  const body = Buffer.alloc(size, 'x');
  const name = `${size / 1024} KiB`;
  for (let i = 0; i < cold; i++) store(cache, keyAt(i), body);
  measure(`hit of ${name}, hot`, 100_000, (i) => hit(cache, keyAt(i % hot)));
  measure(`hit of ${name}, cold`, 32_768, (i) => hit(cache, keyAt(i % cold)));
  const purger = cacheOf();
  for (let i = 0; i < hot; i++) store(purger, keyAt(i), body);
  measure(`hit of ${name}, hot, a purge of something else before each`, 50_000, (i) => {
    purger.purge(['a https://shop.example.com/other'], 'hard');
    hit(purger, keyAt(i % hot));
  });
  const text = new Map(keys.slice(0, hot).map((key) => [key, { head: HEAD, body: body.toString('latin1') }]));
  measure(`hit of ${name}, in a map of texts of this thread`, 100_000, (i) => {
    take(text.get(keyAt(i % hot))?.body ?? '');
  });
  const small = cacheOf(32 * 1024 * 1024);
  measure(`fill of ${name}, when another has to go`, 16_384, (i) => store(small, keyAt(i), body));
  const map = new Map<string, { head: string; body: Buffer }>();
  measure(`fill of ${name}, copied into a map of buffers of this thread`, 4096, (i) => {
    map.set(keyAt(i), { head: HEAD, body: Buffer.from(body) });
  });
}
const misses = cacheOf();
measure('miss', 32_768, (i) => void misses.find(keyAt(i)));
