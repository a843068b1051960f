import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maxAgeMs } from './max-age.ts';

describe('how long an answer is fresh', () => {
  const cases: readonly [cacheControl: string, ms: number | null][] = [
    ['', null],
    ['public', null],
    ['max-age=60', 60_000],
    ['Public, Max-Age=86400, must-revalidate', 86_400_000],
    ['max-age=0', 0],
    ['max-age=60, no-cache', 0],
    ['no-store', 0],
    ['max-age=', null],
    ['max-age=-1', null],
    ['max-age=1e9', null],
    ['max-age="60"', null],
    ['max-age=99999999999', null],
    ['s-maxage=60', null],
  ];
  for (const [cacheControl, ms] of cases)
    it(`is ${ms} ms for '${cacheControl}'`, () => assert.equal(maxAgeMs(cacheControl), ms));
});
