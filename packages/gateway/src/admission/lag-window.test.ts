import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LagWindow } from './lag-window.ts';

function setUp() {
  const lags = new LagWindow(10, [20, 50]);
  let nowMs = 0;
  return {
    lags,
    /** Ticks that come so late. */
    ticks(count: number, lagMs = 0): void {
      for (let i = 0; i < count; i++) lags.tick((nowMs += 10 + lagMs));
    },
  };
}

describe('a window of lags', () => {
  it('is calm on ticks in time', () => {
    const { lags, ticks } = setUp();
    ticks(500);
    assert.equal(lags.level, 0);
  });

  it('rises to the threshold that more than a tenth of the ticks are above', () => {
    const { lags, ticks } = setUp();
    ticks(100);
    ticks(20, 30);
    assert.equal(lags.level, 1);
    ticks(20, 60);
    assert.equal(lags.level, 2);
    ticks(100);
    assert.equal(lags.level, 0);
  });

  it('forgives one pause, however long', () => {
    const { lags, ticks } = setUp();
    ticks(100);
    ticks(1, 60_000);
    assert.equal(lags.level, 0);
    ticks(1, 60_000);
    assert.equal(lags.level, 2);
  });

  it('says nothing before it has seen ten ticks', () => {
    const { lags, ticks } = setUp();
    ticks(10, 100);
    assert.equal(lags.level, 2);
    const fresh = setUp();
    fresh.ticks(9, 100);
    assert.equal(fresh.lags.level, 0);
  });

  it('tells how late a tick was', () => {
    const { lags } = setUp();
    assert.equal(lags.tick(100), 0);
    assert.equal(lags.tick(117), 7);
    assert.equal(lags.tick(120), 0);
  });
});
