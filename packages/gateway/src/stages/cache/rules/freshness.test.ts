import type { CacheConfig } from '@turnpike/config';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freshnessOf, type Freshness } from './freshness.ts';
import { answerOf, AT_ONCE, cacheConfig, dateAt, freshnessFrom, NOW } from './rules-testing.ts';

type Lifetime = readonly [source: Freshness['source'], seconds: number];
type Row = readonly [
  section: string,
  parts: readonly (string | number)[],
  lifetime: Lifetime,
  config?: Partial<CacheConfig>,
];

const ttl = { defaultTtlMs: 60_000 };
const statusTtl = { statusTtlMs: { 404: 5000, 302: 7000, 503: 1000 }, defaultTtlMs: 60_000 };
const heuristic = { heuristic: true };
const changed = `Last-Modified: ${dateAt(-86_400)}`;
const date = `Date: ${NOW}`;

const lifetimes: readonly Row[] = [
  ['RFC 9111 §4.2.1', ['Cache-Control: max-age=60, s-maxage=30', `Expires: ${dateAt(90)}`], ['s-maxage', 30]],
  ['RFC 9111 §4.2.1', ['Cache-Control: s-maxage=0, max-age=60'], ['s-maxage', 0]],
  ['RFC 9111 §4.2.1', ['Cache-Control: max-age=60', `Expires: ${dateAt(-90)}`], ['max-age', 60]],
  ['RFC 9111 §4.2.1', ['Cache-Control: max-age=0', `Expires: ${dateAt(90)}`], ['max-age', 0]],
  ['RFC 9111 §4.2.1', ['Cache-Control: max-age=x', `Expires: ${dateAt(90)}`], ['max-age', 0]],
  ['RFC 9111 §4.2.1', [date, `Expires: ${dateAt(90)}`], ['expires', 90]],
  ['RFC 9111 §4.2.1', [`Date: ${dateAt(400)}`, `Expires: ${dateAt(300)}`], ['expires', 0]],
  ['RFC 9111 §4.2.1', [`Date: ${dateAt(10)}`, `Expires: ${dateAt(20)}`], ['expires', 10]],
  ['RFC 9111 §5.3', [date, 'Expires: 0'], ['expires', 0]],
  ['RFC 9111 §5.3', [date, `Expires: ${NOW}`], ['expires', 0]],
  ['RFC 9111 §5.3', [date, `Expires: ${dateAt(9)}`, `Expires: ${dateAt(8)}`], ['expires', 0]],
  ['RFC 9110 §6.6.1', ['Date: foo', `Expires: ${dateAt(10)}`], ['expires', 10]],
  ['RFC 9110 §6.6.1', [`Expires: ${dateAt(10)}`], ['expires', 10]],
  ['RFC 9111 §1.2.2', [date, 'Expires: Fri, 31 Dec 9999 23:59:59 GMT'], ['expires', 2 ** 31]],
  ['RFC 9213 §2.2', ['CDN-Cache-Control: max-age=5', `Expires: ${dateAt(90)}`], ['max-age', 5]],
  ['RFC 9213 §2.2', ['CDN-Cache-Control: public', `Expires: ${dateAt(90)}`], ['none', 0]],
  ['RFC 9111 §4.2', [], ['none', 0]],
  ['configuration', [200], ['default', 60], ttl],
  ['configuration', [200, 'Cache-Control: max-age=5'], ['max-age', 5], ttl],
  ['configuration', [200, changed], ['default', 60], { ...ttl, ...heuristic }],
  ['configuration', [404], ['default', 10], ttl],
  ['configuration', [404], ['default', 3], { defaultTtlMs: 3000 }],
  ['configuration', [302], ['none', 0], ttl],
  ['configuration', [500], ['none', 0], ttl],
  ['configuration', [501], ['none', 0], ttl],
  ['configuration', [404], ['status', 5], statusTtl],
  ['configuration', [302], ['status', 7], statusTtl],
  ['configuration', [503], ['status', 1], statusTtl],
  ['configuration', [503, 'Cache-Control: max-age=9'], ['max-age', 9], statusTtl],
  ['RFC 9111 §4.2.2', [date, changed], ['none', 0]],
  ['RFC 9111 §4.2.2', [date, changed], ['heuristic', 8640], heuristic],
  ['RFC 9111 §4.2.2', [date, `Last-Modified: ${dateAt(-900_000)}`], ['heuristic', 86_400], heuristic],
  ['RFC 9111 §4.2.2', [date, `Last-Modified: ${dateAt(60)}`], ['heuristic', 0], heuristic],
  ['RFC 9111 §4.2.2', [date, 'Last-Modified: 0'], ['none', 0], heuristic],
  ['RFC 9111 §4.2.2', [date, changed, 'Expires: 0'], ['expires', 0], heuristic],
  ['RFC 9111 §4.2.2', [599, date, changed, 'Cache-Control: public'], ['heuristic', 8640], heuristic],
  ...[203, 204, 300, 301, 308, 404, 405, 410, 414, 501].map((status): Row => [
    'RFC 9110 §15.1',
    [status, date, changed],
    ['heuristic', 8640],
    heuristic,
  ]),
  ...[201, 202, 302, 303, 307, 403, 502, 503, 504, 599].map((status): Row => [
    'RFC 9110 §15.1',
    [status, date, changed],
    ['none', 0],
    heuristic,
  ]),
];

