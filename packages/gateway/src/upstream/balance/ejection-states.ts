import {
  EJECTION_REASONS,
  FAILURE_KINDS,
  NO_PROBE,
  type EjectionReason,
  type FailureKind,
  type Probe,
} from '../../core/endpoint-health.ts';

/** What is known of the ejections of one endpoint. */
export interface EjectionView {
  /** Whether it is ejected, be it that its time is over and nobody has tried it yet. */
  readonly isEjected: boolean;
  /** Milliseconds of the shared clock; 0 for never. */
  readonly ejectedAtMs: number;
  readonly ejectedUntilMs: number;
  /** By how much the next ejection is longer than the first; falls while it is healthy. */
  readonly multiplier: number;
  /** Ejections so far; wraps at 2³². */
  readonly ejections: number;
  /** Of the last ejection; null before the first. */
  readonly reason: EjectionReason | null;
  /** How the last request failed that counts against it, or null. */
  readonly lastFailure: FailureKind | null;
  /** Requests that count against it; wraps at 2³². */
  readonly failures: number;
  /** Another number after every change between ejected, tried and readmitted. */
  readonly generation: number;
}

/** Where the words of an endpoint are, and who shares them. */
export interface StateWords {
  readonly ints: Int32Array;
  readonly floats: Float64Array;
  /** Words before those of slot 0, and from one slot to the next. */
  readonly lineInts: number;
  /** A number for the one who opened the memory, not 0. */
  readonly holder: number;
}

/** Active checks say that it is down. Set and cleared beside whatever else happens. */
export const CHECKED_DOWN = 1;
/** It failed real requests. Until it has proven itself again, even when the time is over. */
export const EJECTED = 2;
/** A request is under way that will tell. */
const PROBING = 4;
/** The bits above count the changes, so that a request of an earlier probe cannot be taken for the present one. */
const GENERATION = 8;

/** Which of the words of a line are read at every pick; the others are in the second half. */
export const FLAGS = 3;
export const EJECTED_UNTIL_MS = 5;

const IN_A_ROW = 16;
const FAILURES = 17;
const MULTIPLIER = 18;
const EJECTIONS = 19;
const REASON = 20;
const LAST_FAILURE = 21;
const EJECTED_AT_MS = 11;

/** In the line before the first. Who decides whether one more may be ejected must be alone, or two would both find room. */
const LOCK = 16;

/**
 * Ejections of endpoints, as all threads see and change them.
 *
 * Ejected, tried and readmitted are bits of one word with a generation, and each step is one compare-and-swap: of several
 * threads that come at once one succeeds, and what is left over from an earlier state changes nothing. Times are written
 * before the step that makes them count.
 */
export class EjectionStates {
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  readonly #lineInts: number;
  readonly #holder: number;

  constructor({ ints, floats, lineInts, holder }: StateWords) {
    this.#ints = ints;
    this.#floats = floats;
    this.#lineInts = lineInts;
    this.#holder = holder;
  }

