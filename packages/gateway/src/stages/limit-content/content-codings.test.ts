import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contentCodings } from './content-codings.ts';

describe('contentCodings', () => {
  const table: readonly (readonly [field: string, codings: readonly string[] | null])[] = [
    ['', []],
    ['identity', []],
    [' , ,', []],
    ['gzip', ['gzip']],
    ['GZIP', ['gzip']],
    ['x-gzip', ['x-gzip']],
    ['deflate', ['deflate']],
    ['br', ['br']],
    ['zstd', ['zstd']],
    ['gzip, br', ['gzip', 'br']],
    ['identity,gzip ,identity', ['gzip']],
    ['gzip,gzip,gzip', ['gzip', 'gzip', 'gzip']],
    ['gzip,gzip,gzip,gzip', null],
    ['compress', null],
    ['gzip, x', null],
    ['gzip;q=1', null],
    ['"gzip"', null],
    ['toString', null],
    ['__proto__', null],
    [','.repeat(10_000), []],
  ];
  for (const [field, codings] of table) {
    const shown = codings === null ? 'unknown' : `[${codings.join()}]`;
    it(`is ${shown} for ${field.slice(0, 40)}`, () => assert.deepEqual(contentCodings(field), codings));
  }
});
