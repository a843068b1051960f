// A thread for replay-memory.test.ts: asks for the same keys as all the others, at the same time.
import { workerData } from 'node:worker_threads';
import { countersOf, waitForAll } from './race-testing.ts';
import { ReplayMemory } from './replay-memory.ts';

/** What the thread is to ask, and where it notes how often it heard that a key is new. */
export interface Race {
  readonly memory: SharedArrayBuffer;
  readonly threads: number;
  /** In each round all threads ask for one key, and all keys of the rounds before are over. */
  readonly rounds: number;
  /** With a counter a round. */
  readonly score: SharedArrayBuffer;
}

function run({ memory, threads, rounds, score }: Race): void {
  const counters = countersOf(score);
  let nowMs = 0;
  const replays = new ReplayMemory(memory, { now: () => nowMs, epoch: () => nowMs });
  for (let round = 0; round < rounds; round++) {
    nowMs = round * 10_000;
    waitForAll(score, round, threads);
    if (replays.isNew(`key-${round}`, 5000)) Atomics.add(counters, round, 1);
  }
}

const race: Race | null = workerData;
if (race !== null) run(race);
