// A thread for local-counters.test.ts: takes from the same buckets as all the others, at the same time.
import { workerData } from 'node:worker_threads';
import type { Limiter, Quota } from '../../core/counters.ts';
import { countersOf, waitForAll } from '../../core/race-testing.ts';
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
  /** With a counter for each key of each round. */
  readonly score: SharedArrayBuffer;
}

function run(race: Race): void {
  const taken = countersOf(race.score);
  let nowMs = 1e6;
  const clock = { now: () => nowMs, epoch: () => Number.NaN };
  const counters = new LocalCounters(race.memory, clock);
  const limiter = counters.limiter('race', race.algorithm);
  for (let round = 0; round < race.rounds; round++) {
    waitForAll(race.score, round, race.threads);
    nowMs = 1e6 + round * race.roundMs;
    for (let key = 0; key < race.keys; key++) {
      const name = `${round * race.newKeys + key}`;
      const charges = [{ limiter, key: name, quota: race.quota, cost: 1 }];
      while (counters.takeNow(charges)[0]?.isAllowed === true) Atomics.add(taken, round * race.keys + key, 1);
    }
  }
}

const race: Race | null = workerData;
if (race !== null) run(race);
