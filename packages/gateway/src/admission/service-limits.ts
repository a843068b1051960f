/** The words of one service in shared memory. */
export interface ServiceLine {
  readonly ints: Int32Array;
  readonly floats: Float64Array;
}

/** The `thread` of those who only read, and look after the slots. */
export const SUPERVISOR = -1;

/** Integers of a {@link ServiceLine}: the counts of the window, which all threads add to, and who came last. */
export const INTS = {
  inflight: 0,
  peak: 1,
  count: 2,
  sum: 3,
  unsure: 4,
  began: 5,
  pushed: 6,
  calm: 7,
  caller: 8,
} as const;

/** Floats of a {@link ServiceLine}: what a limiter knows, which only who has closed a window changes. */
export const FLOATS = {
  limit: 0,
  latencyMs: 1,
  smoothed: 2,
  blindUntilMs: 3,
  searchUntilMs: 4,
  // An episode of slowness.
  startLimit: 5,
  highest: 6,
  mostInflight: 7,
  refused: 8,
  evidence: 9,
  // A probe.
  probeUntilMs: 10,
  ratioBefore: 11,
  quietMs: 12,
  patienceMs: 13,
  // Fair shares.
  rivalMs: 14,
} as const;

/** The limit of a service of which nothing is known. */
export const START_LIMIT = 40;

/**
 * What all threads know of the services: how much each has in flight, and the state of its limiter. A few cache lines a
 * service, and for every thread what it has in flight and waiting itself, so that this can be taken back when it dies.
 */
export class ServiceLimits {
  readonly slots: number;
  readonly threads: number;
  readonly #buffer: SharedArrayBuffer;
  readonly #ints: Int32Array;
  readonly #own: Int32Array;
  readonly #waiting: Int32Array;

  static allocate(slots: number, threads: number): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer(
      HEADER_BYTES + slots * LINE_BYTES + OWN_COLUMNS * threads * ownBytes(slots),
    );
    const dimensions = new Int32Array(buffer, 0, 2);
    dimensions[0] = slots;
    dimensions[1] = threads;
    return buffer;
  }

  /** Opens the buffer in the data thread with that number, from 0, or in the {@link SUPERVISOR}. */
  constructor(buffer: SharedArrayBuffer, thread: number) {
    const [slots = 0, threads = 0] = new Int32Array(buffer, 0, 2);
    this.slots = slots;
    this.threads = threads;
    this.#buffer = buffer;
    this.#ints = new Int32Array(buffer, HEADER_BYTES);
    this.#own = thread === SUPERVISOR ? new Int32Array(0) : this.#ofThread(thread, OWN_INFLIGHT);
    this.#waiting = thread === SUPERVISOR ? new Int32Array(0) : this.#ofThread(thread, OWN_WAITING);
  }

  line(slot: number): ServiceLine {
    const at = HEADER_BYTES + slot * LINE_BYTES;
    return {
      ints: new Int32Array(this.#buffer, at, INT_BYTES / 4),
      floats: new Float64Array(this.#buffer, at + INT_BYTES, (LINE_BYTES - INT_BYTES) / 8),
    };
  }

  /** Requests in flight, in all threads. */
  inflight(slot: number): number {
    return this.#ints[slot * LINE_INTS + INTS.inflight] ?? 0;
  }

  /** The adaptive limit, for whoever only wants to know it. */
  adaptiveLimit(slot: number): number {
    return this.line(slot).floats[FLOATS.limit] || START_LIMIT;
  }

  /** Counts one more, if there are less than `threshold`; of all who ask at once, no more than that get in. */
  tryBegin(slot: number, threshold: number): boolean {
    if (this.#add(slot, 1) < threshold) return true;
    this.#add(slot, -1);
    return false;
  }

  /** Counts one more, however many there are. */
  begin(slot: number): void {
    this.#add(slot, 1);
  }

  /** One is over; gives how many there were with it. */
  end(slot: number): number {
    return this.#add(slot, -1);
  }

  /** So many more wait for this service in this thread; less, where it is negative. */
  wait(slot: number, change: number): void {
    this.#waiting[slot] = (this.#waiting[slot] ?? 0) + change;
  }

  /** Requests that wait, in all threads. */
  waiting(slot: number): number {
    let sum = 0;
    for (let thread = 0; thread < this.threads; thread++)
      sum += this.#ofThread(thread, OWN_WAITING)[slot] ?? 0;
    return sum;
  }

  /** Forgets what was learned of a slot that is about to get another service. Not what is in flight: that will end. */
  reset(slot: number): void {
    const { ints, floats } = this.line(slot);
    for (let word = INTS.inflight + 1; word < ints.length; word++) Atomics.store(ints, word, 0);
    floats.fill(0);
  }

  /** Takes back what a thread had in flight, once it has exited and before its number is used again. */
  releaseThread(thread: number): void {
    this.#ofThread(thread, OWN_WAITING).fill(0);
    const own = this.#ofThread(thread, OWN_INFLIGHT);
    for (let slot = 0; slot < own.length; slot++) {
      Atomics.sub(this.#ints, slot * LINE_INTS + INTS.inflight, own[slot] ?? 0);
      own[slot] = 0;
    }
  }

  /** In this order, because a thread may be terminated in between: see `EndpointStates`. Gives the count before. */
  #add(slot: number, change: number): number {
    const own = this.#own[slot];
    if (own === undefined) throw new RangeError(`This thread has no slot ${slot}`);
    if (own + change < 0) throw new Error(`Service ${slot} was left more often than entered`);
    const before = Atomics.add(this.#ints, slot * LINE_INTS + INTS.inflight, change);
    this.#own[slot] = own + change;
    return before;
  }

  #ofThread(thread: number, column: number): Int32Array {
    if (!(thread >= 0 && thread < this.threads)) throw new RangeError(`There is no data thread ${thread}`);
    const place = OWN_COLUMNS * thread + column;
    const at = HEADER_BYTES + this.slots * LINE_BYTES + place * ownBytes(this.slots);
    return new Int32Array(this.#buffer, at, this.slots);
  }
}

const HEADER_BYTES = 64;
/** Integers have a cache line of their own: they change with every request. */
const INT_BYTES = 64;
const LINE_BYTES = INT_BYTES + 128;
const LINE_INTS = LINE_BYTES / 4;
/** What a thread has itself, by slot. */
const OWN_INFLIGHT = 0;
const OWN_WAITING = 1;
const OWN_COLUMNS = 2;

/** Whole cache lines, so that threads do not write to each other's. */
function ownBytes(slots: number): number {
  return Math.ceil((slots * 4) / 64) * 64;
}
