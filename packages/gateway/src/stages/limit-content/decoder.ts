import { decompressor, type ContentCoding, type Decompressor } from './content-codings.ts';

/**
 * Undoes one content coding, piece by piece: what is given is taken out again before more is given, so that no more than a few
 * pieces are in memory however large they are together.
 */
export class Decoder {
  /** That have been taken out. */
  bytes = 0;
  readonly #stream: Decompressor;
  #givenBytes = 0;
  /** Everything that was given has been worked through. */
  #isIdle = true;
  #hasFailed = false;
  #wake: () => void = () => {};

  constructor(coding: ContentCoding) {
    const wake = (): void => this.#wake();
    this.#stream = decompressor(coding)
      .on('readable', wake)
      .on('end', wake)
      .on('close', wake)
      .on('error', () => {
        this.#hasFailed = true;
        wake();
      });
  }

  /** It is no such coding, or something comes after its end, where another reader might look for more. */
  get isMalformed(): boolean {
    return this.#hasFailed || this.#stream.bytesWritten < this.#givenBytes;
  }

  give(chunk: Buffer): void {
    this.#givenBytes += chunk.length;
    this.#isIdle = false;
    this.#stream.write(chunk, () => {
      this.#isIdle = true;
      this.#wake();
    });
  }

  /** Nothing more is given; what was must be complete. A body of no bytes is. */
  finish(): void {
    if (this.#givenBytes === 0) return;
    this.#isIdle = false;
    this.#stream.end();
  }

  /** The next piece of what was given, or null when all of it has been taken. */
  async take(): Promise<Buffer | null> {
    const stream = this.#stream;
    for (;;) {
      const piece: Buffer | null = stream.read();
      if (piece !== null) {
        this.bytes += piece.length;
        return piece;
      }
      if (this.#isIdle || stream.readableEnded || stream.destroyed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#stream.destroy();
  }
}
