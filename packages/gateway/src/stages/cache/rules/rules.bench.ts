// What the rules cost. Run: node packages/gateway/src/stages/cache/rules/rules.bench.ts
import { addressOf } from './address.ts';
import { verdictOf } from './conditions.ts';
import { freshnessOf } from './freshness.ts';
import { countedQuery, keyMaker, variantKey } from './key.ts';
import { wantedBytes } from './ranges.ts';
import { requestDirectivesOf } from './request-directives.ts';
import { AT_ONCE, cacheConfig, dateAt, fields, NOW_MS } from './rules-testing.ts';
import { storedFields } from './stored-head.ts';
import { storingOf } from './storable.ts';
import { tagsOf } from './tags.ts';
import { responseDirectivesOf } from './targeted.ts';
import { useOf } from './use.ts';

const ROUNDS = 7;
const TIMES = 100_000;

const more = Array.from({ length: 8 }, (_, i) => `X-Field-${i}: value`);
const request = fields(
  'Host: shop.example',
  ...more,
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: de-DE,de;q=0.9,en;q=0.8',
  'Cache-Control: max-age=60',
  'If-None-Match: "abc"',
);
const headers = fields(
  'Content-Type: text/css',
  `Date: ${dateAt(0)}`,
  'ETag: "abc"',
  `Last-Modified: ${dateAt(-900)}`,
  'Cache-Control: public, max-age=3600, stale-while-revalidate=60',
  'Vary: Accept-Encoding',
  'Server: nginx',
);
const config = cacheConfig();
const answer = { status: 200, headers, directives: responseDirectivesOf(headers) };
const freshness = freshnessOf(answer, AT_ONCE, config);
const wishes = requestDirectivesOf(request);
const question = {
  method: 'GET',
  headers: request,
  wishes,
  hasBody: false,
  address: 'https://shop.example/a',
  caller: 'unknown',
} as const;
const key = { ...config.key, headers: ['accept-language'], ordered: false };
const plainKey = keyMaker(config.key, 'shop');
const richKey = keyMaker(key, 'shop');
const counted = countedQuery({ ...key, query: ['page', 'size'] });
const variant = { names: ['accept-encoding'], headers: request };
let sink: unknown = null;

function measure(name: string, run: (i: number) => unknown): void {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < TIMES; i++) sink = run(i);
    best = Math.min(best, ((performance.now() - start) * 1000) / TIMES);
  }
  process.stdout.write(`${best.toFixed(3).padStart(10)} µs  ${name}\n`);
}

/** A path that no request had before, as in real traffic. */
function address(i: number): string {
  return addressOf('https', 'shop.example', { path: `/images/${i}.png`, query: '?size=2&page=1&utm=x' });
}

process.stdout.write('for every request\n');
measure('address', address);
measure('address and key', (i) => plainKey({ address: address(i), headers: request, bodyDigest: null }));
measure('the same with a field, and a query in order', (i) =>
  richKey({ address: address(i), headers: request, bodyDigest: null }),
);
measure('the parameters that count', () => counted('?size=2&page=1&utm=x'));
measure('key of a variant', (i) => variantKey(`primary${i}`, variant, null));
measure('what the request wants', () => requestDirectivesOf(request));
measure('what a stored response is good for', (i) => useOf(freshness, wishes, NOW_MS + i));
measure('its conditions', () => verdictOf(request, answer, NOW_MS));
measure('a range', () => wantedBytes('bytes=0-1023', 100_000));
process.stdout.write('for every response that may be stored\n');
measure('what it says', () => responseDirectivesOf(headers));
measure('freshness', () => freshnessOf(answer, AT_ONCE, config));
measure('whether it is stored', () => storingOf(question, { ...answer, timing: AT_ONCE, freshness }, config));
measure('its fields', () => storedFields(answer, AT_ONCE, config));
measure('its tags', () =>
  tagsOf(headers, { address: 'https://shop.example/images/a.png', route: 'shop' }, config),
);
if (sink === undefined) throw new Error('nothing was measured');
