import { BUCKETS, INTS } from './breaker-states.ts';

/**
 * Exchanges and failures of the last while, in ten buckets that all threads count in.
 *
 * A word has the number of the round in its high bits and the count in the others, so that a bucket of an earlier round
 * begins anew in the same step in which the first one is counted: nothing has to be emptied, and a thread that dies in between
 * leaves nothing half done.
 */
export class FailureWindow {
  readonly #ints: Int32Array;
  readonly #bucketMs: number;

  constructor(ints: Int32Array, windowMs: number) {
    this.#ints = ints;
    this.#bucketMs = windowMs / BUCKETS;
  }

  /** Counts an exchange. A bucket that is full counts no more, so that the share of failures stays what it was. */
  count(isFailure: boolean, nowMs: number): void {
    const number = this.#number(nowMs);
    if (this.#add(INTS.totals, number) && isFailure) this.#add(INTS.failures, number);
  }

  /** How many there are. */
  requests(nowMs: number): number {
    return this.#sum(INTS.totals, nowMs);
  }

  failures(nowMs: number): number {
    return this.#sum(INTS.failures, nowMs);
  }

  /** Forgets all. */
  clear(): void {
    for (let word = INTS.totals; word < INTS.failures + BUCKETS; word++) Atomics.store(this.#ints, word, 0);
  }

  #number(nowMs: number): number {
    return Math.floor(nowMs / this.#bucketMs);
  }

  #add(first: number, number: number): boolean {
    const at = first + (number % BUCKETS);
    const round = roundOf(number);
    for (;;) {
      const before = Atomics.load(this.#ints, at);
      const count = countIn(before, round);
      if (count === MAX_COUNT) return false;
      const after = (round << COUNT_BITS) | (count + 1);
      if (Atomics.compareExchange(this.#ints, at, before, after) === before) return true;
    }
  }

  #sum(first: number, nowMs: number): number {
    const last = this.#number(nowMs);
    let sum = 0;
    for (let number = last - BUCKETS + 1; number <= last; number++) {
      sum += countIn(Atomics.load(this.#ints, first + (number % BUCKETS)), roundOf(number));
    }
    return sum;
  }
}

/** A million in a bucket. The numbers of rounds repeat after 4095 windows. */
const COUNT_BITS = 20;
const MAX_COUNT = 2 ** COUNT_BITS - 1;
const MAX_ROUND = 2 ** (32 - COUNT_BITS) - 1;

/** 1 at least: a word that was never written is of no round. */
function roundOf(number: number): number {
  return 1 + (Math.floor(number / BUCKETS) % MAX_ROUND);
}

function countIn(word: number, round: number): number {
  return word >>> COUNT_BITS === round ? word & MAX_COUNT : 0;
}
