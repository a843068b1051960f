import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { BREAKER } from './breaker-testing.ts';
import { BreakerStates, INTS } from './breaker-states.ts';
import { FailureWindow } from './failure-window.ts';
import type { Orders, Seen } from './breaker-thread-testing.ts';

const THREADS = 4;
const START_MS = 1_700_000_000_000;

async function run(orders: Orders): Promise<Seen[]> {
  const workers = Array.from(
    { length: THREADS },
    () => new Worker(new URL('breaker-thread-testing.ts', import.meta.url), { workerData: orders }),
  );
  return Promise.all(
    workers.map(async (worker) => {
      const [[seen]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      return seen as Seen;
    }),
  );
}

function total(seen: readonly Seen[]): number {
  return seen.reduce((sum, { passed }) => sum + passed, 0);
}

const order = (states: SharedArrayBuffer, orders: Partial<Orders>): Orders => ({
  states,
  nowMs: START_MS,
  rounds: 1,
  verdict: 'success',
  isLost: false,
  ...orders,
});

describe('a breaker among threads', () => {
  it('loses no exchange of the window', async () => {
    const buffer = BreakerStates.allocate(1);
    await run(order(buffer, { rounds: 50_000 }));
    const { ints } = new BreakerStates(buffer).line(0);
    assert.equal(new FailureWindow(ints, BREAKER.windowMs).requests(START_MS), THREADS * 50_000);
  });

  it('opens once, whoever sees the failures', async () => {
    const buffer = BreakerStates.allocate(1);
    const seen = await run(order(buffer, { rounds: 5000, verdict: 'failure' }));
    const passed = total(seen);
    // The others may have been between the two ends of an exchange.
    assert.ok(passed >= BREAKER.minimumRequests && passed < BREAKER.minimumRequests + THREADS, `${passed}`);
    assert.deepEqual(
      seen.flatMap(({ changes }) => changes),
      ['open'],
    );
  });

  it('gives one permit after its time, and another when the thread that had it is gone', async () => {
    const buffer = BreakerStates.allocate(1);
    const states = new BreakerStates(buffer);
    await run(order(buffer, { rounds: 5000, verdict: 'failure' }));
    let nowMs = Math.ceil(states.view(0).openUntilMs);
    const first = await run(order(buffer, { rounds: 100, nowMs, isLost: true }));
    assert.equal(total(first), 1);
    assert.deepEqual(
      first.flatMap(({ changes }) => changes),
      ['half-open'],
    );
    nowMs += BREAKER.openForMs;
    assert.equal(total(await run(order(buffer, { rounds: 100, nowMs, isLost: true }))), 1);
    nowMs += BREAKER.openForMs;
    const recovered = await run(order(buffer, { rounds: 1000, nowMs }));
    assert.deepEqual(
      recovered.flatMap(({ changes }) => changes),
      ['closed'],
    );
    assert.equal(Atomics.load(states.line(0).ints, INTS.changes), 3);
  });
});
