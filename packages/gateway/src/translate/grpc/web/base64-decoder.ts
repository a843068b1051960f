import { GatewayError } from '../../../core/errors.ts';

const PADDING = 0x3d;
const NONE = 255;
const VALUES = new Uint8Array(256).fill(NONE);
for (const [value, character] of Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
).entries())
  VALUES[character.charCodeAt(0)] = value;

/**
 * Decodes base64 that comes in any pieces (RFC 4648 §4). Padding may stand after any group of four, because a sender ends one
 * text and begins the next one wherever it flushes (gRPC-Web, "Protocol differences").
 */
export class Base64Decoder {
  /** Characters of the group that is being read, and what they say so far. */
  #count = 0;
  #bits = 0;
  #padding = 0;

  /** The bytes of all groups that are complete, in memory of their own. Throws a `GatewayError`. */
  decode(text: Buffer): Buffer {
    const bytes = Buffer.allocUnsafe(Math.floor((this.#count + text.length) / 4) * 3);
    let length = 0;
    for (const character of text) {
      this.#take(character);
      if (this.#count === 4) length = this.#put(bytes, length);
    }
    return bytes.subarray(0, length);
  }

  /** Throws a `GatewayError` when the text ends within a group. */
  end(): void {
    if (this.#count > 0) throw malformed('the text ends within a group');
  }

  #take(character: number): void {
    const value = VALUES[character] ?? NONE;
    if (character === PADDING ? this.#count < 2 : value === NONE || this.#padding > 0)
      throw malformed('a character that is none');
    if (character === PADDING) this.#padding++;
    this.#bits = (this.#bits << 6) | (character === PADDING ? 0 : value);
    this.#count++;
  }

  #put(bytes: Buffer, at: number): number {
    const count = 3 - this.#padding;
    for (let i = 0; i < count; i++) bytes[at + i] = (this.#bits >> (16 - 8 * i)) & 0xff;
    this.#count = 0;
    this.#bits = 0;
    this.#padding = 0;
    return at + count;
  }
}

function malformed(what: string): GatewayError {
  return new GatewayError('INVALID_REQUEST', `base64: ${what}`, {
    detail: 'The body is not base64 in groups of four',
  });
}
