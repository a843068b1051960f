import { DEL, HTAB, SP } from './bytes.ts';

/**
 * Where a field value that begins at `at` ends: at the first byte that none may hold (RFC 9110 §5.5), which is the CR of
 * its line if the line is a good one. `bytes` must have such a byte.
 *
 * Four bytes at a time, because tokens and cookies are long: one byte at a time took half of the parse of such a head.
 */
export function endOfValue(bytes: Buffer, at: number): number {
  const last = bytes.length - 4;
  const view = viewOf(bytes);
  let end = at;
  while (end <= last && !hasControl(view.getInt32(end, true))) end += 4;
  let byte = bytes[end] as number;
  while ((byte >= SP && byte !== DEL) || byte === HTAB) byte = bytes[++end] as number;
  return end;
}

/** Whether one of four bytes is below SP, or DEL: whether a subtraction borrows from where no high bit was. */
function hasControl(word: number): boolean {
  const low = (word - 0x20202020) & ~word;
  const other = word ^ 0x7f7f7f7f;
  const del = (other - 0x01010101) & ~other;
  return ((low | del) & 0x80808080) !== 0;
}

/** Nearly all heads are read from the one buffer that connections share. */
let viewed: Buffer = Buffer.alloc(0);
let kept: DataView = new DataView(viewed.buffer, viewed.byteOffset, viewed.byteLength);

function viewOf(bytes: Buffer): DataView {
  if (bytes === viewed) return kept;
  viewed = bytes;
  kept = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return kept;
}
