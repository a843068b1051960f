import { BREAKER_STATES, type BreakerState } from '../../core/breaker-state.ts';

/** Why a breaker opened the last time: too many failures while it was closed, or of those that were to show how the service is. */
export type BreakerCause = 'failure-rate' | 'probe-failed';

/** What all threads know of one breaker. */
export interface BreakerView {
  readonly state: BreakerState;
  /** On the monotonic clock; 0 when it never changed. */
  readonly changedAtMs: number;
  /** While it is open: when it lets the first ones through. */
  readonly openUntilMs: number;
  /** Of the last time that it opened, with the exchanges that were looked at; null when it never did. */
  readonly cause: {
    readonly kind: BreakerCause;
    readonly requests: number;
    readonly failures: number;
  } | null;
  /** How often it changed. */
  readonly changes: number;
  /** How many it sent away. */
  readonly refused: number;
}

/** The words of one breaker in shared memory. */
export interface BreakerLine {
  readonly ints: Int32Array;
  readonly floats: Float64Array;
}

/** Buckets of the window. */
export const BUCKETS = 10;

/** Integers of a {@link BreakerLine}. */
export const INTS = {
  /** State, level and generation, which change together. */
  word: 0,
  /** Of those who show how the service is: how many were let through, and what became of them. */
  probes: 1,
  cause: 2,
  causeRequests: 3,
  causeFailures: 4,
  changes: 5,
  refused: 6,
  // The window: two words a bucket.
  totals: 8,
  failures: 8 + BUCKETS,
} as const;

/** Floats of a {@link BreakerLine}, in milliseconds on the monotonic clock. */
export const FLOATS = { changedAt: 0, openUntil: 1, stepBeganAt: 2 } as const;

/** By their numbers in the word `cause`. */
export const CAUSES = ['', 'failure-rate', 'probe-failed'] as const;

/** What all threads know of the breakers of the services: some cache lines a service. No locks; all is done by exchanges of words. */
export class BreakerStates {
  readonly slots: number;
  readonly #buffer: SharedArrayBuffer;

  static allocate(slots: number): SharedArrayBuffer {
    return new SharedArrayBuffer(slots * LINE_BYTES);
  }

  constructor(buffer: SharedArrayBuffer) {
    this.slots = buffer.byteLength / LINE_BYTES;
    this.#buffer = buffer;
  }

  line(slot: number): BreakerLine {
    if (!(slot >= 0 && slot < this.slots)) throw new RangeError(`There is no breaker ${slot}`);
    const at = slot * LINE_BYTES;
    return {
      ints: new Int32Array(this.#buffer, at, INT_BYTES / 4),
      floats: new Float64Array(this.#buffer, at + INT_BYTES, (LINE_BYTES - INT_BYTES) / 8),
    };
  }

  /** Forgets what was learned of a slot that is about to get another service. */
  reset(slot: number): void {
    const { ints, floats } = this.line(slot);
    for (let word = 0; word < ints.length; word++) Atomics.store(ints, word, 0);
    floats.fill(0);
  }

  view(slot: number): BreakerView {
    const { ints, floats } = this.line(slot);
    const read = (word: number): number => Atomics.load(ints, word);
    const kind = CAUSES[read(INTS.cause)] ?? '';
    return {
      state: stateOf(read(INTS.word)),
      changedAtMs: floats[FLOATS.changedAt] ?? 0,
      openUntilMs: floats[FLOATS.openUntil] ?? 0,
      cause:
        kind === '' ? null : { kind, requests: read(INTS.causeRequests), failures: read(INTS.causeFailures) },
      changes: read(INTS.changes),
      refused: read(INTS.refused),
    };
  }
}

const INT_BYTES = 128;
const LINE_BYTES = INT_BYTES + 64;

const STATE_BITS = 2;
const LEVEL_BITS = 4;
/** How often the time doubles that a breaker is open, at most. */
export const MAX_LEVEL = 2 ** LEVEL_BITS - 1;
const MAX_GENERATION = 2 ** (31 - STATE_BITS - LEVEL_BITS) - 1;

/** State of a breaker by its word. */
export function stateOf(word: number): BreakerState {
  return BREAKER_STATES[word & (2 ** STATE_BITS - 1)] ?? 'closed';
}

/** How often it opened in a row before the last time. */
export function levelOf(word: number): number {
  return (word >> STATE_BITS) & MAX_LEVEL;
}

/** Counts the changes; whoever was let in before one is not asked after it. */
export function generationOf(word: number): number {
  return word >> (STATE_BITS + LEVEL_BITS);
}

/** The word after a change. Never negative. */
export function nextWord(word: number, state: BreakerState, level: number): number {
  const generation = (generationOf(word) + 1) & MAX_GENERATION;
  return (generation << (STATE_BITS + LEVEL_BITS)) | (level << STATE_BITS) | BREAKER_STATES.indexOf(state);
}
