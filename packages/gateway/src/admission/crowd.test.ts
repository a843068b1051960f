import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { callerOf } from '../core/identity-testing.ts';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { Crowd } from './crowd.ts';
import { favour } from './favour.ts';

const NORMAL = 2;
const LOW = 3;

function exchangeOf(caller: number) {
  return Object.assign(exchangeFrom(), { identity: callerOf({ key: `caller ${caller}` }) });
}

describe('a crowd', () => {
  it('is there when one of ten is refused, for each rank by itself', () => {
    const crowd = new Crowd(manualClock());
    for (let i = 0; i < 1000; i++) crowd.note(NORMAL, i % 12 === 0, 0);
    assert.equal(crowd.isThere(NORMAL, 0), false);
    for (let i = 0; i < 1000; i++) crowd.note(NORMAL, i % 8 === 0, 0);
    assert.equal(crowd.isThere(NORMAL, 0), true);
    assert.equal(crowd.isThere(LOW, 0), false);
  });

  it('is gone when nobody came for a second', () => {
    const crowd = new Crowd(manualClock());
    for (let i = 0; i < 100; i++) crowd.note(NORMAL, true, 0);
    assert.equal(crowd.isThere(NORMAL, 999), true);
    assert.equal(crowd.isThere(NORMAL, 1000), false);
    crowd.note(NORMAL, false, 1000);
    assert.equal(crowd.isThere(NORMAL, 1000), false);
  });

  it('lets the same callers in all the time, as many as there is room for', () => {
    const crowd = new Crowd(manualClock());
    for (let i = 0; i < 2000; i++) crowd.isFavoured(exchangeOf(i), NORMAL, 0.95);
    const first = Array.from({ length: 500 }, (_, i) => crowd.isFavoured(exchangeOf(i), NORMAL, 0.95));
    const again = Array.from({ length: 500 }, (_, i) => crowd.isFavoured(exchangeOf(i), NORMAL, 0.95));
    assert.deepEqual(again, first);
    const share = first.filter(Boolean).length / first.length;
    assert.ok(share > 0.4 && share < 0.6);
  });

  it('lets everybody in where there is room', () => {
    const crowd = new Crowd(manualClock());
    for (let i = 0; i < 2000; i++) crowd.isFavoured(exchangeOf(i), NORMAL, 1);
    assert.ok(
      Array.from({ length: 500 }, (_, i) => i).every((i) => crowd.isFavoured(exchangeOf(i), NORMAL, 0.7)),
    );
  });
});

describe('favour', () => {
  it('is even, and turns every hour', () => {
    const hours = [0, 1].map((hour) =>
      Array.from({ length: 1000 }, (_, caller) => favour(exchangeOf(caller), 3_600_000 * (1000 + hour))),
    );
    for (const favours of hours) {
      const mean = favours.reduce((sum, one) => sum + one, 0) / favours.length;
      assert.ok(Math.abs(mean - 0.5) < 0.05 && Math.max(...favours) < 1 && Math.min(...favours) >= 0);
    }
    assert.notDeepEqual(hours[0], hours[1]);
  });
});
