import { CR, HTAB, LF, SP, TOKEN } from './bytes.ts';

const END_OF_HEAD = Buffer.from('\r\n\r\n', 'latin1');

/** Index just after the empty line that ends a head, or -1 if it is not there yet. */
export function headEnd(bytes: Buffer, from: number, to: number): number {
  const at = bytes.indexOf(END_OF_HEAD, from);
  return at === -1 || at + 4 > to ? -1 : at + 4;
}

/**
 * Whether an unfinished head can still become a good one. Without this a head with bare LF line ends, which never has
 * the empty line that we wait for, would wait for its time-out instead of being refused.
 */
export function mayBecomeHead(bytes: Buffer, from: number, to: number): boolean {
  if (to > from && TOKEN[bytes[from] as number] !== 1) return false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === LF) {
      if (bytes[at - 1] !== CR || at === from) return false;
    } else if (byte === CR) {
      if (at + 1 < to && bytes[at + 1] !== LF) return false;
    } else if ((byte < SP && byte !== HTAB) || byte === 0x7f) {
      return false;
    }
  }
  return true;
}
