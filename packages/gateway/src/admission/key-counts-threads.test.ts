import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { Orders } from './key-counts-thread-testing.ts';
import { KeyCounts } from './key-counts.ts';
import { SUPERVISOR } from './service-limits.ts';

const THREADS = 4;
const KEYS = [0, 1, 2, 3];

function start(orders: Omit<Orders, 'thread'>): Worker[] {
  const entry = new URL('key-counts-thread-testing.ts', import.meta.url);
  return Array.from(
    { length: THREADS },
    (_, thread) => new Worker(entry, { workerData: { ...orders, thread } }),
  );
}

function left(buffer: SharedArrayBuffer): number[] {
  const counts = new KeyCounts(buffer, SUPERVISOR);
  return KEYS.map((key) => counts.count(counts.scope('test'), `key ${key}`));
}

describe('key counts among threads', () => {
  it('never let more in than may be, and are empty in the end', async () => {
    const [buffer, seen] = [KeyCounts.allocate(16, THREADS), new SharedArrayBuffer(32)];
    const workers = start({ buffer, seen, limit: 2, rounds: 100_000, finale: 'exit' });
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    const most = new Int32Array(seen, 16, 4);
    assert.ok(Math.max(...most) <= 2);
    assert.ok(Math.min(...most) >= 1);
    assert.deepEqual(left(buffer), [0, 0, 0, 0]);
  });

  it('are empty again when threads are terminated, wherever they were', async () => {
    for (let round = 0; round < 5; round++) {
      const [buffer, seen] = [KeyCounts.allocate(16, THREADS), new SharedArrayBuffer(32)];
      const workers = start({ buffer, seen, limit: 9, rounds: 1000 * round, finale: 'spin' });
      await Promise.all(workers.map((worker) => once(worker, 'message')));
      await Promise.all(workers.map((worker) => worker.terminate()));
      const supervisor = new KeyCounts(buffer, SUPERVISOR);
      for (let thread = 0; thread < THREADS; thread++) supervisor.releaseThread(thread);
      assert.deepEqual(left(buffer), [0, 0, 0, 0]);
    }
  });
});
