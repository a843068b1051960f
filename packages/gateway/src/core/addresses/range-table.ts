import type { Width } from './read-address.ts';

/** Compiled ranges of one family: disjoint, in order, and with an index. */
export interface CompiledRanges {
  readonly width: Width;
  /** First and last address of each range, `width` words each. */
  readonly bounds: Uint32Array;
  /** Of each bucket, the first range that ends in it or behind it; and one more, the number of ranges. */
  readonly index: Uint32Array;
}

/** How many words the index of so many ranges has. */
export function indexLength(ranges: number): number {
  return ranges + 1;
}

/**
 * Fills the index: the space between the first address of all and the last one is cut into as many equal buckets as there
 * are ranges.
 */
export function fillIndex(ranges: CompiledRanges): void {
  const { width, bounds, index } = ranges;
  const scale = scaleOf(ranges);
  const count = index.length - 1;
  let bucket = 0;
  for (let range = 0; range < count; range++) {
    const last = bucketOf(scale, rankOf(bounds, (2 * range + 1) * width, width));
    while (bucket <= last) index[bucket++] = range;
  }
  while (bucket <= count) index[bucket++] = count;
}

/**
 * Tells whether an address lies in one of the ranges: its bucket says between which ranges to look, and there are about two
 * in a bucket, whatever their number. Where ranges crowd in few buckets, the search in a bucket takes as many steps as their
 * number has bits, and no more.
 */
export class RangeTable {
  readonly #width: Width;
  readonly #bounds: Uint32Array;
  readonly #index: Uint32Array;
  readonly #count: number;
  readonly #scale: Scale;

  constructor(ranges: CompiledRanges) {
    this.#width = ranges.width;
    this.#bounds = ranges.bounds;
    this.#index = ranges.index;
    this.#count = ranges.index.length - 1;
    this.#scale = scaleOf(ranges);
  }

  /** Whether an address is in it; `words` has `width` words of it. */
  has(words: Uint32Array): boolean {
    const width = this.#width;
    const rank = rankOf(words, 0, width);
    const { first, last } = this.#scale;
    if (rank < first || rank > last || this.#count === 0) return false;
    const bucket = bucketOf(this.#scale, rank);
    let low = this.#index[bucket] ?? 0;
    let high = this.#index[bucket + 1] ?? 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare((2 * middle + 1) * width, words) < 0) low = middle + 1;
      else high = middle;
    }
    return low < this.#count && this.#compare(2 * low * width, words) <= 0;
  }

  /** Negative, 0 or positive as the bound at `at` stands before, at or behind the address. */
  #compare(at: number, words: Uint32Array): number {
    for (let word = 0; word < this.#width; word++) {
      const difference = (this.#bounds[at + word] ?? 0) - (words[word] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

/** How ranks become buckets. */
interface Scale {
  readonly first: number;
  readonly last: number;
  readonly bucketsPerRank: number;
}

function scaleOf({ width, bounds, index }: CompiledRanges): Scale {
  if (bounds.length === 0) return { first: 0, last: 0, bucketsPerRank: 0 };
  const first = rankOf(bounds, 0, width);
  const last = rankOf(bounds, bounds.length - width, width);
  return { first, last, bucketsPerRank: last === first ? 0 : (index.length - 2) / (last - first) };
}

/**
 * Where an address stands among all, as a number: the upper half of an IPv6 address, as far as the number can tell. A
 * higher address never has a lower rank, and so never a lower bucket; nothing else is needed of either.
 */
function rankOf(words: Uint32Array, at: number, width: Width): number {
  const high = words[at] ?? 0;
  return width === 1 ? high : high * 2 ** 32 + (words[at + 1] ?? 0);
}

function bucketOf({ first, bucketsPerRank }: Scale, rank: number): number {
  return ((rank - first) * bucketsPerRank) >>> 0;
}
