/**
 * The buckets of native (exponential) histograms: each is 2^(1/8) as wide as the one before it, which is schema 3 of Prometheus
 * and scale 3 of OpenTelemetry. Bucket `i` holds what is above 2^(i/8) and not above 2^((i+1)/8), as OpenTelemetry counts; with
 * Prometheus it has the number `i + 1`.
 */
export const SCALE = 3;
export const PER_OCTAVE = 2 ** SCALE;

/** Doublings that a histogram can tell apart: from 1 µs to 12 days, or from 1 byte to 1 TB. */
export const OCTAVES = 40;

/** Buckets from the first to the last one that is used, which are shown at most. With more, two each become one. */
export const MOST_BUCKETS = 160;

/** Where the table of bounds begins and ends, as powers of two. */
const FIRST_OCTAVE = -21;
const LAST_OCTAVE = 41;

/** Bounds by the number of the bucket above them; once, because powers cost more than the whole search. */
const BOUNDS = Float64Array.from(
  { length: (LAST_OCTAVE - FIRST_OCTAVE) * PER_OCTAVE + 2 },
  (_, at) => 2 ** ((at % PER_OCTAVE) / PER_OCTAVE) * 2 ** (FIRST_OCTAVE + Math.floor(at / PER_OCTAVE)),
);

/** The bits of a number, without an allocation. The upper half comes second on every machine that Node.js runs on. */
const number = new Float64Array(1);
const halves = new Uint32Array(number.buffer);

/**
 * The bucket of a value from 2^-21 up to 2^41.
 *
 * The exponent gives the octave, the first three bits of the fraction an eighth of it, of equal width. In each eighth there is
 * one bound of a bucket at most, and at its beginning another in the first of them: two comparisons, and no logarithm.
 */
export function bucketOf(value: number): number {
  number[0] = value;
  const upper = halves[1] ?? 0;
  const guess = ((upper >>> 20) - 1023) * PER_OCTAVE + ((upper >>> 17) & 7);
  const at = guess - FIRST_OCTAVE * PER_OCTAVE;
  if (value > (BOUNDS[at + 1] ?? Infinity)) return guess + 1;
  return value <= (BOUNDS[at] ?? 0) ? guess - 1 : guess;
}

/** What a native histogram holds above zero, ready to be shown. */
export interface NativeBuckets {
  /** Schema of Prometheus, scale of OpenTelemetry. */
  readonly scale: number;
  /** Number of the first bucket, as OpenTelemetry counts. */
  readonly offset: number;
  readonly counts: readonly number[];
}

/** Brings counts of scale 3, of which the first is of bucket `first`, to {@link MOST_BUCKETS} at most. */
export function shownBuckets(counts: Float64Array, first: number): NativeBuckets {
  let [from, to] = [0, counts.length];
  while (from < to && counts[from] === 0) from++;
  while (to > from && counts[to - 1] === 0) to--;
  let shown = Array.from(counts.subarray(from, to));
  let scale = SCALE;
  let offset = shown.length === 0 ? 0 : first + from;
  while (shown.length > MOST_BUCKETS) {
    shown = halved(shown, offset);
    offset >>= 1;
    scale--;
  }
  return { scale, offset, counts: shown };
}

/** Two neighbours each become one: those whose numbers differ in the last bit only. */
function halved(counts: readonly number[], offset: number): number[] {
  const half = offset >> 1;
  const merged = Array<number>(((offset + counts.length - 1) >> 1) - half + 1).fill(0);
  for (const [i, count] of counts.entries()) {
    const at = ((offset + i) >> 1) - half;
    merged[at] = (merged[at] ?? 0) + count;
  }
  return merged;
}
