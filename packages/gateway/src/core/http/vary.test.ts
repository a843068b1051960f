import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headersOf } from '../headers.ts';
import { varyBy } from './vary.ts';

describe('varyBy', () => {
  const table: readonly (readonly [before: readonly string[], names: readonly string[], after: string])[] = [
    [[], ['Origin'], 'Origin'],
    [[''], ['Origin'], 'Origin'],
    [['Accept'], ['Origin'], 'Accept, Origin'],
    [['Accept, accept-encoding'], ['Origin'], 'Accept, accept-encoding, Origin'],
    [['Accept', 'Accept-Encoding'], ['Origin'], 'Accept, Accept-Encoding, Origin'],
    [['origin'], ['Origin'], 'origin'],
    [['Accept', 'ORIGIN'], ['Origin'], 'Accept, ORIGIN'],
    [['x-origin'], ['Origin'], 'x-origin, Origin'],
    [['*'], ['Origin'], '*'],
    [['Accept, *'], ['Origin'], 'Accept, *'],
    [['Accept'], ['Origin', 'accept', 'Cookie'], 'Accept, Origin, Cookie'],
  ];
  for (const [before, names, after] of table) {
    it(`makes ${JSON.stringify(after)} of ${JSON.stringify(before)} and ${names.join(', ')}`, () => {
      const headers = headersOf(...before.map((value) => ['Vary', value] as const));
      varyBy(...names)(headers);
      assert.equal(headers.getList('vary'), after);
    });
  }

  it('leaves alone what is complete', () => {
    const headers = headersOf(['vary', 'Accept'], ['vary', 'Origin']);
    varyBy('origin', 'ACCEPT')(headers);
    assert.deepEqual(headers.values, ['Accept', 'Origin']);
  });

  it('goes by what each reply says, whatever the one before said', () => {
    const vary = varyBy('Origin');
    const given = ['', 'Accept', '*', 'Accept', '', 'origin', 'origin', 'Accept'];
    const made = given.map((value) => {
      const headers = value === '' ? headersOf() : headersOf(['Vary', value]);
      vary(headers);
      return headers.getList('vary');
    });
    const expected = 'Origin|Accept, Origin|*|Accept, Origin|Origin|origin|origin|Accept, Origin';
    assert.equal(made.join('|'), expected);
  });
});
