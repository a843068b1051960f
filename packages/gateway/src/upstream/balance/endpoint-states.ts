import type { EndpointCondition } from '../../core/endpoint-health.ts';
import {
  CHECKED_DOWN,
  EJECTED,
  EJECTED_UNTIL_MS,
  EjectionStates,
  FLAGS,
  type EjectionView,
} from './ejection-states.ts';

/** What is known of one endpoint, for the admin API and `explain`. */
export interface EndpointView {
  /** Requests under way in all threads; a stream counts as a quarter. */
  readonly inflight: number;
  /** Moving average of the time to the head of good answers, in microseconds, as callers feel it; 0 before the first. */
  readonly latencyUs: number;
  /** What the balancer reckons with; see {@link EndpointStates.ewmaUs}. */
  readonly ewmaUs: number;
  /** When the last sample or charge came, in milliseconds of the shared clock; 0 for never. */
  readonly lastSampleMs: number;
  /** Answers without a fault of the endpoint, and the others; both wrap at 2³². */
  readonly ok: number;
  readonly failed: number;
  /** The endpoint asked not to be used before this time; 0 for never. */
  readonly penalisedUntilMs: number;
  /** Since when it has been in use after it was new or healed; 0 for ever. */
  readonly warmSinceMs: number;
  readonly ejection: EjectionView;
}

/**
 * Why an attempt counts as slower than it was, so that failing fast does not attract traffic:
 *
 * - `unavailable`: connect error, reset, timeout, 502, 503, 504, gRPC UNAVAILABLE. At least 1 s and 10 × the average.
 * - `error`: 500. At least 3 × the average.
 * - `abandoned`: the client went away. Counts as the time it took, but only if that is above the average, and is
 *   nobody's failure.
 */
export type Charge = 'unavailable' | 'error' | 'abandoned';

/** A request at an endpoint. */
export interface Visit {
  /** In milliseconds of the shared clock. */
  readonly startedAtMs: number;
  /** What `begin` gave: how many the endpoint had then, this one included. */
  readonly crowd: number;
}

/** The `thread` of those who only read and look after the slots: they have nothing in flight. */
export const SUPERVISOR = -1;

/** The latency of an endpoint when nothing is known about it or its service, in microseconds. */
export const UNKNOWN_LATENCY_US = 30_000;

/** `penalise` callers must not go further ahead than this, whatever a `Retry-After` says. */
export const MAX_PENALTY_MS = 30_000;

const LINE_BYTES = 128;
const INTS_PER_LINE = LINE_BYTES / 4;
const FLOATS_PER_LINE = LINE_BYTES / 8;

// Words of a line. Integers stand before floats, which begin at byte 16. FLAGS (3) and EJECTED_UNTIL_MS (5) are next door.
const INFLIGHT = 0;
const OK = 1;
const FAILED = 2;
const EWMA_US = 2;
const LAST_SAMPLE_MS = 3;
const PENALISED_UNTIL_MS = 4;
const WARM_SINCE_MS = 6;
const LATENCY_US = 7;

/** In flight is counted in quarters, because a stream weighs a quarter of a request. */
const REQUEST = 4;
const STREAM = 1;

/** A new sample counts for 1 − e^(−gap/2 s), but never for less than a twentieth. */
const TIME_CONSTANT_MS = 2_000;
const LEAST_GAIN = 0.05;

/** What was measured long ago fades towards the median of the service, or a healed endpoint would never be tried. */
const FADE_MS = 10_000;
/** e^(−idle/{@link FADE_MS}) to within 0.2 %, for at most 16 of them: `Math.exp` costs 9 ns for each candidate, this 1. */
const FADE_STEPS = 256;
const FADE_STEPS_PER_MS = FADE_STEPS / FADE_MS;
const LAST_FADE = 16 * FADE_STEPS;
const FADED = Float64Array.from({ length: LAST_FADE + 1 }, (_, step) => Math.exp(-(step + 0.5) / FADE_STEPS));

const UNAVAILABLE_US = 1_000_000;
/** Charges multiply the average; without an end to it, an endpoint could not come back within minutes, or at all. */
const MAX_EWMA_US = 60_000_000;

/**
 * What all threads know of the endpoints: two cache lines for each in one shared buffer, the second for what is seldom needed.
 *
 * Time is `performance.timeOrigin + performance.now()` in milliseconds, which threads can compare to within their
 * clocks' difference at start. Counts are atomic; the floats are not locked, since a lost update to an average is
 * harmless and an aligned write does not tear. Nothing here allocates but `view`.
 *
 * Layout: a line with the dimensions, a line per slot, then for every thread what it has in flight itself, so that
 * this can be taken back when the thread dies.
 */