type Stale = Pick<Freshness, 'validation' | 'staleWhileRevalidateMs' | 'staleIfErrorMs'>;
type StaleRow = readonly [
  section: string,
  text: string,
  stale: readonly [Stale['validation'], number, number],
];

/** With 10 s and 60 s in the configuration. */
const stale: readonly StaleRow[] = [
  ['configuration', 'max-age=1', ['usual', 10, 60]],
  ['RFC 5861 §3', 'max-age=1, stale-while-revalidate=5', ['usual', 5, 60]],
  ['RFC 5861 §3', 'max-age=1, stale-while-revalidate=0', ['usual', 0, 60]],
  ['RFC 5861 §3', 'max-age=1, stale-while-revalidate=x', ['usual', 0, 60]],
  ['RFC 5861 §4', 'max-age=1, stale-if-error=5', ['usual', 10, 5]],
  ['RFC 9111 §5.2.2.2', 'max-age=1, must-revalidate', ['when-stale', 0, 0]],
  ['RFC 9111 §5.2.2.2', 'max-age=1, must-revalidate, stale-if-error=5', ['when-stale', 0, 0]],
  ['RFC 9111 §5.2.2.8', 'max-age=1, proxy-revalidate, stale-while-revalidate=5', ['when-stale', 0, 0]],
  ['RFC 9111 §5.2.2.10', 's-maxage=1', ['when-stale', 0, 0]],
  ['RFC 9111 §5.2.2.10', 's-maxage=1, stale-while-revalidate=5, stale-if-error=6', ['when-stale', 5, 6]],
  ['RFC 9111 §5.2.2.4', 'max-age=1, no-cache, stale-if-error=5', ['always', 0, 0]],
  ['RFC 9111 §5.2.2.4', 'max-age=1, no-cache="a"', ['usual', 10, 60]],
];

describe('freshnessOf', () => {
  for (const [section, parts, [source, seconds], config] of lifetimes) {
    it(`gives ${seconds} s by ${source} to ${parts.join(' | ')} (${section})`, () => {
      const found = freshnessFrom(answerOf(...parts), config);
      assert.deepEqual([found.source, found.lifetimeMs / 1000], [source, seconds]);
    });
  }

  for (const [section, text, [validation, whileRevalidate, ifError]] of stale) {
    it(`lets ${text} be stale for ${whileRevalidate} s and ${ifError} s (${section})`, () => {
      const config = { staleWhileRevalidateMs: 10_000, staleIfErrorMs: 60_000 };
      const found = freshnessFrom(answerOf(`Cache-Control: ${text}`), config);
      const windows = [found.staleWhileRevalidateMs / 1000, found.staleIfErrorMs / 1000];
      assert.deepEqual([found.validation, ...windows], [validation, whileRevalidate, ifError]);
    });
  }

  it('counts from when the response was made (RFC 9111 §4.2.3)', () => {
    const { bornAtMs } = freshnessOf(answerOf('Age: 30'), AT_ONCE, cacheConfig());
    assert.equal(AT_ONCE.answeredAtMs - bornAtMs, 30_000);
  });
});
