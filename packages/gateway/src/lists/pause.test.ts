import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random } from '../core/random.ts';
import { pauseMs, systemWait } from './pause.ts';

const HOUR_MS = 3_600_000;

describe('the pause before a list is asked for again', () => {
  const table: readonly (readonly [refreshMs: number, failures: number, least: number, most: number])[] = [
    [HOUR_MS, 0, 0.9 * HOUR_MS, 1.1 * HOUR_MS],
    [HOUR_MS, 1, 500, 1000],
    [HOUR_MS, 2, 1000, 2000],
    [HOUR_MS, 5, 8000, 16_000],
    [HOUR_MS, 20, 150_000, 300_000],
    [HOUR_MS, 5000, 150_000, 300_000],
    [10_000, 20, 5000, 10_000],
  ];
  for (const [refreshMs, failures, least, most] of table) {
    it(`is ${least} to ${most} ms after ${failures} failures of one with a refresh of ${refreshMs} ms`, () => {
      const dice = random(3);
      const pauses = Array.from({ length: 200 }, () => pauseMs(refreshMs, failures, dice));
      assert.ok(pauses.every((pause) => pause >= least && pause <= most));
      assert.ok(new Set(pauses).size > 100);
    });
  }

  it('ends at once when it is called off', async () => {
    const closing = new AbortController();
    const wait = systemWait(HOUR_MS * 1e6, closing.signal);
    closing.abort();
    await wait;
    await systemWait(HOUR_MS, closing.signal);
  });
});
