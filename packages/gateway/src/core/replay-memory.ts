import { hash, randomFillSync } from 'node:crypto';
import type { Clock } from './ports.ts';

/**
 * Tells, for all threads of the process together, whether something came before.
 *
 * A table of fixed size in shared memory, without a lock: a thread that dies or sleeps in the middle of it holds up nobody.
 * A key is known by 128 bits of its hash with a random prefix, so that nobody can choose keys that meet in one bucket. The
 * hash names a bucket of eight places. When all of them are taken by what is not over yet, the one that would be over first
 * gives way, **and what it stood for would then pass as new**: a table with four times as many places as keys come within
 * their lifetime forgets about one in a thousand too early, one with eight times as many one in a hundred thousand.
 */
export class ReplayMemory {
  readonly #words: Int32Array;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #bucketMask: number;

  /** Over memory from `allocate`; one object a thread. */
  constructor(buffer: SharedArrayBuffer, clock: Clock) {
    this.#words = new Int32Array(buffer);
    this.#clock = clock;
    // A copy, because what is shared could be changed while it is read, and is not taken as text.
    this.#prefix = Buffer.from(new Uint8Array(buffer, 0, PREFIX_BYTES)).toString('hex');
    this.#bucketMask = (this.#words.length - HEADER_INTS) / BUCKET_INTS - 1;
  }

  /** Memory for at least so many keys; 24 bytes each, of which the system only gives what is touched. */
  static allocate(entries: number): SharedArrayBuffer {
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(1, entries / PLACES)));
    const buffer = new SharedArrayBuffer(4 * (HEADER_INTS + buckets * BUCKET_INTS));
    randomFillSync(new Uint8Array(buffer, 0, PREFIX_BYTES));
    return buffer;
  }

  /**
   * Whether the key comes for the first time in the last `ttlMs`; of all who ask at once, in whichever threads, exactly one
   * hears yes. In doubt the answer is no: when all places are just being written by others.
   */
  isNew(key: string, ttlMs: number): boolean {
    const nowMs = this.#clock.now();
    const now = Math.floor(nowMs / 1000) | 0;
    const digest = hash('sha256', this.#prefix + key, 'buffer');
    const bucket = HEADER_INTS + (digest.readInt32LE(0) & this.#bucketMask) * BUCKET_INTS;

    if (this.#isHere(bucket, digest, now)) return false;
    const place = this.#take(bucket, now);
    if (place === NOWHERE) return false;
    Atomics.store(this.#words, place + EXPIRES, Math.ceil((nowMs + ttlMs) / 1000) | 0);
    for (let i = 0; i < KEY_INTS; i++) {
      Atomics.store(this.#words, place + KEY + i, digest.readInt32LE(4 * i));
    }
    return this.#prevails(bucket, place, digest, now);
  }

  #isHere(bucket: number, digest: Buffer, now: number): boolean {
    for (let place = bucket; place < bucket + BUCKET_INTS; place += PLACE_INTS) {
      if (this.#stateIfSame(place, digest, now) !== FREE) return true;
    }
    return false;
  }

  /** Takes a free place, or one that is over, or else the one that will be over first. Others leave it alone from then on. */
  #take(bucket: number, now: number): number {
    for (;;) {
      let [best, bestState, bestLeft] = [NOWHERE, FREE, Infinity];
      for (let place = bucket; place < bucket + BUCKET_INTS; place += PLACE_INTS) {
        const state = Atomics.load(this.#words, place);
        const left = this.#secondsLeft(place, state, now);
        const isTaken = phaseOf(state) === WRITING || (phaseOf(state) === CONTENDING && left > 0);
        if (!isTaken && left < bestLeft) [best, bestState, bestLeft] = [place, state, left];
      }
      if (best === NOWHERE || this.#swap(best, bestState, nextTurn(bestState))) return best;
    }
  }

  /**
   * Makes the key in `place` known, and settles with those that hold the same key elsewhere in the bucket.
   *
   * All of them first publish and then look, so of two at least one sees the other. Who sees a key that is kept already
   * gives way. Of two that contend, the one in the lower place puts the other out, unless that one was kept a moment before.
   */
  #prevails(bucket: number, place: number, digest: Buffer, now: number): boolean {
    const contending = inPhase(Atomics.load(this.#words, place), CONTENDING);
    Atomics.store(this.#words, place, contending);
    for (let other = bucket; other < bucket + BUCKET_INTS; other += PLACE_INTS) {
      if (other === place || this.#putOut(other, place, digest, now)) continue;
      this.#swap(place, contending, inPhase(contending, FREE));
      return false;
    }
    return this.#swap(place, contending, inPhase(contending, KEPT));
  }

  /** Whether what is in `other` does not, or no longer, stand against the key in `place`. */
  #putOut(other: number, place: number, digest: Buffer, now: number): boolean {
    for (;;) {
      const state = this.#stateIfSame(other, digest, now);
      if (state === FREE) return true;
      if (phaseOf(state) === KEPT || other < place) return false;
      if (this.#swap(other, state, inPhase(state, FREE))) return true;
    }
  }

  /** State of a place that holds this key and is not over; else FREE. */
  #stateIfSame(place: number, digest: Buffer, now: number): number {
    for (;;) {
      const state = Atomics.load(this.#words, place);
      if (phaseOf(state) < CONTENDING || this.#secondsLeft(place, state, now) === 0) return FREE;
      for (let i = 0; i < KEY_INTS; i++) {
        if (Atomics.load(this.#words, place + KEY + i) !== digest.readInt32LE(4 * i)) return FREE;
      }
      if (Atomics.load(this.#words, place) === state) return state;
    }
  }

  #secondsLeft(place: number, state: number, now: number): number {
    if (phaseOf(state) === FREE) return 0;
    return Math.max(0, (Atomics.load(this.#words, place + EXPIRES) - now) | 0);
  }

  #swap(place: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, place, from, to) === from;
  }
}

// A place: its state, the second in which it is over, and the key. The two low bits of the state are the phase; the others
// count how often the place was taken, so that nobody changes it for another that it has become meanwhile.
const EXPIRES = 1;
const KEY = 2;
const KEY_INTS = 4;
const PLACE_INTS = KEY + KEY_INTS;
const PLACES = 8;
const BUCKET_INTS = PLACES * PLACE_INTS;
const PREFIX_BYTES = 16;
const HEADER_INTS = 8;
const NOWHERE = -1;

const FREE = 0;
/** Somebody fills it. A thread that dies just then costs the table this one place. */
const WRITING = 1;
/** Filled; it is not settled whether its thread was the first. */
const CONTENDING = 2;
const KEPT = 3;
const PHASE_BITS = 3;

function phaseOf(state: number): number {
  return state & PHASE_BITS;
}

function inPhase(state: number, phase: number): number {
  return (state & ~PHASE_BITS) | phase;
}

function nextTurn(state: number): number {
  return inPhase((state + PHASE_BITS + 1) | 0, WRITING);
}
