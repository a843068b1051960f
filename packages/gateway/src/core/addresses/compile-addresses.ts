import type { AddressBlock } from '@turnpike/config';
import { AddressRanges } from './address-ranges.ts';
import { allocateTable } from './layout.ts';
import { fillIndex } from './range-table.ts';
import { isMapped, readAddress } from './read-address.ts';

/** Compiles blocks into a table that all threads can open. */
export function compileAddresses(blocks: readonly AddressBlock[]): SharedArrayBuffer {
  const collector = new AddressCollector();
  for (const { address, prefixLength } of blocks) {
    const block = `${address}/${prefixLength}`;
    if (!collector.add(block)) throw new Error(`${block} is no block of addresses`);
  }
  return collector.compile();
}

/**
 * Collects the addresses of a table.
 *
 * A block of IPv4-mapped addresses (RFC 4291 §2.5.5.2) is the block of IPv4 that it stands for: `::ffff:0:0/96` is every IPv4
 * address. Shorter prefixes mean IPv6 only, so nobody who writes `::/0` lets IPv4 in.
 */
export class AddressCollector {
  readonly #ipv4 = new AddressRanges(1);
  readonly #ipv6 = new AddressRanges(4);
  #size = 0;

  /** How many blocks were added. */
  get size(): number {
    return this.#size;
  }

  /** Adds the block or the one address in `text[start, end)`; false, and nothing is added, if it is neither. */
  add(text: string, start: number = 0, end: number = text.length): boolean {
    const slash = findSlash(text, start, end);
    const width = readAddress(text, WORDS, start, slash);
    if (width === 0) return false;
    const longest = 32 * width;
    const prefixLength = slash === end ? longest : readPrefixLength(text, slash + 1, end);
    if (prefixLength < 0 || prefixLength > longest) return false;
    this.#size++;
    if (width === 1) {
      this.#ipv4.add(WORDS, prefixLength);
    } else if (prefixLength >= MAPPED_BITS && isMapped(WORDS)) {
      this.#ipv4.add(WORDS.subarray(3), prefixLength - MAPPED_BITS);
    } else {
      this.#ipv6.add(WORDS, prefixLength);
    }
    return true;
  }

  /** A table of what was added so far. */
  compile(): SharedArrayBuffer {
    const bounds = { ipv4: this.#ipv4.merged(), ipv6: this.#ipv6.merged() };
    const { buffer, ipv4, ipv6 } = allocateTable(bounds.ipv4.length / 2, bounds.ipv6.length / 8);
    ipv4.bounds.set(bounds.ipv4);
    ipv6.bounds.set(bounds.ipv6);
    fillIndex(ipv4);
    fillIndex(ipv6);
    return buffer;
  }
}

/** Where the prefix length begins, three digits from the end at most; `end` if there is none. */
function findSlash(text: string, start: number, end: number): number {
  for (let at = end - 1; at >= start && at >= end - 4; at--) if (text.charCodeAt(at) === SLASH) return at;
  return end;
}

/** Decimal digits; -1 for anything else. */
function readPrefixLength(text: string, start: number, end: number): number {
  if (end === start) return -1;
  let length = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length;
}

/** Compiling is synchronous, so one place for the address in hand will do. */
const WORDS = new Uint32Array(4);

/** How long the prefix of all IPv4-mapped addresses is. */
const MAPPED_BITS = 96;
const SLASH = 0x2f;
const ZERO = 0x30;
