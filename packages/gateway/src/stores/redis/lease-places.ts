import { hash, randomFillSync } from 'node:crypto';

/** A key as the table knows it: four words of its hash. */
export type LeaseKey = Int32Array;

/**
 * The places of the table of leases, in shared memory: which key has which, and who may have it next.
 *
 * There is no lock. A place is a cache line; its first word holds units and a turn, which goes up when the place changes
 * hands and is odd while that happens. Who reads the word, then looks at the key and then swaps the word has changed the units
 * of that key or none. All other words are hints, which may be torn.
 */
export class LeasePlaces {
  readonly #words: Int32Array;
  readonly #prefix: string;
  readonly #setMask: number;

  /** Over memory from `allocate`; one object a thread. */
  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
    // A copy, because what is shared could be changed while it is read, and is not taken as text.
    this.#prefix = Buffer.from(new Uint8Array(buffer, 0, PREFIX_BYTES)).toString('hex');
    this.#setMask = (this.#words.length - HEADER_INTS) / SET_INTS - 1;
  }

  static allocate(entries: number): SharedArrayBuffer {
    const sets = 2 ** Math.ceil(Math.log2(Math.max(1, entries / PLACES)));
    const buffer = new SharedArrayBuffer(4 * (HEADER_INTS + sets * SET_INTS));
    randomFillSync(new Uint8Array(buffer, 0, PREFIX_BYTES));
    return buffer;
  }

  /** The key of a name. It differs from process to process, so that nobody can choose names that crowd one set. */
  keyOf(name: string): LeaseKey {
    const digest = hash('sha256', this.#prefix + name, 'buffer');
    return Int32Array.from({ length: KEY_INTS }, (_, i) => digest.readInt32LE(4 * i));
  }

  /** The place of a key, or -1. It may change hands at any time. */
  find(key: LeaseKey): number {
    const first = this.#setOf(key);
    for (let place = first; place < first + SET_INTS; place += PLACE_INTS) {
      if (this.holds(place, this.load(place), key)) return place;
    }
    return NOWHERE;
  }

  /**
   * Takes the place that was idle longest for a key that has none. `idleOf` says how long it was, negative for one that must
   * stay. Gives -1 if all must.
   */
  take(key: LeaseKey, idleOf: (place: number, units: number) => number): number {
    const first = this.#setOf(key);
    for (;;) {
      let [best, bestWord, bestIdle] = [NOWHERE, 0, -1];
      for (let place = first; place < first + SET_INTS; place += PLACE_INTS) {
        const word = this.load(place);
        const idle = word === NEVER_TAKEN ? Infinity : isSettled(word) ? idleOf(place, word & UNITS) : -1;
        if (idle > bestIdle) [best, bestWord, bestIdle] = [place, word, idle];
      }
      if (best === NOWHERE) return NOWHERE;
      if (this.swap(best, bestWord, nextTurn(bestWord))) return this.#write(best, key);
    }
  }

  /** Whether a place whose first word is `word` belongs to a key. */
  holds(place: number, word: number, key: LeaseKey): boolean {
    if (!isSettled(word)) return false;
    for (let i = 0; i < KEY_INTS; i++) if (this.load(place + KEY + i) !== key[i]) return false;
    return true;
  }

  load(index: number): number {
    return Atomics.load(this.#words, index);
  }

  store(index: number, value: number): void {
    Atomics.store(this.#words, index, value);
  }

  add(index: number, value: number): void {
    Atomics.add(this.#words, index, value);
  }

  swap(index: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, index, from, to) === from;
  }

  #setOf(key: LeaseKey): number {
    return HEADER_INTS + ((key[0] ?? 0) & this.#setMask) * SET_INTS;
  }

  #write(place: number, key: LeaseKey): number {
    for (let i = 0; i < KEY_INTS; i++) this.store(place + KEY + i, key[i] ?? 0);
    for (let i = FIRST_HINT; i < PLACE_INTS; i++) this.store(place + i, 0);
    this.store(place, nextTurn(this.load(place)));
    return place;
  }
}

/** No place. */
export const NOWHERE = -1;
/** The units in the first word of a place. */
export const UNITS = 2 ** 20 - 1;
/** The first word of a place that is free for use, from here to `PLACE_INTS`. All of them are 0 when a key gets its place. */
export const FIRST_HINT = 5;

const TURN = UNITS + 1;
const NEVER_TAKEN = 0;
const KEY = 1;
const KEY_INTS = 4;
const PLACE_INTS = 16;
const PLACES = 8;
const SET_INTS = PLACES * PLACE_INTS;
const PREFIX_BYTES = 16;
const HEADER_INTS = 16;

function isSettled(word: number): boolean {
  return (word & TURN) === 0;
}

function nextTurn(word: number): number {
  return ((word & ~UNITS) + TURN) | 0;
}
