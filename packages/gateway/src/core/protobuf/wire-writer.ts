/** How a field is written (the lower three bits of its tag). */
export const WIRE = { varint: 0, fixed64: 1, delimited: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** The number that stands before a field. */
export function tagOf(field: number, wire: number): number {
  return ((field << 3) | wire) >>> 0;
}

/** Writes the wire format of Protocol Buffers into a buffer that grows. It may be used again after `finish`. */
export class WireWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** How much is written. May be set back, never forward. */
  pos = 0;

  /** A whole number from 0 to 2³² - 1. */
  varint(value: number): void {
    if (this.pos + 10 > this.#bytes.length) this.#grow(10);
    const bytes = this.#bytes;
    let [rest, pos] = [value, this.pos];
    while (rest > 0x7f) {
      bytes[pos++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[pos++] = rest;
    this.pos = pos;
  }

  /** One of 64 bits, in two halves without sign. */
  varint64(low: number, high: number): void {
    let [lower, upper] = [low >>> 0, high >>> 0];
    if (this.pos + 10 > this.#bytes.length) this.#grow(10);
    while (upper !== 0) {
      this.#bytes[this.pos++] = (lower & 0x7f) | 0x80;
      lower = ((lower >>> 7) | (upper << 25)) >>> 0;
      upper >>>= 7;
    }
    this.varint(lower);
  }

  fixed32(value: number): void {
    if (this.pos + 4 > this.#bytes.length) this.#grow(4);
    this.pos = this.#bytes.writeUInt32LE(value >>> 0, this.pos);
  }

  /** In two halves without sign. */
  fixed64(low: number, high: number): void {
    this.fixed32(low);
    this.fixed32(high);
  }

  float(value: number): void {
    if (this.pos + 4 > this.#bytes.length) this.#grow(4);
    this.pos = this.#bytes.writeFloatLE(value, this.pos);
  }

  double(value: number): void {
    if (this.pos + 8 > this.#bytes.length) this.#grow(8);
    this.pos = this.#bytes.writeDoubleLE(value, this.pos);
  }

  /** Text with its length before it. */
  text(value: string): void {
    if (value.length <= SHORT && this.#ascii(value)) return;
    const start = this.begin();
    const most = value.length * 3;
    if (this.pos + most > this.#bytes.length) this.#grow(most);
    this.pos += this.#bytes.write(value, this.pos, 'utf8');
    this.end(start);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    if (this.pos + value.length > this.#bytes.length) this.#grow(value.length);
    this.#bytes.set(value, this.pos);
    this.pos += value.length;
  }

  /** Room for so many bytes, to be written by the caller from `pos` on. */
  room(bytes: number): Buffer {
    if (this.pos + bytes > this.#bytes.length) this.#grow(bytes);
    return this.#bytes;
  }

  /** Begins something with its length before it; the result is for `end`. */
  begin(): number {
    if (this.pos + 1 > this.#bytes.length) this.#grow(1);
    return this.pos++;
  }

  /** Writes the length of what was written since. Most are below 128, for which `begin` has left room. */
  end(start: number): void {
    const length = this.pos - start - 1;
    if (length < 0x80) {
      this.#bytes[start] = length;
      return;
    }
    const [from, to] = [start + 1, this.pos];
    const more = (length < 0x4000 ? 2 : length < 0x200000 ? 3 : length < 0x10000000 ? 4 : 5) - 1;
    if (to + more > this.#bytes.length) this.#grow(more);
    this.#bytes.copyWithin(from + more, from, to);
    this.pos = start;
    this.varint(length);
    this.pos = to + more;
  }

  /** What was written, as a copy. */
  finish(): Uint8Array {
    const written = new Uint8Array(this.#bytes.subarray(0, this.pos));
    this.pos = 0;
    // One large message must not keep its memory.
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    return written;
  }

  /** Short texts are mostly ASCII, and written faster by ourselves than by the call that it takes otherwise. */
  #ascii(value: string): boolean {
    const { length } = value;
    if (this.pos + 1 + length > this.#bytes.length) this.#grow(1 + length);
    const bytes = this.#bytes;
    let pos = this.pos;
    bytes[pos++] = length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[pos++] = code;
    }
    this.pos = pos;
    return true;
  }

  #grow(more: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.pos + more));
    larger.set(this.#bytes.subarray(0, this.pos));
    this.#bytes = larger;
  }
}

const FIRST_BYTES = 4096;
const SHORT = 40;
const KEPT_BYTES = 256 * 1024;
