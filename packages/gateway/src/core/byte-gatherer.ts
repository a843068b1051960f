import { latin1 } from './latin1.ts';

const FIRST_BYTES = 4 * 1024;

/** Bytes that come in pieces. Its memory grows with what has come, not with what somebody said would come. */
export class ByteGatherer {
  #bytes: Buffer = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2, FIRST_BYTES));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
  }

  /** As text of one character a byte. */
  text(): string {
    return latin1(this.#bytes, 0, this.#length);
  }

  /** The bytes themselves; nothing may be added after. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

const NOTHING = Buffer.alloc(0);
