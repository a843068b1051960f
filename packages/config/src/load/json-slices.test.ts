import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { jsonSlices } from './json-slices.ts';

describe('slices of JSON', () => {
  it('are what it is as a whole', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.equal([...jsonSlices(value)].join(''), JSON.stringify(value));
      }),
    );
    assert.equal([...jsonSlices({ a: undefined, b: [undefined] })].join(''), '{"b":[null]}');
  });

  it('cut long lists', () => {
    const value = { list: Array.from({ length: 1000 }, (_, id) => ({ id })), end: [] };
    const slices = [...jsonSlices(value)];
    assert.equal(slices.join(''), JSON.stringify(value));
    assert.ok(slices.every((slice) => slice.length < 3000));
  });
});
