/** Flags and length before every message (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const PREFIX_BYTES = 5;
const NOTHING = Buffer.alloc(0);

/**
 * Follows a stream of messages that goes on as it is. Prefixes go on in one piece, so that before a message that is too large
 * the stream ends between two.
 */
export class MessageGate {
  readonly #maxBytes: number;
  /** A part of a prefix. */
  #held: Buffer | null = null;
  /** Bytes of the message under way that have not come. */
  #left = 0;
  /** The length of the one that was too large; 0: none was. */
  excess = 0;
  /** What came from there on. */
  beyond: Buffer = NOTHING;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a message that would come now would be the next. */
  get isBetween(): boolean {
    return this.#left === 0;
  }

  /** What of it may go on now, with what was held; nothing goes on behind the message that is too large. */
  pass(chunk: Buffer): Buffer {
    const bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = null;
    let at = 0;
    while (this.excess === 0) {
      const step = Math.min(this.#left, bytes.length - at);
      this.#left -= step;
      at += step;
      if (bytes.length - at < PREFIX_BYTES) break;
      const length = bytes.readUInt32BE(at + 1);
      if (length > this.#maxBytes) {
        this.excess = length;
        this.beyond = bytes.subarray(at);
      } else {
        this.#left = length;
        at += PREFIX_BYTES;
      }
    }
    if (this.excess === 0 && at < bytes.length) this.#held = Buffer.from(bytes.subarray(at));
    return bytes.subarray(0, at);
  }

  /** What is left when nothing more comes. */
  rest(): Buffer | null {
    const rest = this.#held;
    this.#held = null;
    return rest;
  }
}

/** The length of the first message of a whole body that is too large, or 0. One character is one byte. */
export function excessOf(body: string, maxBytes: number): number {
  const gate = new MessageGate(maxBytes);
  gate.pass(Buffer.from(body, 'latin1'));
  return gate.excess;
}
