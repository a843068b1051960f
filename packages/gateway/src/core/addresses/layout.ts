import { type CompiledRanges, indexLength } from './range-table.ts';

/** A compiled table and its parts, which are views on it. */
export interface TableParts {
  readonly buffer: SharedArrayBuffer;
  readonly ipv4: CompiledRanges;
  readonly ipv6: CompiledRanges;
}

/**
 * A table for so many ranges, to be filled. In words of 32 bits it is a header (magic, number of ranges of IPv4, of IPv6), the
 * ranges of IPv4 and their index, the ranges of IPv6 and their index.
 */
export function allocateTable(ipv4Ranges: number, ipv6Ranges: number): TableParts {
  const words = HEADER_WORDS + familyWords(1, ipv4Ranges) + familyWords(4, ipv6Ranges);
  const buffer = new SharedArrayBuffer(words * 4);
  new Uint32Array(buffer, 0, HEADER_WORDS).set([MAGIC, ipv4Ranges, ipv6Ranges]);
  return openTable(buffer);
}

/** The parts of a table. */
export function openTable(buffer: SharedArrayBuffer): TableParts {
  const [magic, ipv4Ranges = 0, ipv6Ranges = 0] = new Uint32Array(buffer, 0, HEADER_WORDS);
  if (magic !== MAGIC) throw new Error('This buffer is no address table of this version');
  const ipv6At = HEADER_WORDS + familyWords(1, ipv4Ranges);
  return {
    buffer,
    ipv4: partsAt(buffer, HEADER_WORDS, 1, ipv4Ranges),
    ipv6: partsAt(buffer, ipv6At, 4, ipv6Ranges),
  };
}

function familyWords(width: CompiledRanges['width'], ranges: number): number {
  return ranges * 2 * width + indexLength(ranges);
}

function partsAt(
  buffer: SharedArrayBuffer,
  at: number,
  width: CompiledRanges['width'],
  ranges: number,
): CompiledRanges {
  const boundsLength = ranges * 2 * width;
  return {
    width,
    bounds: new Uint32Array(buffer, at * 4, boundsLength),
    index: new Uint32Array(buffer, (at + boundsLength) * 4, indexLength(ranges)),
  };
}

const HEADER_WORDS = 3;
const MAGIC = 0x54_4b_41_31; // "TKA1": a change of the layout changes the digit