export class EndpointStates {
  readonly slots: number;
  readonly ejections: EjectionStates;
  readonly #threads: number;
  readonly #buffer: SharedArrayBuffer;
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  /** What this thread has in flight at each slot. Only this thread writes here. */
  readonly #own: Int32Array;

  /** A buffer for `slots` endpoints and `threads` data threads. */
  static allocate(slots: number, threads: number): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer((1 + slots) * LINE_BYTES + threads * ownBytes(slots));
    const dimensions = new Int32Array(buffer, 0, 2);
    dimensions[0] = slots;
    dimensions[1] = threads;
    return buffer;
  }

  /** Opens the buffer in the data thread with that number, from 0, or in the {@link SUPERVISOR}. */
  constructor(buffer: SharedArrayBuffer, thread: number) {
    const [slots = 0, threads = 0] = new Int32Array(buffer, 0, 2);
    this.slots = slots;
    this.#threads = threads;
    this.#buffer = buffer;
    this.#ints = new Int32Array(buffer);
    this.#floats = new Float64Array(buffer);
    this.ejections = new EjectionStates({
      ints: this.#ints,
      floats: this.#floats,
      lineInts: INTS_PER_LINE,
      holder: holderOf(thread),
    });
    this.#own = thread === SUPERVISOR ? new Int32Array(0) : this.#ownOf(thread);
  }

  /** A request goes to the endpoint. Gives its crowd: how many it has there now, itself included. */
  begin(slot: number): number {
    return this.#add(slot, REQUEST) * (1 / REQUEST);
  }

  /** That request is over: answered, reset, aborted or timed out. The caller makes sure that it says so once. */
  end(slot: number): void {
    this.#add(slot, -REQUEST);
  }

  /** A request that has begun turned out to be a stream (events, WebSocket, streaming gRPC): it weighs less now. */
  becomeStream(slot: number): void {
    this.#add(slot, STREAM - REQUEST);
  }

  /** In place of `end` after `becomeStream`. */
  endStream(slot: number): void {
    this.#add(slot, -STREAM);
  }

  /**
   * Requests under way in all threads; a stream counts as a quarter.
   *
   * A plain read: `Atomics.load` costs 7 ns more for each candidate, and an int32 does not tear without it.
   */
  inflight(slot: number): number {
    return (this.#ints[(1 + slot) * INTS_PER_LINE + INFLIGHT] ?? 0) * (1 / REQUEST);
  }

  /**
   * Takes in the time to the head of an answer without fault (4xx included), which is complete.
   * `medianUs` is where an endpoint without history begins.
   */
  sample(slot: number, visit: Visit, nowMs: number, medianUs: number): void {
    this.succeeded(slot);
    this.measure(slot, visit, nowMs, medianUs);
  }

  /** Counts an answer without fault whose time was taken in when it began. */
  succeeded(slot: number): void {
    Atomics.add(this.#ints, (1 + slot) * INTS_PER_LINE + OK, 1);
  }

  /** As `sample`, of an answer that has begun: how it ends is counted later, with `succeeded` or `charge`. */
  measure(slot: number, visit: Visit, nowMs: number, medianUs: number): void {
    const gain = this.#gain(slot, nowMs);
    const latencyUs = (nowMs - visit.startedAtMs) * 1000;
    const at = (1 + slot) * FLOATS_PER_LINE + LATENCY_US;
    const averageUs = this.#floats[at] || latencyUs;
    this.#floats[at] = averageUs + gain * (latencyUs - averageUs);
    const ewmaUs = this.#historyUs(slot, medianUs);
    this.#keep(slot, ewmaUs + gain * (latencyUs / Math.sqrt(visit.crowd) - ewmaUs), nowMs);
  }

  /** Takes in an attempt that ended otherwise. */
  charge(slot: number, kind: Charge, visit: Visit, nowMs: number): void {
    const ewmaUs = this.#historyUs(slot, UNKNOWN_LATENCY_US);
    let costUs = ((nowMs - visit.startedAtMs) * 1000) / Math.sqrt(visit.crowd);
    if (kind === 'abandoned') {
      if (costUs <= ewmaUs) return;
    } else {
      Atomics.add(this.#ints, (1 + slot) * INTS_PER_LINE + FAILED, 1);
      costUs =
        kind === 'error' ? Math.max(costUs, 3 * ewmaUs) : Math.max(costUs, UNAVAILABLE_US, 10 * ewmaUs);
    }
    this.#keep(slot, ewmaUs + this.#gain(slot, nowMs) * (costUs - ewmaUs), nowMs);
  }

  /** The endpoint asked for a pause (429, or 503 with `Retry-After`). Never shortens one that is under way. */
  penalise(slot: number, untilMs: number): void {
    const at = (1 + slot) * FLOATS_PER_LINE + PENALISED_UNTIL_MS;
    if (untilMs > (this.#floats[at] ?? 0)) this.#floats[at] = untilMs;
  }

  isPenalised(slot: number, nowMs: number): boolean {
    return (this.#floats[(1 + slot) * FLOATS_PER_LINE + PENALISED_UNTIL_MS] ?? 0) > nowMs;
  }

  /** What active checks say. */
  setChecked(slot: number, isUp: boolean): void {
    const at = (1 + slot) * INTS_PER_LINE + FLAGS;
    if (isUp) Atomics.and(this.#ints, at, ~CHECKED_DOWN);
    else Atomics.or(this.#ints, at, CHECKED_DOWN);
  }

  /** Whether active checks say that it is down. */
  isCheckedDown(slot: number): boolean {
    return ((this.#ints[(1 + slot) * INTS_PER_LINE + FLAGS] ?? 0) & CHECKED_DOWN) !== 0;
  }

  /** Puts it out until then, whatever becomes of its siblings. */
  eject(slot: number, untilMs: number): void {
    this.ejections.eject(slot, untilMs, { nowMs: 0, reason: 'consecutive-failures' });
  }

  /** It has proven itself, or was taken for worse than it is: from now on it gets requests, few at first. */
  readmit(slot: number, nowMs: number): void {
    this.ejections.readmit(slot);
    this.warmUp(slot, nowMs);
  }

  /** Whether health speaks against it: it is down by active checks, or ejected and its time is not over. */
  isDown(slot: number, nowMs: number): boolean {
    const flags = (this.#ints[(1 + slot) * INTS_PER_LINE + FLAGS] ?? 0) & (CHECKED_DOWN | EJECTED);
    if (flags === 0) return false;
    if ((flags & CHECKED_DOWN) !== 0) return true;
    return (this.#floats[(1 + slot) * FLOATS_PER_LINE + EJECTED_UNTIL_MS] ?? 0) > nowMs;
  }

  condition(slot: number, nowMs: number): EndpointCondition {
    if (this.isCheckedDown(slot)) return 'down';
    if (this.ejections.isEjected(slot)) return this.ejections.isProbed(slot, nowMs) ? 'half-open' : 'ejected';
    return this.isPenalised(slot, nowMs) ? 'penalised' : 'up';
  }

  /** It begins with less than its share. */
  warmUp(slot: number, nowMs: number): void {
    this.#floats[(1 + slot) * FLOATS_PER_LINE + WARM_SINCE_MS] = nowMs;
  }

  /** Since when it has been in use; 0 for ever. */
  warmSinceMs(slot: number): number {
    return this.#floats[(1 + slot) * FLOATS_PER_LINE + WARM_SINCE_MS] ?? 0;
  }

  /**
   * The average of what a request takes that comes alone, as it was when last sampled; 0 before the first sample. What was
   * measured in a crowd is divided by its square root, and failures count as slow ({@link Charge}).
   *
   * A busy endpoint answers late because it is busy, and its load is in the score already: were the wait in the average as
   * well, the fastest endpoints, which are given the most to do, would look slow. The root, because some of what is in
   * flight is worked on side by side.
   */
  ewmaUs(slot: number): number {
    return this.#floats[(1 + slot) * FLOATS_PER_LINE + EWMA_US] ?? 0;
  }

  lastSampleMs(slot: number): number {
    return this.#floats[(1 + slot) * FLOATS_PER_LINE + LAST_SAMPLE_MS] ?? 0;
  }

  /** What to expect of the endpoint now: its average, faded towards `medianUs` for as long as it was not used. */
  expectedUs(slot: number, nowMs: number, medianUs: number): number {
    const ewmaUs = this.ewmaUs(slot);
    if (ewmaUs === 0) return medianUs;
    const idleMs = Math.max(0, nowMs - this.lastSampleMs(slot));
    return medianUs + (ewmaUs - medianUs) * (FADED[Math.min(LAST_FADE, idleMs * FADE_STEPS_PER_MS) | 0] ?? 0);
  }

  /**
   * Forgets the past of a slot that gets another endpoint, which is new from then on.
   *
   * Not what is in flight: those who began will end, and the count would go below zero.
   */
  reset(slot: number, nowMs = 0): void {
    const ints = (1 + slot) * INTS_PER_LINE;
    Atomics.store(this.#ints, ints + OK, 0);
    Atomics.store(this.#ints, ints + FAILED, 0);
    this.ejections.reset(slot);
    const floats = (1 + slot) * FLOATS_PER_LINE;
    this.#floats[floats + EWMA_US] = 0;
    this.#floats[floats + LAST_SAMPLE_MS] = 0;
    this.#floats[floats + PENALISED_UNTIL_MS] = 0;
    this.#floats[floats + WARM_SINCE_MS] = nowMs;
    this.#floats[floats + LATENCY_US] = 0;
  }

  /**
   * Takes back what a thread had in flight. For the supervisor, once the thread has exited and before its number is
   * used again.
   */
  releaseThread(thread: number): void {
    const own = this.#ownOf(thread);
    for (let slot = 0; slot < own.length; slot++) {
      Atomics.sub(this.#ints, (1 + slot) * INTS_PER_LINE + INFLIGHT, own[slot] ?? 0);
      own[slot] = 0;
    }
    this.ejections.releaseHolder(holderOf(thread));
  }

  view(slot: number): EndpointView {
    const ints = (1 + slot) * INTS_PER_LINE;
    return {
      inflight: this.inflight(slot),
      latencyUs: this.#floats[(1 + slot) * FLOATS_PER_LINE + LATENCY_US] ?? 0,
      ewmaUs: this.ewmaUs(slot),
      lastSampleMs: this.lastSampleMs(slot),
      ok: Atomics.load(this.#ints, ints + OK) >>> 0,
      failed: Atomics.load(this.#ints, ints + FAILED) >>> 0,
      penalisedUntilMs: this.#floats[(1 + slot) * FLOATS_PER_LINE + PENALISED_UNTIL_MS] ?? 0,
      warmSinceMs: this.warmSinceMs(slot),
      ejection: this.ejections.view(slot),
    };
  }

  /**
   * The order matters. V8 stops a terminated thread where a function is entered, `Atomics.add` included, or a loop goes
   * round: after the add there is no such place before the write, so `releaseThread` finds what the total holds.
   * The other way round, 49 of 200 terminations of a busy thread left a count behind.
   */
  #add(slot: number, quarters: number): number {
    const own = this.#own[slot];
    if (own === undefined) throw new RangeError(`This thread has no slot ${slot}`);
    if (own + quarters < 0) throw new Error(`Slot ${slot} was ended more often than begun`);
    const before = Atomics.add(this.#ints, (1 + slot) * INTS_PER_LINE + INFLIGHT, quarters);
    this.#own[slot] = own + quarters;
    return before + quarters;
  }

  #historyUs(slot: number, otherwiseUs: number): number {
    return this.ewmaUs(slot) || otherwiseUs;
  }

  /** How much a sample counts. The first may be a cold one (handshake, empty caches): it gets no more than any other. */
  #gain(slot: number, nowMs: number): number {
    const lastMs = this.lastSampleMs(slot);
    return lastMs === 0
      ? LEAST_GAIN
      : Math.max(LEAST_GAIN, 1 - Math.exp((lastMs - nowMs) / TIME_CONSTANT_MS));
  }

  #keep(slot: number, ewmaUs: number, nowMs: number): void {
    const at = (1 + slot) * FLOATS_PER_LINE;
    this.#floats[at + EWMA_US] = Math.min(MAX_EWMA_US, ewmaUs);
    this.#floats[at + LAST_SAMPLE_MS] = nowMs;
  }

  #ownOf(thread: number): Int32Array {
    if (!(thread >= 0 && thread < this.#threads)) throw new RangeError(`There is no data thread ${thread}`);
    return new Int32Array(
      this.#buffer,
      (1 + this.slots) * LINE_BYTES + thread * ownBytes(this.slots),
      this.slots,
    );
  }
}

/** The supervisor is 1, thread 0 is 2. */
function holderOf(thread: number): number {
  return thread + 2;
}

/** Whole cache lines, so that threads do not write to each other's. */
function ownBytes(slots: number): number {
  return Math.ceil((slots * 4) / LINE_BYTES) * LINE_BYTES;
}
