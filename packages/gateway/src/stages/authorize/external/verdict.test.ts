import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freshnessMs } from './verdict.ts';

const TABLE: readonly (readonly [cacheControl: string | undefined, freshMs: number])[] = [
  [undefined, Infinity],
  ['', Infinity],
  ['private', Infinity],
  ['max-age=5', 5000],
  ['Max-Age="5"', 5000],
  ['private, max-age=60, max-age=5', 5000],
  ['max-age=0', 0],
  ['max-age=60, no-store', 0],
  ['no-cache', 0],
  ['max-age', 0],
  ['max-age=-1', 0],
  ['max-age=1e3', 0],
  ['max-age=9999999999', 0],
  ['s-maxage=5', Infinity],
];

describe('the freshness of a decision', () => {
  for (const [cacheControl, freshMs] of TABLE) {
    it(`${cacheControl} is ${freshMs} ms`, () => assert.equal(freshnessMs(cacheControl), freshMs));
  }
});
