import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClientCounts } from './client-counts.ts';

describe('the connections of a client', () => {
  it('are bounded, for each client apart', () => {
    const counts = new ClientCounts();
    assert.deepEqual(
      [counts.open('a', 2), counts.open('a', 2), counts.open('a', 2), counts.open('b', 2)],
      [true, true, false, true],
    );
    counts.close('a', 'open');
    assert.equal(counts.open('a', 2), true);
  });

  it('do not count as open once we have ended them, up to the same limit', () => {
    const counts = new ClientCounts();
    for (let round = 0; round < 2; round++) {
      assert.equal(counts.open('a', 2) && counts.open('a', 2), true);
      assert.deepEqual([counts.end('a', 2), counts.end('a', 2)], [round === 0, round === 0]);
    }
    assert.equal(counts.open('a', 2), false);
    counts.close('a', 'ended');
    assert.equal(counts.open('a', 2), false);
    counts.close('a', 'open');
    assert.equal(counts.open('a', 2), true);
  });

  it('are forgotten with the last', () => {
    const counts = new ClientCounts();
    counts.open('a', 2);
    counts.open('a', 2);
    counts.end('a', 2);
    counts.close('a', 'open');
    counts.close('a', 'ended');
    assert.equal(counts.size, 0);
    counts.close('a', 'open');
    assert.equal(counts.size, 0);
  });
});
