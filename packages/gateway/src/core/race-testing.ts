// For tests: threads that do the same at the same moment, again and again, and keep a score in shared memory.

/** Int32: how many came to the barrier, which round it is, and then the counters. */
const ARRIVED = 0;
const ROUND = 1;
const COUNTS = 2;

/** Shared memory for so many counters. */
export function scoreOf(counters: number): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (COUNTS + counters));
}

/** What was counted. */
export function countsOf(score: SharedArrayBuffer): number[] {
  return Array.from(countersOf(score));
}

/** The counters themselves. */
export function countersOf(score: SharedArrayBuffer): Int32Array {
  return new Int32Array(score).subarray(COUNTS);
}

/** Waits until all threads have come to a round. Lets the last one through first: it wakes the others. */
export function waitForAll(score: SharedArrayBuffer, round: number, threads: number): void {
  const words = new Int32Array(score);
  if (Atomics.add(words, ARRIVED, 1) === threads - 1) {
    Atomics.store(words, ARRIVED, 0);
    Atomics.store(words, ROUND, round + 1);
    Atomics.notify(words, ROUND);
    return;
  }
  while (Atomics.load(words, ROUND) === round) Atomics.wait(words, ROUND, round);
}
