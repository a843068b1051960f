import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LagWindow } from './lag-window.ts';

function setUp() {
  const lags = new LagWindow();
  let nowMs = 0;
  return {
    lags,
    /** Ticks that come so late. */
    ticks(count: number, lagMs = 0, workedMs = Infinity): void {
      for (let i = 0; i < count; i++) lags.add((nowMs += 10 + lagMs), lagMs, workedMs);
    },
  };
}

describe('a window of lags', () => {
  it('is calm on ticks in time', () => {
    const { lags, ticks } = setUp();
    ticks(500);
    assert.equal(lags.tailMs, 0);
  });

  it('tells what more than a tenth of the ticks of the last second were late by', () => {
    const { lags, ticks } = setUp();
    ticks(100);
    ticks(20, 30);
    assert.equal(lags.tailMs, 30);
    ticks(20, 60);
    assert.equal(lags.tailMs, 60);
    ticks(100);
    assert.equal(lags.tailMs, 0);
  });

  it('forgives what takes less than half of a second', () => {
    const { lags, ticks } = setUp();
    ticks(100);
    ticks(16, 30); // more than a tenth, but late by 480 ms together
    assert.equal(lags.tailMs, 0);
    ticks(1, 30);
    assert.equal(lags.tailMs, 30);
  });

  it('forgives one pause, however long', () => {
    const { lags, ticks } = setUp();
    ticks(100);
    ticks(1, 60_000);
    assert.equal(lags.tailMs, 0);
    ticks(1, 60_000);
    assert.equal(lags.tailMs, 60_000);
  });

  it('counts only the part of a lag in which the thread was at work', () => {
    const { lags, ticks } = setUp();
    ticks(100, 300, 30);
    assert.equal(lags.tailMs, 30);
  });

  it('says nothing before it has seen ten ticks', () => {
    const { lags, ticks } = setUp();
    ticks(9, 100);
    assert.equal(lags.tailMs, 0);
    ticks(1, 100);
    assert.equal(lags.tailMs, 100);
  });

  it('keeps its room when ticks come without a pause', () => {
    const lags = new LagWindow();
    for (let i = 0; i < 1000; i++) lags.add(0, i, i);
    assert.ok(lags.tailMs >= 980);
  });
});
