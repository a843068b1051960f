import { latin1 } from '../../core/latin1.ts';
import { headerName, type HeaderName } from '../../core/header-names.ts';

const SLOT_BITS = 12;
/** An odd number without pattern (from MurmurHash3): spreads close inputs over the upper bits. */
const MIX = 0xc2b2ae35;
const slots: (HeaderName | undefined)[] = Array.from({ length: 1 << SLOT_BITS });

/**
 * The header name for `bytes[from, to)`, without making a string when it was met before.
 *
 * A direct-mapped table: clients choose names, so it must not grow, and a collision only costs a second lookup. So the place
 * may depend on the length and four bytes alone, instead of a hash over all of them.
 */
export function fieldName(bytes: Buffer, from: number, to: number): HeaderName {
  const slot = slotOf(bytes, from, to);
  const known = slots[slot];
  if (known !== undefined && isSame(known.spelling, bytes, from, to)) return known;
  const name = headerName(latin1(bytes, from, to));
  slots[slot] = name;
  return name;
}

function slotOf(bytes: Buffer, from: number, to: number): number {
  const length = to - from;
  const ends = (bytes[from] as number) | ((bytes[to - 1] as number) << 16);
  const inner = ((bytes[(from + to) >> 1] as number) << 8) ^ ((length + ((bytes[to - 3] ?? 0) << 3)) << 21);
  return Math.imul(ends ^ inner, MIX) >>> (32 - SLOT_BITS);
}

function isSame(spelling: string, bytes: Buffer, from: number, to: number): boolean {
  if (spelling.length !== to - from) return false;
  for (let i = 0; i < spelling.length; i++) {
    if (spelling.charCodeAt(i) !== bytes[from + i]) return false;
  }
  return true;
}
