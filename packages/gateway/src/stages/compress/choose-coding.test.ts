import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseCoding } from './choose-coding.ts';

describe('chooseCoding', () => {
  const table: readonly (readonly [acceptEncoding: string, coding: string | null])[] = [
    ['', null],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip, br', 'br'],
    ['gzip;q=1, br;q=0.5', 'gzip'],
    ['gzip ; q=0.2 , br ; q=0.3', 'br'],
    ['*', 'zstd'],
    ['*;q=0.5, gzip', 'gzip'],
    ['zstd;q=0, *', 'br'],
    ['*;q=0', null],
    ['identity', null],
    ['identity, gzip', 'gzip'],
    ['identity;q=1, gzip;q=0.5', null],
    ['identity;q=0, gzip;q=0.1', 'gzip'],
    ['gzip;q=0', null],
    ['gzip;q=0.0001', null],
    ['gzip;q=2', null],
    ['gzip;q=x', null],
    ['deflate, compress', null],
    ['__proto__, constructor', null],
    [`${'a,'.repeat(10_000)}gzip`, null],
  ];
  for (const [acceptEncoding, coding] of table) {
    it(`is ${coding} for "${acceptEncoding.slice(0, 40)}"`, () => {
      const choose = chooseCoding(['zstd', 'br', 'gzip']);
      assert.equal(choose(acceptEncoding), coding);
      assert.equal(choose(acceptEncoding), coding);
    });
  }

  it('goes by our order where the client has none', () => {
    assert.equal(chooseCoding(['gzip', 'br'])('br, gzip'), 'gzip');
  });
});
