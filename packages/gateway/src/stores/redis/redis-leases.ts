import { FIRST_HINT, LeasePlaces, NOWHERE, UNITS, type LeaseKey } from './lease-places.ts';

/** How long units are kept that were fetched in advance, if no others follow; then what is left goes back. None is kept for twice as long. */
export const LEASE_MS = 200;

/** How much is fetched in advance: what was asked for in such a time. */
const DEMAND_MS = 100;

/** More than one process hands out in that time. */
const MAX_LEASE = 2 ** 19;

/** What Redis said about a bucket. */
export interface BucketView {
  /** Units that were left in Redis; negative for debt. */
  readonly level: number;
  /** Until there was one more, 0 if the bucket was full. */
  readonly resetMs: number;
  /** What cost as much or more was denied for the next `retryMs`; 0: nothing was. */
  readonly deniedCost: number;
  readonly retryMs: number;
}

/** The same, and how old it is. */
export interface PastView extends BucketView {
  readonly ageMs: number;
}

/**
 * What this process has on loan from Redis, in shared memory for all of its threads: units that may be handed out without
 * asking, what Redis last said about a bucket, and how much is being asked for.
 *
 * Only the units are exact. The rest are hints, and when one is torn or lost, Redis is asked once more than necessary. So it is
 * with keys for which there is no place: they are counted in Redis, request by request.
 */
export class RedisLeases {
  readonly #places: LeasePlaces;

  /** Over memory from `allocate`; one object a thread. */
  constructor(buffer: SharedArrayBuffer) {
    this.#places = new LeasePlaces(buffer);
  }

  /** Memory for at least so many keys at a time; 64 bytes each, of which the system only gives what is touched. */
  static allocate(entries: number): SharedArrayBuffer {
    return LeasePlaces.allocate(entries);
  }

  /** The key of a name. */
  keyOf(name: string): LeaseKey {
    return this.#places.keyOf(name);
  }

  /** The place of a key, or -1. It may change hands at any time. */
  find(key: LeaseKey): number {
    return this.#places.find(key);
  }

