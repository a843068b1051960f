import { OCTAVES, PER_OCTAVE } from './native-buckets.ts';

/**
 * Where everything of a histogram lies in its row: the classic buckets (not cumulative, the last is +Inf), their sum, what is as
 * good as zero, what had no room in native buckets, and for each octave the slot of its eight buckets, or 0 as long as nothing
 * fell into it. These are two to a slot.
 */
export interface HistogramLayout {
  /** Upper bounds of the classic buckets. */
  readonly bounds: Float64Array;
  /** The first classic bucket that values of a native bucket may fall into. The next one is the only other. */
  readonly classicOf: Uint8Array;
  readonly sum: number;
  readonly zeros: number;
  readonly unplaced: number;
  readonly octaves: number;
  readonly width: number;
  /** The first octave begins at this power of two. What is not above it counts as zero. */
  readonly firstOctave: number;
  readonly zeroThreshold: number;
  /** From here on everything is in the last bucket. */
  readonly end: number;
}

/**
 * Upper bounds of the classic buckets in seconds: OpenTelemetry's, and two below for what is answered by us. No two may be
 * closer together than native buckets are wide.
 */
export const BOUNDS_SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** Upper bounds of the classic buckets in bytes: one per power of ten is enough to tell a page from a download. */
export const BOUNDS_BYTES: readonly number[] = [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];

function layoutOf(bounds: readonly number[], firstOctave: number): HistogramLayout {
  const sum = bounds.length + 1;
  return {
    bounds: Float64Array.from([...bounds, Infinity]),
    classicOf: Uint8Array.from({ length: OCTAVES * PER_OCTAVE }, (_, bucket) => {
      const lower = 2 ** (firstOctave + bucket / PER_OCTAVE);
      return bounds.filter((bound) => bound <= lower).length;
    }),
    sum,
    zeros: sum + 1,
    unplaced: sum + 2,
    octaves: sum + 3,
    width: sum + 3 + OCTAVES / 2,
    firstOctave,
    zeroThreshold: 2 ** firstOctave,
    end: 2 ** (firstOctave + OCTAVES),
  };
}

/** Zero is 2⁻²⁰ s: about a microsecond. */
const SECONDS = layoutOf(BOUNDS_SECONDS, -20);
const BYTES = layoutOf(BOUNDS_BYTES, 0);

/** The layout of a histogram, by the unit in its name. */
export function histogramLayout(name: string): HistogramLayout {
  return name.endsWith('_bytes') ? BYTES : SECONDS;
}
