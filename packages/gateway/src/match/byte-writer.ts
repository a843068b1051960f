/** Bytes that grow as text is added. */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a text in UTF-8 and gives its length in bytes. */
  write(text: string): number {
    const room = text.length * 3;
    if (this.#length + room > this.#bytes.length) this.#grow(room);
    const written = this.#bytes.write(text, this.#length, 'utf8');
    this.#length += written;
    return written;
  }

  /** What was written so far; only good until the next write. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(room: number): void {
    const larger = Buffer.allocUnsafe(this.#bytes.length * 2 + room);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
