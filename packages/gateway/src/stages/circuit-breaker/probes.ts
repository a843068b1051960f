import { FLOATS, INTS, type BreakerLine } from './breaker-states.ts';

/** What the answers of a step come to. */
export type StepResult = 'undecided' | 'failed' | 'recovered';

/**
 * Those that show how a service is, after it had failed: one, then two, four and so on at once, so that it is not knocked down
 * by all that waited for it. Each step begins when all of the one before have answered.
 *
 * All counts are in one word, with the low bits of the generation of the breaker: a word of another generation counts as
 * nothing. Permits are good for a time. Whoever holds one longer, or died with it, does not keep others out.
 */
export class Probes {
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  readonly #permitMs: number;
  readonly #failureRate: number;

  /** `failureRate`: share of failures, from 0 to 1, with which a step has failed. */
  constructor({ ints, floats }: BreakerLine, permitMs: number, failureRate: number) {
    this.#ints = ints;
    this.#floats = floats;
    this.#permitMs = permitMs;
    this.#failureRate = failureRate;
  }

  /** Begins the first step. */
  begin(nowMs: number): void {
    this.#floats[FLOATS.stepBeganAt] = nowMs;
  }

  /** Gives one more permit, if there is one. */
  admit(generation: number, nowMs: number): boolean {
    for (;;) {
      const word = Atomics.load(this.#ints, INTS.probes);
      const counts = countsOf(word, generation);
      const { step, admitted, succeeded, failed } = counts;
      if (admitted < 1 << step) {
        if (this.#replace(word, { ...counts, admitted: admitted + 1 }, generation)) return true;
      } else if (nowMs - (this.#floats[FLOATS.stepBeganAt] ?? 0) >= this.#permitMs) {
        this.begin(nowMs);
        this.#replace(word, { ...counts, admitted: succeeded + failed }, generation);
      } else {
        return false;
      }
    }
  }

  /** One of them has an answer, or has failed. */
  note(generation: number, isFailure: boolean, nowMs: number): StepResult {
    for (;;) {
      const word = Atomics.load(this.#ints, INTS.probes);
      const counts = countsOf(word, generation);
      const succeeded = counts.succeeded + (isFailure ? 0 : 1);
      const failed = counts.failed + (isFailure ? 1 : 0);
      const size = 1 << counts.step;
      if (isFailure && failed >= this.#failureRate * size) return 'failed';
      const isComplete = succeeded + failed >= size;
      if (isComplete && counts.step === LAST_STEP) return 'recovered';
      const after = isComplete
        ? { step: counts.step + 1, admitted: 0, succeeded: 0, failed: 0 }
        : { ...counts, succeeded, failed };
      if (!this.#replace(word, after, generation)) continue;
      if (isComplete) this.begin(nowMs);
      return 'undecided';
    }
  }

  /** One of them showed nothing: another may have its permit. */
  giveBack(generation: number): void {
    for (;;) {
      const word = Atomics.load(this.#ints, INTS.probes);
      const counts = countsOf(word, generation);
      if (counts.admitted <= counts.succeeded + counts.failed) return;
      if (this.#replace(word, { ...counts, admitted: counts.admitted - 1 }, generation)) return;
    }
  }

  #replace(before: number, after: Counts, generation: number): boolean {
    const word = wordOf(after, generation);
    return Atomics.compareExchange(this.#ints, INTS.probes, before, word) === before;
  }
}

/** Of 16 at once: 31 in all. */
const LAST_STEP = 4;

/** How far a step is. */
interface Counts {
  readonly step: number;
  readonly admitted: number;
  readonly succeeded: number;
  readonly failed: number;
}

const NOTHING: Counts = { step: 0, admitted: 0, succeeded: 0, failed: 0 };

function countsOf(word: number, generation: number): Counts {
  if (word >>> 24 !== (generation & 0xff)) return NOTHING;
  return {
    step: (word >> 18) & 0x3f,
    admitted: (word >> 12) & 0x3f,
    succeeded: (word >> 6) & 0x3f,
    failed: word & 0x3f,
  };
}

function wordOf({ step, admitted, succeeded, failed }: Counts, generation: number): number {
  return ((generation & 0xff) << 24) | (step << 18) | (admitted << 12) | (succeeded << 6) | failed;
}
