import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { ExpiringMap } from './expiring-map.ts';
import { manualClockwork } from './providers-testing.ts';

describe('an expiring map', () => {
  it('forgets what is over, and keeps nothing that is over already', () => {
    const { clock, advance } = manualClockwork(1000);
    const map = new ExpiringMap<string>(clock, 10);
    map.set('a', 'one', 1500);
    map.set('b', 'two', 1000);
    assert.equal(map.size, 1);
    advance(499);
    assert.equal(map.get('a'), 'one');
    advance(1);
    assert.equal(map.get('a'), null);
    assert.equal(map.size, 0);
  });

  it('forgets what was not asked for longest when it is full', () => {
    const map = new ExpiringMap<number>(manualClockwork().clock, 3);
    for (const [index, key] of ['a', 'b', 'c'].entries()) map.set(key, index, Infinity);
    assert.equal(map.get('a'), 0);
    map.set('d', 3, Infinity);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => map.get(key)),
      [0, null, 2, 3],
    );
  });

  it('has what was set last', () => {
    const map = new ExpiringMap<number>(manualClockwork().clock, 3);
    map.set('a', 1, Infinity);
    map.set('a', 2, Infinity);
    assert.equal(map.get('a'), 2);
    map.set('a', 3, 0);
    assert.equal(map.get('a'), null);
  });

  it('forgets no later when the wall clock is set back, and at once when it is set forward', () => {
    const clock = manualClock(1000);
    const map = new ExpiringMap<string>(clock, 10);
    map.set('a', 'one', 1500);
    clock.step(-1_000_000);
    clock.advance(499);
    assert.equal(map.get('a'), 'one');
    clock.advance(1);
    assert.equal(map.get('a'), null);
    map.set('b', 'two', clock.epoch() + 500);
    clock.step(1000);
    assert.equal(map.get('b'), null);
  });
});