  isEjected(slot: number): boolean {
    return ((this.#ints[this.#int(slot, FLAGS)] ?? 0) & EJECTED) !== 0;
  }

  /** Whether it is being tried, or the next request tries it. */
  isProbed(slot: number, nowMs: number): boolean {
    const flags = this.#flags(slot);
    if ((flags & EJECTED) === 0) return false;
    return (flags & PROBING) !== 0 || (this.#floats[this.#float(slot, EJECTED_UNTIL_MS)] ?? 0) <= nowMs;
  }

  /** A request failed that counts against it; gives how many did in a row. */
  failed(slot: number, kind: FailureKind): number {
    Atomics.add(this.#ints, this.#int(slot, FAILURES), 1);
    this.#ints[this.#int(slot, LAST_FAILURE)] = 1 + FAILURE_KINDS.indexOf(kind);
    return Atomics.add(this.#ints, this.#int(slot, IN_A_ROW), 1) + 1;
  }

  /** A request succeeded. Mostly a read: writing would take the line from all other threads. */
  succeeded(slot: number): void {
    const at = this.#int(slot, IN_A_ROW);
    if (this.#ints[at] !== 0) Atomics.store(this.#ints, at, 0);
  }

  /** Runs `decide` if nobody else does such a thing in this moment. */
  alone(decide: () => boolean): boolean {
    if (Atomics.compareExchange(this.#ints, LOCK, 0, this.#holder) !== 0) return false;
    try {
      return decide();
    } finally {
      Atomics.store(this.#ints, LOCK, 0);
    }
  }

  /** Puts it out until then; false if it is. To be called {@link alone}, if it matters how many are. */
  eject(
    slot: number,
    untilMs: number,
    { nowMs, reason }: { nowMs: number; reason: EjectionReason },
  ): boolean {
    for (;;) {
      const seen = this.#flags(slot);
      if ((seen & EJECTED) !== 0) return false;
      this.#floats[this.#float(slot, EJECTED_UNTIL_MS)] = untilMs;
      if (!this.#swap(slot, seen, EJECTED)) continue;
      this.#note(slot, nowMs, reason);
      return true;
    }
  }

  /**
   * Makes the caller's request the one that tells whether it is back, and keeps all others away until `untilMs`.
   * {@link NO_PROBE} if it is not ejected, its time is not over, or another request came first.
   */
  beginProbe(slot: number, nowMs: number, untilMs: number): Probe {
    const seen = this.#ints[this.#int(slot, FLAGS)] ?? 0;
    if ((seen & EJECTED) === 0) return NO_PROBE;
    const until = this.#float(slot, EJECTED_UNTIL_MS);
    if ((this.#floats[until] ?? 0) > nowMs || !this.#swap(slot, seen, EJECTED | PROBING)) return NO_PROBE;
    this.#floats[until] = untilMs;
    return next(seen, EJECTED | PROBING);
  }

  /** The probe succeeded: it is as the others. False if the probe does not count any more. */
  prove(slot: number, probe: Probe): boolean {
    if (!this.#leave(slot, probe, 0)) return false;
    Atomics.store(this.#ints, this.#int(slot, IN_A_ROW), 0);
    return true;
  }

  /** The probe failed: it is out until then. False if the probe does not count any more. */
  disprove(slot: number, probe: Probe, { nowMs, untilMs }: { nowMs: number; untilMs: number }): boolean {
    if (!isSame(this.#flags(slot), probe)) return false;
    this.#floats[this.#float(slot, EJECTED_UNTIL_MS)] = untilMs;
    if (!this.#leave(slot, probe, EJECTED)) return false;
    this.#note(slot, nowMs, 'failed-probe');
    return true;
  }

  /** The probe told nothing, so the next request is one. */
  release(slot: number, probe: Probe, nowMs: number): void {
    if (this.#leave(slot, probe, EJECTED)) this.#floats[this.#float(slot, EJECTED_UNTIL_MS)] = nowMs;
  }

  /** Ends an ejection, however it stands. */
  readmit(slot: number): void {
    for (;;) {
      const seen = this.#flags(slot);
      if ((seen & EJECTED) === 0) return;
      if (this.#swap(slot, seen, 0)) break;
    }
    Atomics.store(this.#ints, this.#int(slot, IN_A_ROW), 0);
  }

  /** How many times as long as the first the next ejection takes. */
  nextMultiplier(slot: number): number {
    return 1 + (this.#ints[this.#int(slot, MULTIPLIER)] ?? 0);
  }

  /** It was healthy for a while: its next ejection is one step shorter. */
  forgive(slot: number): void {
    const at = this.#int(slot, MULTIPLIER);
    const multiplier = Atomics.load(this.#ints, at);
    if (multiplier > 0) Atomics.compareExchange(this.#ints, at, multiplier, multiplier - 1);
  }

  /** An ejection that seems to last longer than any may was made before the clock went back. */
  endBefore(slot: number, latestMs: number): void {
    const until = this.#float(slot, EJECTED_UNTIL_MS);
    if ((this.#floats[until] ?? 0) > latestMs) this.#floats[until] = latestMs;
  }

  view(slot: number): EjectionView {
    const flags = this.#flags(slot);
    return {
      isEjected: (flags & EJECTED) !== 0,
      ejectedAtMs: this.#floats[this.#float(slot, EJECTED_AT_MS)] ?? 0,
      ejectedUntilMs: this.#floats[this.#float(slot, EJECTED_UNTIL_MS)] ?? 0,
      multiplier: Atomics.load(this.#ints, this.#int(slot, MULTIPLIER)),
      ejections: Atomics.load(this.#ints, this.#int(slot, EJECTIONS)) >>> 0,
      reason: EJECTION_REASONS[Atomics.load(this.#ints, this.#int(slot, REASON)) - 1] ?? null,
      lastFailure: FAILURE_KINDS[Atomics.load(this.#ints, this.#int(slot, LAST_FAILURE)) - 1] ?? null,
      failures: Atomics.load(this.#ints, this.#int(slot, FAILURES)) >>> 0,
      generation: flags >>> 3,
    };
  }

  /** Forgets the past of a slot that is about to get another endpoint. */
  reset(slot: number): void {
    // The generation goes on: a probe of the endpoint before must not count.
    const flags = this.#flags(slot);
    Atomics.store(this.#ints, this.#int(slot, FLAGS), flags >>> 3 === 0 ? 0 : next(flags, 0) & ~CHECKED_DOWN);
    for (const word of [IN_A_ROW, FAILURES, MULTIPLIER, EJECTIONS, REASON, LAST_FAILURE])
      Atomics.store(this.#ints, this.#int(slot, word), 0);
    this.#floats[this.#float(slot, EJECTED_UNTIL_MS)] = 0;
    this.#floats[this.#float(slot, EJECTED_AT_MS)] = 0;
  }

  /** A holder is gone, maybe in the middle of a decision. */
  releaseHolder(holder: number): void {
    Atomics.compareExchange(this.#ints, LOCK, holder, 0);
  }

  /** Last comes the count: who sees it grow finds the rest as it belongs to it. */
  #note(slot: number, nowMs: number, reason: EjectionReason): void {
    Atomics.store(this.#ints, this.#int(slot, IN_A_ROW), 0);
    Atomics.store(this.#ints, this.#int(slot, REASON), 1 + EJECTION_REASONS.indexOf(reason));
    this.#floats[this.#float(slot, EJECTED_AT_MS)] = nowMs;
    Atomics.add(this.#ints, this.#int(slot, MULTIPLIER), 1);
    Atomics.add(this.#ints, this.#int(slot, EJECTIONS), 1);
  }

  /** From this probe to `state`; false if it is not the present one. */
  #leave(slot: number, probe: Probe, state: number): boolean {
    for (;;) {
      const seen = this.#flags(slot);
      if (!isSame(seen, probe)) return false;
      if (this.#swap(slot, seen, state)) return true;
    }
  }

  #swap(slot: number, seen: number, state: number): boolean {
    return Atomics.compareExchange(this.#ints, this.#int(slot, FLAGS), seen, next(seen, state)) === seen;
  }

  #flags(slot: number): number {
    return Atomics.load(this.#ints, this.#int(slot, FLAGS));
  }

  #int(slot: number, word: number): number {
    return (1 + slot) * this.#lineInts + word;
  }

  #float(slot: number, word: number): number {
    return ((1 + slot) * this.#lineInts) / 2 + word;
  }
}

/** Whether nothing has happened since the probe began; what checks say meanwhile does not matter. */
function isSame(flags: number, probe: Probe): boolean {
  return ((flags ^ probe) & ~CHECKED_DOWN) === 0;
}

/** The flags after a change: another generation, and what checks say as it was. */
function next(flags: number, state: number): number {
  return ((flags + GENERATION) & ~(EJECTED | PROBING)) | state;
}
