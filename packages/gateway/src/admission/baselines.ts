import { KeyHash } from './key-hash.ts';

/**
 * How long the requests of each class take when nothing waits: in memory that all threads share, a row for each.
 *
 * A class is a route of a service. Its samples are collected in buckets of two seconds; the baseline is the lowest geometric
 * mean of a bucket within the last minute. Geometric, because latencies spread over orders of magnitude; the lowest, because
 * queues come and go, and what is left without them is the work.
 *
 * Threads add to the sums atomically. Who finds a bucket due closes it, alone; what another adds in that moment may count for
 * the next bucket. Time is in ms of the shared clock, latency in its natural logarithm.
 */
export class Baselines {
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  readonly #rows: number;
  readonly #hash = new KeyHash(0);

  /** Memory for so many classes. */
  static allocate(classes: number): SharedArrayBuffer {
    return new SharedArrayBuffer(classes * ROW_BYTES);
  }

  constructor(buffer: SharedArrayBuffer) {
    this.#ints = new Int32Array(buffer);
    this.#floats = new Float64Array(buffer);
    this.#rows = buffer.byteLength / ROW_BYTES;
  }

  /** The row of a class. It stays the class's for good; when there are more classes than rows, some share one. */
  row(service: number, serviceId: string, route: string): number {
    this.#hash.of(this.#hash.scope(serviceId), route);
    const key = this.#hash.second === FREE ? 1 : this.#hash.second;
    const home = (this.#hash.first >>> 0) % this.#rows;
    for (let step = 0; step < Math.min(PROBES, this.#rows); step++) {
      const row = (home + step) % this.#rows;
      const holder = Atomics.compareExchange(this.#ints, row * ROW_INTS + KEY, FREE, key);
      if (holder !== FREE && holder !== key) continue;
      this.#ints[row * ROW_INTS + SERVICE] = service;
      return row;
    }
    return home;
  }

  /** Takes in a latency and gives how far it is above the baseline, in its logarithm. */
  sample(row: number, latencyMs: number, nowMs: number): number {
    const ints = row * ROW_INTS;
    const isKnown = this.isKnown(row);
    const logLatency = Math.log(Math.max(LEAST_LATENCY_MS, latencyMs));
    const scaled = Math.round(logLatency * SCALE);
    const sum = Atomics.add(this.#ints, ints + SUM, scaled) + scaled;
    const count = Atomics.add(this.#ints, ints + COUNT, 1) + 1;
    if (count === 1) Atomics.store(this.#ints, ints + BEGAN, nowMs | 0);
    const mean = sum / count / SCALE;
    if (count >= LEAST_SAMPLES) {
      const lengthMs = isKnown
        ? BUCKET_MS
        : Math.max(FIRST_BUCKET_MS, FIRST_BUCKET_LATENCIES * Math.exp(mean));
      const ageMs = Math.abs(((nowMs | 0) - (this.#ints[ints + BEGAN] ?? 0)) | 0);
      if (ageMs >= lengthMs || count >= MOST_SAMPLES) this.#close(row, nowMs);
    }
    return logLatency - (isKnown ? (this.#floats[row * ROW_FLOATS + BASELINE] ?? 0) : mean);
  }

  /** Whether there is a baseline: until then a latency is compared with those before it. */
  isKnown(row: number): boolean {
    return this.#ints[row * ROW_INTS + CLOSED] !== 0;
  }

  /** The baseline in ms; 0 as long as there is none. */
  baselineMs(row: number): number {
    return this.isKnown(row) ? Math.exp(this.#floats[row * ROW_FLOATS + BASELINE] ?? 0) : 0;
  }

  /** The classes of a service take longer by this factor, for good. */
  raise(service: number, factor: number): void {
    for (const row of this.#rowsOf(service)) this.#raise(row, Math.log(factor));
  }

  /** What comes now of a service is not to be mixed with what came before, which is kept if it is enough for a bucket. */
  closeBuckets(service: number, nowMs: number): void {
    for (const row of this.#rowsOf(service)) {
      if ((this.#ints[row * ROW_INTS + COUNT] ?? 0) >= LEAST_SAMPLES) this.#close(row, nowMs);
      else this.#empty(row);
    }
  }

  /** What came just now of a service tells nothing. */
  emptyBuckets(service: number): void {
    for (const row of this.#rowsOf(service)) this.#empty(row);
  }

  #empty(row: number): void {
    Atomics.store(this.#ints, row * ROW_INTS + COUNT, 0);
    Atomics.store(this.#ints, row * ROW_INTS + SUM, 0);
  }

  /** Of two threads that find it due at once, the second finds it empty. */
  #close(row: number, nowMs: number): void {
    const ints = row * ROW_INTS;
    const floats = row * ROW_FLOATS;
    const samples = Atomics.exchange(this.#ints, ints + COUNT, 0);
    const sum = Atomics.exchange(this.#ints, ints + SUM, 0);
    if (samples < LEAST_SAMPLES) return;
    // By luck one of thirty is two standard errors below the others; those of most services are about as large as this.
    const mean = sum / samples / SCALE + LUCK / Math.sqrt(samples);
    const closed = this.#ints[ints + CLOSED] ?? 0;
    this.#floats[floats + MEANS + (closed % BUCKETS)] = mean;
    this.#floats[floats + ENDS + (closed % BUCKETS)] = nowMs;
    this.#ints[ints + CLOSED] = closed + 1;
    this.#floats[floats + BASELINE] = this.#lowest(row, nowMs);
  }

  /** The lowest mean of the last minute. */
  #lowest(row: number, nowMs: number): number {
    const floats = row * ROW_FLOATS;
    const closed = this.#ints[row * ROW_INTS + CLOSED] ?? 0;
    let lowest = Infinity;
    for (let bucket = 0; bucket < Math.min(closed, BUCKETS); bucket++) {
      const isRecent = nowMs - (this.#floats[floats + ENDS + bucket] ?? 0) < MEMORY_MS;
      if (isRecent) lowest = Math.min(lowest, this.#floats[floats + MEANS + bucket] ?? Infinity);
    }
    return lowest;
  }

  #raise(row: number, shift: number): void {
    const floats = this.#floats.subarray(row * ROW_FLOATS, (row + 1) * ROW_FLOATS);
    floats[BASELINE] = (floats[BASELINE] ?? 0) + shift;
    for (let mean = MEANS; mean < MEANS + BUCKETS; mean++) floats[mean] = (floats[mean] ?? 0) + shift;
  }

  *#rowsOf(service: number): Generator<number> {
    for (let row = 0; row < this.#rows; row++) {
      const ints = row * ROW_INTS;
      if (this.#ints[ints + KEY] !== FREE && this.#ints[ints + SERVICE] === service) yield row;
    }
  }
}

// Words of a row: integers in its first half cache line, floats after them.
const KEY = 0;
const SERVICE = 1;
const COUNT = 2;
/** Of logarithms, in units of 1/{@link SCALE}. */
const SUM = 3;
/** When the bucket began, in ms modulo 2³². */
const BEGAN = 4;
/** How many buckets were closed. */
const CLOSED = 5;
const BASELINE = 3;
const MEANS = 4;
const BUCKETS = 30;
const ENDS = MEANS + BUCKETS;
const ROW_BYTES = 64 * Math.ceil((8 * (ENDS + BUCKETS)) / 64);
const ROW_INTS = ROW_BYTES / 4;
const ROW_FLOATS = ROW_BYTES / 8;

const FREE = 0;
const PROBES = 64;
const SCALE = 1024;
const LEAST_SAMPLES = 20;
const LEAST_LATENCY_MS = 0.05;
/** Before the sum of their logarithms could leave 31 bits. */
const MOST_SAMPLES = 2 ** 16;
const BUCKET_MS = 2000;
/** The first one is short, because until it is closed nothing is known; but not so short that slow requests are missing. */
const FIRST_BUCKET_MS = 100;
const FIRST_BUCKET_LATENCIES = 10;
const LUCK = 1.5;
const MEMORY_MS = 60_000;
