import { randomFillSync } from 'node:crypto';
import type { Inspection, Charge, Counters, Limiter, Taken } from '../../core/counters.ts';
import type { Clock } from '../../core/ports.ts';
import type { Bucket } from './bucket.ts';
import { GcraBucket } from './gcra-bucket.ts';
import { KeyHash, type HashStart } from '../../core/key-hash.ts';
import { LONGEST_S, NOWHERE, PLACE_BYTES, PlaceTable } from './place-table.ts';
import { SlidingBucket } from './sliding-bucket.ts';
import { StateWord } from './state-word.ts';

/**
 * Counts in memory that all data threads of the process share: exact over all of them, without a lock or a wait.
 *
 * A bucket is a word of 64 bits that is read, decided on, and swapped only if nobody changed it meanwhile. Keys are told
 * apart by 48 bits of a keyed hash (where there is room for a million): the chance that any two of a million keys that are
 * in use at once share a bucket is 1 in 560, and that somebody else's key is one's own 1 in 10¹⁴. A bucket of which nothing
 * is used any more is forgotten; one that was only looked at, or had no room from the first, is never made.
 *
 * When the table is full, a new key takes the place of a bucket that would be forgotten soonest, and starts as if as much of
 * its own was used, but for one unit. So a flood of keys drives out what is hardly used, itself above all; to free a bucket
 * that is used up, it would have to use up all others of the table's row as well. And who is new gets in.
 */
export class LocalCounters implements Counters, Inspection {
  readonly #clock: Clock;
  readonly #epochMs: number;
  readonly #hash: KeyHash;
  readonly #places: PlaceTable;
  readonly #state: StateWord;
  readonly #buckets = { gcra: new GcraBucket(), sliding: new SlidingBucket() };
  #place = NOWHERE;

  /** Over memory from `allocate`; one object a thread. The clock must be monotonic and the same for all threads. */
  constructor(buffer: SharedArrayBuffer, clock: Clock) {
    const places = (buffer.byteLength - HEADER_BYTES) / PLACE_BYTES;
    this.#clock = clock;
    this.#epochMs = epochOf(new BigInt64Array(buffer, EPOCH, 1), clock);
    this.#hash = new KeyHash(new Int32Array(buffer, HASH_KEY, 2));
    this.#state = new StateWord(buffer, HEADER_BYTES);
    this.#places = new PlaceTable(buffer, HEADER_BYTES, places);
  }

  /** Memory for so many keys that are in use at once: 32 bytes each, of which the system only gives what is touched. */
  static allocate(entries: number): SharedArrayBuffer {
    const places = PlaceTable.placesFor(PLACES_PER_ENTRY * entries);
    const buffer = new SharedArrayBuffer(HEADER_BYTES + places * PLACE_BYTES);
    randomFillSync(new Uint8Array(buffer, HASH_KEY, 8));
    return buffer;
  }

