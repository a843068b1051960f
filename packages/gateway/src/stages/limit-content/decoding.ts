import type { ContentCoding } from './content-codings.ts';
import { Decoder } from './decoder.ts';
import type { JsonScanner } from './json-scanner.ts';
import type { Violation } from './violation.ts';

const rule = 'limits.decompressedBytes';
const TOO_LARGE: Violation = { reason: 'decompressedBytes', code: 'BODY_TOO_LARGE', rule };
const MALFORMED: Violation = { reason: 'coding-malformed', code: 'BAD_REQUEST', rule };

/** What is looked for in a body. */
export interface DecodingPlan {
  /** In the order in which they were applied. */
  readonly codings: readonly ContentCoding[];
  /** After each coding that is undone, because the next one would have to take it all. */
  readonly maxBytes: number;
  /** For what is inside, or null. */
  readonly scanner: JsonScanner | null;
}

/** Looks into a body through all of its content codings, and keeps nothing of what it finds. */
export class Decoding {
  readonly #decoders: readonly Decoder[];
  readonly #maxBytes: number;
  readonly #scanner: JsonScanner | null;

  constructor({ codings, maxBytes, scanner }: DecodingPlan) {
    this.#decoders = codings.toReversed().map((coding) => new Decoder(coding));
    this.#maxBytes = maxBytes;
    this.#scanner = scanner;
  }

  /** Takes the next bytes of the body; when it resolves, all that is in them has been counted. One at a time. */
  feed(chunk: Buffer): Promise<Violation | null> {
    return this.#feed(0, chunk);
  }

  /** The body is over: it must be complete. */
  async end(): Promise<Violation | null> {
    for (const [depth, decoder] of this.#decoders.entries()) {
      decoder.finish();
      const found = await this.#drain(decoder, depth);
      if (found !== null) return found;
    }
    return null;
  }

  /** Ends it at once; what is under way resolves. */
  close(): void {
    for (const decoder of this.#decoders) decoder.close();
  }

  async #feed(depth: number, chunk: Buffer): Promise<Violation | null> {
    const decoder = this.#decoders[depth];
    if (decoder === undefined) return this.#scanner?.scan(chunk) ?? null;
    decoder.give(chunk);
    return this.#drain(decoder, depth);
  }

  async #drain(decoder: Decoder, depth: number): Promise<Violation | null> {
    for (;;) {
      const piece = await decoder.take();
      if (piece === null) return decoder.isMalformed ? MALFORMED : null;
      if (decoder.bytes > this.#maxBytes) return TOO_LARGE;
      const found = await this.#feed(depth + 1, piece);
      if (found !== null) return found;
    }
  }
}
