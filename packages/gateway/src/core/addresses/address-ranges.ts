import type { Width } from './read-address.ts';
import { addressOrder } from './address-order.ts';

/**
 * Collects blocks of one family, and gives them as ranges. A range is its first address and its last, `width` words each,
 * and ranges lie one after the other.
 */
export class AddressRanges {
  readonly #width: Width;
  /** As they came; there may be room behind them. */
  #bounds: Uint32Array;
  #count = 0;

  constructor(width: Width) {
    this.#width = width;
    this.#bounds = new Uint32Array(16 * 2 * width);
  }

  /** Adds the block in which an address lies; the bits of the address behind the prefix do not matter. */
  add(words: Uint32Array, prefixLength: number): void {
    const width = this.#width;
    const first = this.#count++ * 2 * width;
    if (first === this.#bounds.length) this.#grow();
    for (let word = 0; word < width; word++) {
      const mask = maskOf(prefixLength - 32 * word);
      const value = words[word] ?? 0;
      this.#bounds[first + word] = value & mask;
      this.#bounds[first + width + word] = value | ~mask;
    }
  }

  /** All of them in order; those that overlap or touch have become one. */
  merged(): Uint32Array<ArrayBuffer> {
    if (this.#count === 0) return new Uint32Array();
    const width = this.#width;
    const size = 2 * width;
    const bounds = this.#ordered();
    let kept = 0;
    for (let next = size; next < bounds.length; next += size) {
      if (isApart(bounds, kept + width, next, width)) {
        kept += size;
        bounds.copyWithin(kept, next, next + size);
      } else if (compare(bounds, kept + width, next + width, width) < 0) {
        bounds.copyWithin(kept + width, next + width, next + size);
      }
    }
    return bounds.subarray(0, kept + size);
  }

  #ordered(): Uint32Array<ArrayBuffer> {
    const size = 2 * this.#width;
    const ordered = new Uint32Array(this.#count * size);
    let at = 0;
    for (const index of addressOrder(this.#bounds, this.#count, size, this.#width)) {
      for (let word = 0; word < size; word++) ordered[at++] = this.#bounds[index * size + word] ?? 0;
    }
    return ordered;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#bounds.length * 2);
    larger.set(this.#bounds);
    this.#bounds = larger;
  }
}

/** A word whose highest `bits` bits are set. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

/** Whether there are addresses between the last one of a range and the first one of the next. */
function isApart(bounds: Uint32Array, last: number, first: number, width: Width): boolean {
  return compare(bounds, last, first, width) < 0 && !isSuccessor(bounds, last, first, width);
}

/** Negative, 0 or positive as the address at `one` stands before, at or behind the one at `other`. */
function compare(bounds: Uint32Array, one: number, other: number, width: Width): number {
  for (let word = 0; word < width; word++) {
    const difference = (bounds[one + word] ?? 0) - (bounds[other + word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether the address at `other`, which is behind the one at `one`, is the very next. */
function isSuccessor(bounds: Uint32Array, one: number, other: number, width: Width): boolean {
  let carry = 1;
  for (let word = width - 1; word >= 0; word--) {
    const sum = ((bounds[one + word] ?? 0) + carry) >>> 0;
    if (sum !== bounds[other + word]) return false;
    carry = sum === 0 ? carry : 0;
  }
  return true;
}
