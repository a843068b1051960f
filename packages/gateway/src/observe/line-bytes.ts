import { latin1, writeLatin1 } from '../core/latin1.ts';
import { jsonText } from './json-text.ts';

/**
 * A line that is being written, in plain ASCII, at its place in a buffer: most of a line is short pieces, and to put them together as
 * text first would allocate twice its length. Whoever gives the buffer sees to it that there is room.
 */
export class LineBytes {
  bytes: Buffer;
  pos = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** A text of ours, best in one flat piece. */
  text(text: string): void {
    this.pos += writeLatin1(this.bytes, text, this.pos);
  }

  /** Bytes that were made of a text before. */
  ready(part: Uint8Array): void {
    this.bytes.set(part, this.pos);
    this.pos += part.length;
  }

  /** What others choose, as the inside of a JSON string of `maxLength` at most: see `jsonText`. */
  json(text: string, maxLength: number): void {
    if (text.length > Math.min(SHORT, maxLength) || !this.#isPlain(text))
      this.text(jsonText(text, maxLength));
  }

  /** A whole number from 0 on. */
  whole(value: number): void {
    if (value > MAX_SMALL) {
      this.text(String(value));
      return;
    }
    let end = this.pos + 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) end++;
    this.pos = end;
    let rest = value;
    do {
      this.bytes[--end] = ZERO + (rest % 10);
      rest = (rest / 10) | 0;
    } while (rest > 0);
  }

  /** Milliseconds with three decimals; 24 days at most. */
  milliseconds(ms: number): void {
    const microseconds = ms > 0 ? Math.round(Math.min(ms, MAX_SMALL) * 1000) : 0;
    const whole = (microseconds / 1000) | 0;
    const part = (microseconds - whole * 1000) | 0;
    this.whole(whole);
    const { bytes } = this;
    bytes[this.pos++] = POINT;
    bytes[this.pos++] = ZERO + ((part / 100) | 0);
    bytes[this.pos++] = ZERO + (((part / 10) | 0) % 10);
    bytes[this.pos++] = ZERO + (part % 10);
  }

  /** What was written since, as a text. */
  since(start: number): string {
    return latin1(this.bytes, start, this.pos);
  }

  /** False: it has to be escaped, and nothing was written. */
  #isPlain(text: string): boolean {
    const { bytes } = this;
    const { length } = text;
    let { pos } = this;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (PLAIN[code] !== 1) return false;
      bytes[pos++] = code;
    }
    this.pos = pos;
    return true;
  }
}

/** A text of ours that comes again, for {@link LineBytes.ready}. */
export function readyBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** Longer texts are looked through and written faster by calls. */
const SHORT = 16;
const MAX_SMALL = 2 ** 31 - 1;
const ZERO = 0x30;
const POINT = 0x2e;
/** Printable ASCII, without quote and backslash. */
const PLAIN = Uint8Array.from({ length: 128 }, (_, code) =>
  code >= 0x20 && code < 0x7f && code !== 0x22 && code !== 0x5c ? 1 : 0,
);
