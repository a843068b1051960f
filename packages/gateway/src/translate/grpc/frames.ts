import { GatewayError, type ErrorCode } from '../../core/errors.ts';

/** Flag and length before every message (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const PREFIX_BYTES = 5;

/** What one stream of messages may cost. */
export interface FrameLimits {
  readonly messageBytes: number;
  /** What a message that is larger, or broken off, is called: of the client or of the service. */
  readonly tooLarge: ErrorCode;
  readonly incomplete: ErrorCode;
}

/** A message with its prefix. */
export function frame(flags: number, message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  bytes[0] = flags;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, PREFIX_BYTES);
  return bytes;
}

/**
 * Cuts a stream of bytes into messages. What has come of an unfinished one is kept, at most `messageBytes` of it, and copied
 * once when it is complete. The same shape serves gRPC, gRPC-Web and Connect.
 */
export class FrameReader {
  readonly #limits: FrameLimits;
  readonly #take: (flags: number, message: Buffer) => void;
  #pieces: Buffer[] = [];
  #length = 0;

  /** `take` gets each message; its memory is the message's own, or valid during the call only, as that of the chunk. */
  constructor(limits: FrameLimits, take: (flags: number, message: Buffer) => void) {
    this.#limits = limits;
    this.#take = take;
  }

  /** Throws a `GatewayError` for a message that is too large. */
  feed(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#length > 0) {
      this.#pieces.push(Buffer.from(chunk));
      this.#length += chunk.length;
      if (this.#length < this.#wanted()) return;
      bytes = Buffer.concat(this.#pieces, this.#length);
    }
    this.#keep(this.#cut(bytes));
  }

  /** Throws a `GatewayError` when the stream ends within a message. */
  end(): void {
    if (this.#length > 0) throw new GatewayError(this.#limits.incomplete, 'a message broke off');
  }

  /** Gives what is left after the last complete message. */
  #cut(bytes: Buffer): Buffer {
    let at = 0;
    while (bytes.length - at >= PREFIX_BYTES) {
      const end = at + PREFIX_BYTES + this.#messageLength(bytes, at);
      if (end > bytes.length) break;
      this.#take(bytes[at] ?? 0, bytes.subarray(at + PREFIX_BYTES, end));
      at = end;
    }
    return bytes.subarray(at);
  }

  #messageLength(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32BE(at + 1);
    if (length > this.#limits.messageBytes)
      throw new GatewayError(this.#limits.tooLarge, `a message of ${length} bytes is too large`);
    return length;
  }

  /** How many bytes there have to be before it is worth to join them. */
  #wanted(): number {
    const [first] = this.#pieces;
    if (first === undefined || first.length < PREFIX_BYTES) return PREFIX_BYTES;
    return PREFIX_BYTES + first.readUInt32BE(1);
  }

  #keep(rest: Buffer): void {
    this.#length = rest.length;
    this.#pieces = rest.length === 0 ? [] : [Buffer.from(rest)];
  }
}
