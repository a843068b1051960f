import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Deadline, TimingWheel } from '../../src/core/timing-wheel.ts';
import { systemClock } from '../../src/core/ports.ts';

/** What a long garbage collection, a sleeping machine or a large document does to a thread. */
function block(ms: number): void {
  const untilMs = systemClock.now() + ms;
  while (systemClock.now() < untilMs);
}

/** Sends something for every order, and says in shared memory that it has: then it is there to be read. */
const SENDER = `
  const { parentPort, workerData: state } = require('node:worker_threads');
  for (let round = 1; ; round++) {
    Atomics.wait(state, 0, round - 1);
    parentPort.postMessage('answer');
    Atomics.store(state, 1, round);
    Atomics.notify(state, 1);
  }`;

it('what came while a thread was blocked is heard before what was due meanwhile', async (t) => {
  const state = new Int32Array(new SharedArrayBuffer(8));
  const sender = new Worker(SENDER, { eval: true, workerData: state });
  await once(sender, 'online');
  const wheel = new TimingWheel(systemClock.now);
  const stop = wheel.start();
  t.after(async () => {
    stop();
    await sender.terminate();
  });

  for (let round = 1; round <= 5; round++) {
    let isOverdue = false;
    const deadline = new Deadline(() => (isOverdue = true));
    const answer = once(sender, 'message').then(() => wheel.remove(deadline));
    setImmediate(() => {
      wheel.touch();
      wheel.set(deadline, 40);
      Atomics.store(state, 0, round);
      Atomics.notify(state, 0);
      Atomics.wait(state, 1, round - 1);
      block(150);
    });
    await answer;
    assert.equal(isOverdue, false, 'it was in time');
  }
});

it('a deadline that was due while a thread was blocked still comes', async (t) => {
  const wheel = new TimingWheel(systemClock.now);
  t.after(wheel.start());
  const { promise, resolve } = Promise.withResolvers<void>();
  wheel.set(new Deadline(resolve), 10);
  // Nothing else keeps the process alive.
  const alive = setInterval(() => {}, 1000);
  block(150);
  await promise;
  clearInterval(alive);
});
