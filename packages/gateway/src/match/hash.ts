// Two independent 32-bit lanes make the 64-bit fingerprint of a host or of the literals of a path. The seeds are random for
// each table, so nobody who sends requests or writes routes can choose texts that meet in one slot. What the fingerprints say
// is verified against the stored bytes, so a collision costs time, never a wrong route.

const FIRST_PRIME = 0x01000193;
const SECOND_PRIME = 0x5bd1e995;

/** Adds a character in the first lane. */
export function addFirst(hash: number, code: number): number {
  return Math.imul(hash ^ code, FIRST_PRIME);
}

/** Adds a character in the second lane. */
export function addSecond(hash: number, code: number): number {
  return Math.imul(hash ^ code, SECOND_PRIME);
}

/** Joins the hash of a segment, or a number, to the first lane of a pattern. */
export function joinFirst(hash: number, part: number): number {
  const mixed = Math.imul(hash ^ part, 0x85ebca6b | 0);
  return mixed ^ (mixed >>> 15);
}

/** Joins the hash of a segment, or a number, to the second lane of a pattern. */
export function joinSecond(hash: number, part: number): number {
  const mixed = Math.imul(hash ^ part, 0xc2b2ae35 | 0);
  return mixed ^ (mixed >>> 13);
}

/** The slot where looking for a fingerprint begins, before the mask. */
export function slotOf(first: number, second: number): number {
  const mixed = Math.imul(first ^ (second >>> 7), 0x9e3779b1 | 0);
  return mixed ^ (mixed >>> 16);
}
