import type { WireWriter } from '../../../core/protobuf/wire-writer.ts';
import type { JsonScanner } from './json-scanner.ts';

const BAD = 0xff;

/** What each character of either alphabet (RFC 4648 §4 and §5) counts. */
const SEXTETS = sextets();

/** Writes bytes that JSON has in base64, of either alphabet, padded or not. Gives whether there are none. */
export function writeBase64(scan: JsonScanner, out: WireWriter): boolean {
  const text = scan.string();
  const length = withoutPadding(text);
  if (length === -1 || length % 4 === 1) throw scan.fault(`must be bytes in base64`);
  const begun = out.begin();
  const bytes = out.room(Math.ceil((length * 3) / 4));
  let to = out.pos;
  let [gathered, bits, seen] = [0, 0, 0];
  for (let pos = 0; pos < length; pos++) {
    const sextet = SEXTETS[text.charCodeAt(pos)] ?? BAD;
    seen |= sextet;
    gathered = (gathered << 6) | sextet;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[to++] = (gathered >>> bits) & 0xff;
    }
  }
  if (seen > 0x3f) throw scan.fault('must be bytes in base64');
  out.pos = to;
  out.end(begun);
  return length === 0;
}

/** How many characters stand before the padding; -1: the padding is not as much as belongs there. */
function withoutPadding(text: string): number {
  let length = text.length;
  while (length > 0 && text.charCodeAt(length - 1) === 0x3d) length--;
  const padding = text.length - length;
  return padding > 2 || (padding > 0 && text.length % 4 !== 0) ? -1 : length;
}

function sextets(): Uint8Array {
  const table = new Uint8Array(128).fill(BAD);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  for (const [index, character] of `${alphabet}+/`.split('').entries())
    table[character.charCodeAt(0)] = index;
  table['-'.charCodeAt(0)] = 62;
  table['_'.charCodeAt(0)] = 63;
  return table;
}
