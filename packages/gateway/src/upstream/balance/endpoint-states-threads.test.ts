import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';

import type { Orders } from './endpoint-states-thread.ts';
import { EndpointStates, SUPERVISOR } from './endpoint-states.ts';

const THREADS = 4;
const ROUNDS = 100_000;
const SLOTS = [0, 1, 2, 3];

function start(orders: Orders): Worker {
  return new Worker(new URL('endpoint-states-thread.ts', import.meta.url), { workerData: orders });
}

describe('endpoint states among threads', () => {
  it('loses no count: four threads, 100,000 exchanges each', async () => {
    const buffer = EndpointStates.allocate(SLOTS.length, THREADS);
    const workers = Array.from({ length: THREADS }, (_, thread) =>
      start({ buffer, thread, rounds: ROUNDS, left: 0, finale: 'exit' }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'exit')));

    const states = new EndpointStates(buffer, SUPERVISOR);
    for (const slot of SLOTS) {
      const { inflight, ok, ewmaUs } = states.view(slot);
      assert.equal(inflight, 0);
      assert.equal(ok, (THREADS * ROUNDS) / SLOTS.length);
      assert.ok(ewmaUs > 999 && ewmaUs < 30_000);
    }
  });

  it('takes back what a terminated thread left', async () => {
    const buffer = EndpointStates.allocate(SLOTS.length, THREADS);
    const survivor = new EndpointStates(buffer, 0);
    for (const slot of SLOTS) survivor.begin(slot);
    const worker = start({ buffer, thread: 1, rounds: 1000, left: 402, finale: 'wait' });
    await once(worker, 'message');
    assert.deepEqual(inflight(survivor), [102, 102, 101, 101]);
    await worker.terminate();

    new EndpointStates(buffer, SUPERVISOR).releaseThread(1);
    assert.deepEqual(inflight(survivor), [1, 1, 1, 1]);
  });

  it('takes back exactly that, wherever the thread was when it was terminated', async () => {
    for (let round = 0; round < 5; round++) {
      const buffer = EndpointStates.allocate(SLOTS.length, THREADS);
      const workers = Array.from({ length: THREADS }, (_, thread) =>
        start({ buffer, thread, rounds: 1000 * round, left: 10, finale: 'spin' }),
      );
      await Promise.all(workers.map((worker) => once(worker, 'message')));
      await Promise.all(workers.map((worker) => worker.terminate()));

      const states = new EndpointStates(buffer, SUPERVISOR);
      for (let thread = 0; thread < THREADS; thread++) states.releaseThread(thread);
      assert.deepEqual(inflight(states), [0, 0, 0, 0]);
    }
  });
});

function inflight(states: EndpointStates): number[] {
  return SLOTS.map((slot) => states.inflight(slot));
}
