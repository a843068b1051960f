import type { Width } from './read-address.ts';

/**
 * The order of `count` records by the address with which they begin: which record is first, second, … A record has `size`
 * words, and the first `width` of them are the address.
 *
 * A radix sort by bytes, the last byte first, because a million IPv6 addresses through a comparing function would hold
 * the thread up for seconds.
 */
export function addressOrder(records: Uint32Array, count: number, size: number, width: Width): Uint32Array {
  let order = new Uint32Array(count);
  for (let record = 0; record < count; record++) order[record] = record;
  if (count < 2) return order;
  let next = new Uint32Array(count);
  for (let byte = 0; byte < 4 * width; byte++) {
    const word = width - 1 - (byte >>> 2);
    const shift = 8 * (byte & 3);
    const places = placesOf(records.subarray(word), count, size, shift);
    if (places === null) continue;
    for (let at = 0; at < count; at++) {
      const record = order[at] ?? 0;
      const digit = ((records[record * size + word] ?? 0) >>> shift) & 0xff;
      const place = places[digit] ?? 0;
      next[place] = record;
      places[digit] = place + 1;
    }
    [order, next] = [next, order];
  }
  return order;
}

/** Where the first record with each byte goes; null if all have the same byte, which sorts nothing. */
function placesOf(words: Uint32Array, count: number, size: number, shift: number): Uint32Array | null {
  const counts = new Uint32Array(256);
  for (let record = 0; record < count; record++) {
    const digit = ((words[record * size] ?? 0) >>> shift) & 0xff;
    counts[digit] = (counts[digit] ?? 0) + 1;
  }
  if (counts.includes(count)) return null;
  let place = 0;
  for (let digit = 0; digit < counts.length; digit++) {
    const withDigit = counts[digit] ?? 0;
    counts[digit] = place;
    place += withDigit;
  }
  return counts;
}
