import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';

import { countsOf, scoreOf } from './race-testing.ts';
import type { Race } from './replay-memory-testing.ts';
import { ReplayMemory } from './replay-memory.ts';

function memoryAt(startMs: number, entries: number) {
  let nowMs = startMs;
  const clock = { now: () => nowMs, epoch: () => nowMs };
  const memory = new ReplayMemory(ReplayMemory.allocate(entries), clock);
  return { memory, pass: (ms: number) => void (nowMs += ms) };
}

describe('ReplayMemory', () => {
  it('knows a key for as long as it was told to, and at most two seconds longer', () => {
    for (const startMs of [0, 1_700_000_000_123, 2 ** 31 * 1000 - 3000]) {
      const { memory, pass } = memoryAt(startMs, 64);
      assert.equal(memory.isNew('a', 5000), true);
      assert.equal(memory.isNew('a', 5000), false);
      assert.equal(memory.isNew('b', 5000), true);
      pass(4999);
      assert.equal(memory.isNew('a', 5000), false);
      pass(2001);
      assert.equal(memory.isNew('a', 5000), true);
      assert.equal(memory.isNew('a', 5000), false);
    }
  });

  it('forgets what would be over first when a bucket is full', () => {
    const { memory } = memoryAt(1e12, 8);
    for (let i = 0; i < 8; i++) assert.equal(memory.isNew(`k${i}`, 60_000 + i * 5000), true);
    assert.equal(memory.isNew('late', 300_000), true);
    assert.equal(memory.isNew('k7', 60_000), false);
    assert.equal(memory.isNew('k1', 60_000), false);
    assert.equal(memory.isNew('k0', 60_000), true);
  });

  it('takes the places of what is over before it forgets anything', () => {
    const { memory, pass } = memoryAt(1e12, 8);
    for (let i = 0; i < 4; i++) memory.isNew(`short-${i}`, 1000);
    for (let i = 0; i < 4; i++) memory.isNew(`long-${i}`, 60_000);
    pass(3000);
    for (let i = 0; i < 4; i++) assert.equal(memory.isNew(`next-${i}`, 60_000), true);
    for (let i = 0; i < 4; i++) assert.equal(memory.isNew(`long-${i}`, 60_000), false);
  });

  it('remembers nearly all of what comes when it has four times as many places', () => {
    const { memory } = memoryAt(1e12, 4 * 8192);
    for (let i = 0; i < 8192; i++) assert.equal(memory.isNew(`k${i}`, 60_000), true);
    let forgotten = 0;
    for (let i = 0; i < 8192; i++) if (memory.isNew(`k${i}`, 60_000)) forgotten++;
    assert.ok(forgotten < 82, `${forgotten} were forgotten`);
  });

  it('is shared by whoever has the memory, and differs from other memories', () => {
    const clock = { now: () => 0, epoch: () => 0 };
    const buffer = ReplayMemory.allocate(64);
    assert.equal(new ReplayMemory(buffer, clock).isNew('a', 1000), true);
    assert.equal(new ReplayMemory(buffer, clock).isNew('a', 1000), false);
    assert.notDeepEqual(new Int32Array(buffer, 0, 4), new Int32Array(ReplayMemory.allocate(64), 0, 4));
  });

  it('tells exactly one of four threads that a key is new, when all of them ask for it at once', async () => {
    const [threads, rounds] = [4, 3000];
    const race: Race = { memory: ReplayMemory.allocate(8), threads, rounds, score: scoreOf(rounds) };
    const entry = new URL('replay-memory-testing.ts', import.meta.url);
    const workers = Array.from({ length: threads }, () => new Worker(entry, { workerData: race }));
    try {
      await Promise.all(workers.map((worker) => once(worker, 'exit')));
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate())); // if one has failed, the others wait for it
    }
    assert.deepEqual(
      countsOf(race.score),
      Array.from({ length: rounds }, () => 1),
    );
  });
});
