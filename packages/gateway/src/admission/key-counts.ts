import { randomFillSync } from 'node:crypto';
import { KeyHash } from './key-hash.ts';
import { SUPERVISOR } from './service-limits.ts';

/** No place in the counts: the key has as many as it may, or so many keys are under way that there is no room for another. */
export type NoPlace = 'full' | 'no-room';

/**
 * How much each key has under way, in all threads together: a table of fixed size in shared memory, without a lock.
 *
 * A key that has nothing under way has no place, so there is nothing to expire. Its hash names a line of 16 places, and a
 * place holds 18 more bits of the hash and a count in one word, so that both change at once. Two threads that meet a new key
 * in the same moment may each give it a place; that is why the places of a key are added up, after one's own was counted:
 * of those who are let in, the last sees all the others, so there are never more than the limit.
 *
 * Every thread also notes what it holds itself, for `releaseThread`.
 */
export class KeyCounts {
  readonly #words: Int32Array;
  /** What this thread holds of each place. */
  readonly #own: Int32Array;
  readonly #buffer: SharedArrayBuffer;
  readonly #places: number;
  readonly #threads: number;
  readonly #hash: KeyHash;
  /** What the place of the last `enter` held then. */
  #counted = 0;

  /** Memory for about a third as many keys at once as `places`. */
  static allocate(places: number, threads: number): SharedArrayBuffer {
    const lines = 2 ** Math.ceil(Math.log2(Math.max(1, places / PLACES_PER_LINE)));
    const all = lines * PLACES_PER_LINE;
    const buffer = new SharedArrayBuffer(4 * (HEADER_INTS + all * (1 + threads)));
    const header = new Int32Array(buffer, 0, HEADER_INTS);
    header[PLACES] = all;
    header[THREADS] = threads;
    randomFillSync(new Uint8Array(buffer, 4 * SEED, 4));
    return buffer;
  }

  /** Over memory from `allocate`, in the data thread with that number, or as {@link SUPERVISOR}. */
  constructor(buffer: SharedArrayBuffer, thread: number) {
    const header = new Int32Array(buffer, 0, HEADER_INTS);
    this.#buffer = buffer;
    this.#places = header[PLACES] ?? 0;
    this.#threads = header[THREADS] ?? 0;
    this.#hash = new KeyHash(header[SEED] ?? 0);
    this.#words = new Int32Array(buffer, 4 * HEADER_INTS, this.#places);
    this.#own = thread === SUPERVISOR ? new Int32Array(0) : this.#ownOf(thread);
  }

  /** Keeps the keys of one rule apart from those of all others. */
  scope(name: string): number {
    return this.#hash.scope(name);
  }

  /** Counts one more of the key, unless it has `limit`; gives the place where `leave` takes it back. */
  enter(scope: number, key: string, limit: number): number | NoPlace {
    this.#hash.of(scope, key);
    const line = (this.#hash.first & (this.#places / PLACES_PER_LINE - 1)) * PLACES_PER_LINE;
    const tag = this.#hash.second & ~COUNT_MASK;
    const place = this.#countIn(line, tag);
    if (place === NOWHERE) return 'no-room';
    if (this.#counted + this.#elsewhere(line, tag, place) <= limit) return place;
    this.leave(place);
    return 'full';
  }

  /** Takes back what was counted there. Once. */
  leave(place: number): void {
    const own = this.#own[place] ?? 0;
    if (own <= 0) throw new Error(`Place ${place} was left more often than entered`);
    Atomics.sub(this.#words, place, 1);
    this.#own[place] = own - 1;
  }

  /** How much the key has under way. */
  count(scope: number, key: string): number {
    this.#hash.of(scope, key);
    const line = (this.#hash.first & (this.#places / PLACES_PER_LINE - 1)) * PLACES_PER_LINE;
    return this.#elsewhere(line, this.#hash.second & ~COUNT_MASK, NOWHERE);
  }

  /** Takes back what a thread held. For the supervisor, once the thread has exited and before its number is used again. */
  releaseThread(thread: number): void {
    const own = this.#ownOf(thread);
    for (let place = 0; place < own.length; place++) {
      const held = own[place] ?? 0;
      if (held === 0) continue;
      Atomics.sub(this.#words, place, held);
      own[place] = 0;
    }
  }

  /**
   * Adds one to a place of the key, or takes a free one; its index, or -1.
   *
   * A terminated thread stops where a function is entered or a loop goes round, so what is counted is noted as well.
   */
  #countIn(line: number, tag: number): number {
    for (;;) {
      const place = this.#find(line, tag);
      if (place === NOWHERE) return NOWHERE;
      const before = this.#words[place] ?? 0;
      const after = (before & COUNT_MASK) === 0 ? tag | 1 : before + 1;
      // It may have become another's between the two reads.
      if ((after & ~COUNT_MASK) !== tag || (after & COUNT_MASK) === 0) continue;
      const own = this.#own[place] ?? 0;
      if (Atomics.compareExchange(this.#words, place, before, after) === before) {
        this.#own[place] = own + 1;
        this.#counted = after & COUNT_MASK;
        return place;
      }
    }
  }

  /** A place of the key with room in its count, or else the first free one, or -1. */
  #find(line: number, tag: number): number {
    let free = NOWHERE;
    for (let place = line; place < line + PLACES_PER_LINE; place++) {
      const word = this.#words[place] ?? 0;
      const count = word & COUNT_MASK;
      if (count === 0) {
        if (free === NOWHERE) free = place;
      } else if ((word & ~COUNT_MASK) === tag && count < COUNT_MASK) {
        return place;
      }
    }
    return free;
  }

  /** What the places of the key hold, but for one. */
  #elsewhere(line: number, tag: number, but: number): number {
    let total = 0;
    for (let place = line; place < line + PLACES_PER_LINE; place++) {
      if (place === but) continue;
      const word = Atomics.load(this.#words, place);
      if ((word & ~COUNT_MASK) === tag) total += word & COUNT_MASK;
    }
    return total;
  }

  #ownOf(thread: number): Int32Array {
    if (!(thread >= 0 && thread < this.#threads)) throw new RangeError(`There is no data thread ${thread}`);
    return new Int32Array(this.#buffer, 4 * (HEADER_INTS + this.#places * (1 + thread)), this.#places);
  }
}

// Words of the header, which is a cache line.
const PLACES = 0;
const THREADS = 1;
const SEED = 2;
const HEADER_INTS = 16;

/** A cache line. */
const PLACES_PER_LINE = 16;
/** The low bits of a place: a count. One that is full up leaves the next to another place of the same key. */
const COUNT_MASK = 2 ** 14 - 1;
const NOWHERE = -1;
