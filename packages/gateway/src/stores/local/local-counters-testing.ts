// A thread for local-counters.test.ts: takes from the same buckets as all the others, at the same time.
import { workerData } from 'node:worker_threads';
import type { Limiter, Quota } from '../../core/counters.ts';
import { LocalCounters } from './local-counters.ts';

/** What the thread is to take, and where it notes how much it got. */
export interface Race {
  readonly memory: SharedArrayBuffer;
  readonly threads: number;
  readonly rounds: number;
  /** How far apart the rounds are; within one the clock of all threads stands still. */
  readonly roundMs: number;
  /** In each round every thread takes from so many keys until it is denied. */
  readonly keys: number;
  /** So many of them were not in the rounds before. */
  readonly newKeys: number;
  readonly algorithm: Limiter['algorithm'];
  readonly quota: Quota;
  /** Int32: how many came to the barrier, which round it is, and then what was taken of each key. */
  readonly score: SharedArrayBuffer;
}

const ARRIVED = 0;
const ROUND = 1;
const COUNTS = 2;

/** Shared memory for the score of a race. */
export function scoreOf({ rounds, keys }: Pick<Race, 'rounds' | 'keys'>): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (COUNTS + rounds * keys));
}

/** How much was taken of each key in each round. */
export function countsOf(score: SharedArrayBuffer): number[] {
  return Array.from(new Int32Array(score).subarray(COUNTS));
}

function run(race: Race): void {
  const words = new Int32Array(race.score);
  let nowMs = 1e6;
  const clock = { now: () => nowMs, epoch: () => Number.NaN };
  const counters = new LocalCounters(race.memory, clock);
  const limiter = counters.limiter('race', race.algorithm);
  for (let round = 0; round < race.rounds; round++) {
    waitForAll(words, round, race.threads);
    nowMs = 1e6 + round * race.roundMs;
    for (let key = 0; key < race.keys; key++) {
      const name = `${round * race.newKeys + key}`;
      const charges = [{ limiter, key: name, quota: race.quota, cost: 1 }];
      while (counters.takeNow(charges)[0]?.isAllowed === true)
        Atomics.add(words, COUNTS + round * race.keys + key, 1);
    }
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
