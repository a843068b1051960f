// A thread for replay-memory.test.ts: asks for the same keys as all the others, at the same time.
import { workerData } from 'node:worker_threads';

import { ReplayMemory } from './replay-memory.ts';

/** What the thread is to ask, and where it notes how often it heard that a key is new. */
export interface Race {
  readonly memory: SharedArrayBuffer;
  readonly threads: number;
  /** In each round all threads ask for one key, and all keys of the rounds before are over. */
  readonly rounds: number;
  /** Int32: how many came to the barrier, which round it is, and then a counter a round. */
  readonly score: SharedArrayBuffer;
}

const ARRIVED = 0;
const ROUND = 1;
const COUNTS = 2;

/** Shared memory for the score of a race. */
export function scoreOf(rounds: number): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (COUNTS + rounds));
}

/** How often each key was new. */
export function countsOf(score: SharedArrayBuffer): number[] {
  return Array.from(new Int32Array(score).subarray(COUNTS));
}

function run({ memory, threads, rounds, score }: Race): void {
  const words = new Int32Array(score);
  let nowMs = 0;
  const replays = new ReplayMemory(memory, { now: () => nowMs, epoch: () => nowMs });
  for (let round = 0; round < rounds; round++) {
    nowMs = round * 10_000;
    waitForAll(words, round, threads);
    if (replays.isNew(`key-${round}`, 5000)) Atomics.add(words, COUNTS + round, 1);
  }
}

/** Lets the last one through first: it wakes the others. */
function waitForAll(words: Int32Array, round: number, threads: number): void {
  if (Atomics.add(words, ARRIVED, 1) === threads - 1) {
    Atomics.store(words, ARRIVED, 0);
    Atomics.store(words, ROUND, round + 1);
    Atomics.notify(words, ROUND);
    return;
  }
  while (Atomics.load(words, ROUND) === round) Atomics.wait(words, ROUND, round);
}

const race: Race | null = workerData;
if (race !== null) run(race);
