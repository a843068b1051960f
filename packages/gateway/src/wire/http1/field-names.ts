import { latin1 } from '../../core/latin1.ts';
import { headerName, type HeaderName } from '../../core/header-names.ts';

const SLOTS = 1024;
const slots: (HeaderName | undefined)[] = Array.from({ length: SLOTS });

/**
 * The header name for `bytes[from, to)`, whose bytes hash to `hash`, without making a string when it was met before.
 *
 * A direct-mapped table: clients choose names, so it must not grow, and a collision only costs a second lookup.
 */
export function fieldName(bytes: Buffer, from: number, to: number, hash: number): HeaderName {
  const slot = hash & (SLOTS - 1);
  const known = slots[slot];
  if (known !== undefined && isSame(known.spelling, bytes, from, to)) return known;
  const name = headerName(latin1(bytes, from, to));
  slots[slot] = name;
  return name;
}

function isSame(spelling: string, bytes: Buffer, from: number, to: number): boolean {
  if (spelling.length !== to - from) return false;
  for (let i = 0; i < spelling.length; i++) {
    if (spelling.charCodeAt(i) !== bytes[from + i]) return false;
  }
  return true;
}
