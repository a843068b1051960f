import { Buffer, isUtf8 } from 'node:buffer';

/** Bytes, one character each, as the text that they are in UTF-8; null if they are none (RFC 3629 §3). */
export function utf8Text(bytes: string): string | null {
  // ASCII is what nearly all of them are, and already the text.
  if (Buffer.byteLength(bytes, 'utf8') === bytes.length) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : null;
}
