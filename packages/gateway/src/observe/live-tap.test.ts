import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exchangeFrom } from '../core/exchange-testing.ts';
import type { TapBatch } from '../core/live-tap.ts';
import { LiveTap } from './live-tap.ts';

function tapped() {
  const batches: TapBatch[] = [];
  let wishes = 0;
  const tap = new LiveTap({
    clockOffsetMs: () => 0,
    hand: async (batch) => void batches.push(batch),
    flushAfter: () => wishes++,
  });
  return { tap, batches, wishes: () => wishes };
}

describe('a live tap', () => {
  it('does nothing while nobody watches', () => {
    const { tap, wishes } = tapped();
    tap.record(exchangeFrom(), 1001);
    assert.equal(wishes(), 0);
  });

  it('writes so many lines for a batch, counts the rest, and begins anew', async () => {
    const { tap, batches, wishes } = tapped();
    tap.use([{ route: null, status: [0, 999] }]);
    for (let i = 0; i < 500; i++) tap.record(exchangeFrom(), 1001);
    assert.equal(wishes(), 1);
    await tap.flush();
    tap.record(exchangeFrom(), 1001);
    await tap.flush();
    const shapes = batches.map(({ lines, dropped }) => [lines.length, dropped]);
    assert.deepEqual(shapes, [
      [200, 300],
      [1, 0],
    ]);
  });
});
