import { HttpFailure } from './http-failure.ts';

const NEWLINE = 0x0a;
const FIRST_BYTES = 4096;

/**
 * The lines of an answer as they come, the last one also without its end. Holds one line at most; one of more than `maxBytes`
 * is a failure. Errors of the answer are told as `fail` words them.
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
  fail: (error: unknown) => Error,
): AsyncGenerator<string> {
  const line = new Line(maxBytes);
  try {
    for await (const chunk of chunks) {
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        line.add(chunk.subarray(from, end));
        yield line.take();
        from = end + 1;
      }
      line.add(chunk.subarray(from));
    }
  } catch (error) {
    throw fail(error);
  }
  if (!line.isEmpty) yield line.take();
}

/** One growing buffer, however small the pieces are that arrive. */
class Line {
  readonly #maxBytes: number;
  #bytes = Buffer.alloc(FIRST_BYTES);
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(part: Buffer): void {
    const size = this.#size + part.length;
    if (size > this.#maxBytes)
      throw new HttpFailure('too-large', `a line is larger than ${this.#maxBytes} bytes`);
    if (size > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes], Math.max(size, 2 * this.#bytes.length));
    part.copy(this.#bytes, this.#size);
    this.#size = size;
  }

  take(): string {
    const text = this.#bytes.toString('utf8', 0, this.#size);
    this.#size = 0;
    return text;
  }
}