  limiter(id: string, algorithm: Limiter['algorithm']): Limiter {
    return new LocalLimiter(id, algorithm, this.#hash.start(`${algorithm} ${id}`));
  }

  takeNow(charges: readonly Charge[]): readonly Taken[] {
    const nowMs = this.#now();
    const first = charges[0];
    if (first !== undefined && charges.length === 1) return [this.#take(first, nowMs)];
    const taken: Taken[] = [];
    for (const charge of charges) {
      const answer = this.#take(charge, nowMs);
      if (!answer.isAllowed) return this.#takeBack(charges, taken, answer);
      taken.push(answer);
    }
    return taken;
  }

  takeOne(charge: Charge): Taken {
    return this.#take(charge, this.#now());
  }

  take(charges: readonly Charge[]): Promise<readonly Taken[]> {
    return Promise.resolve(this.takeNow(charges));
  }

  settle(charge: Charge, difference: number): void {
    if (difference !== 0 && charge.quota.limit > 0) this.#book(charge, difference, this.#now());
  }

  look(charge: Charge): Taken {
    return this.#look(charge, this.#now());
  }

  forget(charge: Charge): void {
    for (;;) {
      this.#read(charge, this.#now());
      const place = this.#place;
      if (place === NOWHERE) return;
      this.#state.clear();
      if (this.#state.swap(place) && this.#places.isStillKept(place)) return;
    }
  }

  /** Milliseconds since the memory was first used: small numbers have more digits after the point. */
  #now(): number {
    return this.#clock.now() - this.#epochMs;
  }

  /** One has no room: gives back what was taken before it, and says how all of them stand. */
  #takeBack(charges: readonly Charge[], taken: readonly Taken[], denied: Taken): readonly Taken[] {
    const nowMs = this.#now();
    for (const [i, charge] of charges.entries())
      if (i < taken.length) this.#book(charge, -charge.cost, nowMs);
    return charges.map((charge, i) => (i === taken.length ? denied : this.#look(charge, nowMs)));
  }

  #take(charge: Charge, nowMs: number): Taken {
    const { quota, cost } = charge;
    if (quota.limit <= 0) return nothing(quota.windowMs);
    for (;;) {
      const bucket = this.#read(charge, nowMs);
      if (!hasRoom(bucket, cost)) {
        if (this.#isStillThere()) return denial(bucket, cost);
        continue;
      }
      bucket.add(cost);
      if (cost === 0 ? this.#isStillThere() : this.#write(charge, bucket, nowMs)) return allowance(bucket);
    }
  }

  /** As `#take`, but takes nothing. */
  #look(charge: Charge, nowMs: number): Taken {
    if (charge.quota.limit <= 0) return nothing(charge.quota.windowMs);
    const bucket = this.#read(charge, nowMs);
    return hasRoom(bucket, charge.cost) ? allowance(bucket) : denial(bucket, charge.cost);
  }

  /** Uses units, or gives them back, whether there is room or not. */
  #book(charge: Charge, units: number, nowMs: number): void {
    for (;;) {
      const bucket = this.#read(charge, nowMs);
      if (this.#place === NOWHERE && units < 0) return;
      bucket.add(units);
      if (this.#write(charge, bucket, nowMs)) return;
    }
  }

  #read({ limiter, key, quota }: Charge, nowMs: number): Bucket {
    const { algorithm } = limiter;
    this.#hash.of(startOf(limiter), key);
    const place = this.#places.find(this.#hash.low, this.#hash.high);
    this.#place = place;
    if (place !== NOWHERE) this.#state.load(place);
    if (place === NOWHERE || this.#places.isOver(secondOf(nowMs))) this.#state.clear();
    const bucket = this.#buckets[algorithm];
    bucket.read(this.#state, quota, nowMs);
    return bucket;
  }

  /** Whether what was read was the bucket of the key. */
  #isStillThere(): boolean {
    return this.#place === NOWHERE || this.#places.isStillKept(this.#place);
  }

  /** Whether the bucket is written. If not it has changed, or has only now got a place, and has to be read again. */
  #write(charge: Charge, bucket: Bucket, nowMs: number): boolean {
    const place = this.#place;
    if (place === NOWHERE) {
      this.#makePlace(charge, bucket, nowMs);
      return false;
    }
    if (!this.#places.keepUntil(place, untilOf(bucket, nowMs))) return false;
    bucket.write(this.#state);
    return this.#state.swap(place) && this.#places.isStillKept(place);
  }

  #makePlace({ quota }: Charge, bucket: Bucket, nowMs: number): void {
    const untilS = untilOf(bucket, nowMs);
    const place = this.#places.claim(this.#hash.high, secondOf(nowMs));
    if (place === NOWHERE) return;
    const { secondsTaken } = this.#places;
    this.#state.clear();
    if (secondsTaken > 0) {
      bucket.readBusy(1000 * secondsTaken, quota, nowMs);
      bucket.write(this.#state);
    }
    this.#state.store(place);
    this.#places.publish(place, this.#hash.low, Math.max(untilS, untilOf(bucket, nowMs)));
  }
}

/** What a charge of ours holds. */
class LocalLimiter implements Limiter {
  readonly id: string;
  readonly algorithm: Limiter['algorithm'];
  readonly start: HashStart;

  constructor(id: string, algorithm: Limiter['algorithm'], start: HashStart) {
    this.id = id;
    this.algorithm = algorithm;
    this.start = start;
  }
}

function startOf(limiter: Limiter): HashStart {
  if (limiter instanceof LocalLimiter) return limiter.start;
  throw new Error(`The limiter ${limiter.id} was made for other counters`);
}

/** Rounding denies nobody: a request may come by this part of a unit too early. It does not add up. */
const SLACK = 0.001;

/** A cost of nothing asks whether there is anything left. */
function hasRoom({ used, capacity }: Bucket, cost: number): boolean {
  return cost === 0 ? used < capacity : used + cost <= capacity + SLACK;
}

function allowance(bucket: Bucket): Taken {
  return answer(bucket, true, 0);
}

function denial(bucket: Bucket, cost: number): Taken {
  // Who only asks whether there is anything waits until there is.
  const target = cost === 0 ? Math.max(0, bucket.capacity - 1) : bucket.capacity - cost;
  return answer(bucket, false, bucket.msUntilUsed(target));
}

function answer(bucket: Bucket, isAllowed: boolean, retryAfterMs: number): Taken {
  const { capacity, used } = bucket;
  const remaining = Math.max(0, Math.floor(capacity - used + SLACK));
  const resetMs = used <= 0 ? 0 : bucket.msUntilUsed(Math.max(0, capacity - remaining - 1));
  return taken(isAllowed, remaining, resetMs, retryAfterMs);
}

/** Of a limit that lets nothing through. */
function nothing(windowMs: number): Taken {
  return taken(false, 0, windowMs, windowMs);
}

/** The one place that makes answers: if several did, V8 would have to bring them into one shape, again and again. */
function taken(isAllowed: boolean, remaining: number, resetMs: number, retryAfterMs: number): Taken {
  return { isAllowed, remaining, resetMs, retryAfterMs };
}

function secondOf(nowMs: number): number {
  return Math.floor(nowMs / 1000);
}

function untilOf({ endMs }: Bucket, nowMs: number): number {
  return Math.min(Math.ceil(endMs / 1000), secondOf(nowMs) + LONGEST_S);
}

/** When the memory was first used; whoever comes first says it. */
function epochOf(word: BigInt64Array, clock: Clock): number {
  const nowMs = BigInt(Math.floor(clock.now()));
  return Number(Atomics.compareExchange(word, 0, 0n, nowMs) || nowMs);
}

const HASH_KEY = 0;
const EPOCH = 8;
const HEADER_BYTES = 64;
const PLACES_PER_ENTRY = 2;
