import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { begun, failed, NO_ATTEMPTS, nextOrderMs, readAttempts, succeeded, type Attempts } from './pace.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 1_800_000_000_000;

/** Orders as often as it may, and fails each time; when the orders were begun, in minutes. */
function allFailing(count: number): number[] {
  let attempts: Attempts = NO_ATTEMPTS;
  let nowMs = NOW_MS;
  return Array.from({ length: count }, () => {
    nowMs = Math.max(nowMs, nextOrderMs(attempts, nowMs));
    attempts = failed(begun(attempts, nowMs), nowMs, { retryAfterMs: 0, jitter: 0 });
    return (nowMs - NOW_MS) / MINUTE_MS;
  });
}

describe('the pace of orders', () => {
  it('waits twice as long after each failure, half a day at most', () => {
    const starts = allFailing(14);
    assert.deepEqual(starts.slice(0, 4), [0, 1, 3, 7]);
    const pauses = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
    assert.equal(pauses.at(-1), 12 * 60);
  });

  it('has no more than four orders in any hour', () => {
    const starts = allFailing(14);
    for (const at of starts) assert.ok(starts.filter((one) => one >= at && one < at + 60).length <= 4);
  });

  it('leaves an authority alone for as long as it wants', () => {
    const attempts = failed(NO_ATTEMPTS, NOW_MS, { retryAfterMs: 90 * MINUTE_MS, jitter: 0 });
    assert.equal(nextOrderMs(attempts, NOW_MS), NOW_MS + 90 * MINUTE_MS);
  });

  it('does not believe a clock that was wrong', () => {
    const attempts = failed(NO_ATTEMPTS, NOW_MS + 365 * 24 * 60 * MINUTE_MS, { retryAfterMs: 0, jitter: 0 });
    assert.equal(nextOrderMs(attempts, NOW_MS), 0);
  });

  it('forgets failures after a success, but not the orders', () => {
    const attempts = succeeded(failed(begun(NO_ATTEMPTS, NOW_MS), NOW_MS, { retryAfterMs: 0, jitter: 0 }));
    assert.deepEqual(attempts, { orders: [NOW_MS], failures: 0, notBeforeMs: 0 });
  });

  it('takes what cannot be read for nothing', () => {
    for (const text of [null, '', 'x', '{}', '[]', 'null', '{"orders":["a",null],"failures":"x"}'])
      assert.deepEqual(readAttempts(text), NO_ATTEMPTS);
  });
});