  /** The place of a key, made if there is none; -1 if all that it could have hold units. */
  settle(key: LeaseKey, nowMs: number): number {
    const found = this.#places.find(key);
    if (found !== NOWHERE) return found;
    const now = tickOf(nowMs);
    const place = this.#places.take(key, (other, units) =>
      units > 0 && this.#isFresh(other, nowMs) ? -1 : (now - this.#load(other + DEMAND_TICK)) | 0,
    );
    if (place !== NOWHERE) this.#store(place + DEMAND_TICK, now);
    return place;
  }

  /** Takes units that are here; gives how many are left, or -1 if there are not as many, or they are too old. */
  draw(place: number, key: LeaseKey, units: number, nowMs: number): number {
    for (;;) {
      const word = this.#load(place);
      const left = (word & UNITS) - units;
      const isHere = this.#places.holds(place, word, key) && this.#isFresh(place, nowMs);
      // Even what costs nothing is free only while there is something: there could be debt.
      if (!isHere || left < 0 || (word & UNITS) === 0) return -1;
      if (this.#places.swap(place, word, word - units)) return left;
    }
  }

  /** Puts units back that were drawn a moment ago; false if there is no lease any more that they could go to. */
  putBack(place: number, key: LeaseKey, units: number, nowMs: number): boolean {
    for (;;) {
      const word = this.#load(place);
      const isHere = this.#places.holds(place, word, key) && this.#isFresh(place, nowMs);
      if (!isHere || (word & UNITS) + units > UNITS) return false;
      if (this.#places.swap(place, word, word + units)) return true;
    }
  }

  /** Adds units that Redis has lent; gives how many cannot be kept: of these, or of others that had become too old. */
  grant(place: number, key: LeaseKey, units: number, nowMs: number): number {
    for (;;) {
      const word = this.#load(place);
      if (!this.#places.holds(place, word, key)) return units;
      const kept = this.#isFresh(place, nowMs) ? word & UNITS : 0;
      const sum = Math.min(kept + units, UNITS);
      // Half of them are used before it is prolonged the next time: so what is here now will be gone by then.
      if (kept <= units) this.#store(place + EXPIRES, Math.floor(nowMs + LEASE_MS) | 0);
      if (!this.#places.swap(place, word, (word & ~UNITS) | sum)) continue;
      this.#store(place + SIZE, sum);
      return (word & UNITS) + units - sum;
    }
  }

  /** Takes out what has become too old; gives how many units. */
  reclaim(place: number, key: LeaseKey, nowMs: number): number {
    return this.#isFresh(place, nowMs) ? 0 : this.empty(place, key);
  }

  /** Takes out everything; gives how many units. */
  empty(place: number, key: LeaseKey): number {
    for (;;) {
      const word = this.#load(place);
      if (!this.#places.holds(place, word, key)) return 0;
      if (this.#places.swap(place, word, word & ~UNITS)) return word & UNITS;
    }
  }

  /** How many units are here. */
  left(place: number, key: LeaseKey, nowMs: number): number {
    const word = this.#load(place);
    return this.#places.holds(place, word, key) && this.#isFresh(place, nowMs) ? word & UNITS : 0;
  }

  /** Forgets what is here, and what was denied: the bucket starts afresh. */
  forget(key: LeaseKey): void {
    const place = this.#places.find(key);
    if (place === NOWHERE) return;
    this.#store(place + DENIED_COST, 0);
    this.empty(place, key);
  }

  /** Whether so few units are left that it is time to fetch the next ones. */
  isHalfUsed(place: number, left: number): boolean {
    return 2 * left <= this.#load(place + SIZE);
  }

  /**
   * How many units to fetch in advance: as many as were asked for lately. Who hears more than 0 has it to do, and others hear
   * 0 until `endFetch`, for `forMs` at most.
   */
  beginFetch(place: number, nowMs: number, forMs: number): number {
    this.#turnTo(place, nowMs);
    const demand = Math.max(this.#load(place + DEMAND), this.#load(place + DEMAND_BEFORE));
    const until = this.#load(place + FETCHED_BY);
    const leftMs = until === 0 ? 0 : msUntil(until, nowMs);
    if (demand <= 0 || (leftMs > 0 && leftMs <= forMs)) return 0;
    const isOurs = this.#places.swap(place + FETCHED_BY, until, Math.floor(nowMs + forMs) | 0);
    return isOurs ? Math.min(demand, MAX_LEASE) : 0;
  }

  /** Lets others fetch. */
  endFetch(place: number): void {
    this.#store(place + FETCHED_BY, 0);
  }

  /** Notes that units are asked for. */
  demand(place: number, units: number, nowMs: number): void {
    this.#turnTo(place, nowMs);
    this.#places.add(place + DEMAND, units);
  }

  /** Notes what Redis said. */
  see(place: number, { level, resetMs, deniedCost, retryMs }: BucketView, nowMs: number): void {
    this.#store(place + DENIED_COST, 0);
    this.#store(place + SEEN_AT, Math.floor(nowMs) | 0);
    this.#store(place + LEVEL, int32(level));
    this.#store(place + RESET, int32(Math.ceil(resetMs)));
    this.#store(place + RETRY, int32(Math.ceil(retryMs)));
    this.#store(place + DENIED_COST, int32(deniedCost));
  }

  /** What Redis said last. */
  view(place: number, nowMs: number): PastView {
    return {
      level: this.#load(place + LEVEL),
      resetMs: this.#load(place + RESET),
      deniedCost: this.#load(place + DENIED_COST),
      retryMs: this.#load(place + RETRY),
      // A time to come is that of a thread whose clock is apart: old as well.
      ageMs: Math.abs(msUntil(this.#load(place + SEEN_AT), nowMs)),
    };
  }

  /** Counts the demand of this moment from nothing, if it is another one. */
  #turnTo(place: number, nowMs: number): void {
    const tick = tickOf(nowMs);
    const last = this.#load(place + DEMAND_TICK);
    if (last === tick || !this.#places.swap(place + DEMAND_TICK, last, tick)) return;
    this.#store(place + DEMAND_BEFORE, last === ((tick - 1) | 0) ? this.#load(place + DEMAND) : 0);
    this.#store(place + DEMAND, 0);
  }

  /** In the future, but not further than a lease can be: the clocks of threads may be apart. */
  #isFresh(place: number, nowMs: number): boolean {
    const leftMs = msUntil(this.#load(place + EXPIRES), nowMs);
    return leftMs > 0 && leftMs <= 2 * LEASE_MS;
  }

  #load(index: number): number {
    return this.#places.load(index);
  }

  #store(index: number, value: number): void {
    this.#places.store(index, value);
  }
}

const EXPIRES = FIRST_HINT;
const SIZE = FIRST_HINT + 1;
const FETCHED_BY = FIRST_HINT + 2;
const SEEN_AT = FIRST_HINT + 3;
const LEVEL = FIRST_HINT + 4;
const RESET = FIRST_HINT + 5;
const RETRY = FIRST_HINT + 6;
const DENIED_COST = FIRST_HINT + 7;
const DEMAND_TICK = FIRST_HINT + 8;
const DEMAND = FIRST_HINT + 9;
const DEMAND_BEFORE = FIRST_HINT + 10;

function tickOf(nowMs: number): number {
  return Math.floor(nowMs / DEMAND_MS) | 0;
}

/** Times are kept in the low 32 bits of their ms, so a difference is right within 24 days. */
function msUntil(time: number, nowMs: number): number {
  return (time - (Math.floor(nowMs) | 0)) | 0;
}

function int32(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.floor(value)));
}
