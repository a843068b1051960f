import type { WireReader } from '../../../core/protobuf/wire-reader.ts';

/** A text in JSON. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/**
 * The text from `pos` to `end` in JSON. Most are plain ASCII, and their bytes are their text; `otherwise` makes the rest.
 */
export function quotedBytes(wire: WireReader, end: number, otherwise: (view: Buffer) => string): string {
  const { bytes, pos: start } = wire;
  wire.pos = end;
  for (let pos = start; pos < end; pos++) {
    if (PLAIN[bytes[pos] ?? 0] !== 1) return otherwise(bytes.subarray(start, end));
  }
  return `"${bytes.toString('latin1', start, end)}"`;
}

/** Which bytes stand for themselves in a string of JSON. */
const PLAIN = new Uint8Array(256).fill(1, 0x20, 0x7f);
PLAIN[0x22] = 0;
PLAIN[0x5c] = 0;
