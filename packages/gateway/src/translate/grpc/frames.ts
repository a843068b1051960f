import { ByteGatherer } from '../../core/byte-gatherer.ts';
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
 * Cuts a stream of bytes into messages. What has come of an unfinished one is kept, at most `messageBytes` of it. The same shape serves gRPC, gRPC-Web and Connect.
 */
export class FrameReader {
  readonly #limits: FrameLimits;
  readonly #take: (flags: number, message: Buffer) => void;
  /** What has come of a message. Pieces may be as small as a sender likes, so they are put together at once. */
  #gathered: ByteGatherer | null = null;
  /** How many bytes there have to be before it is worth to look again. */
  #wanted = PREFIX_BYTES;

  /** `take` gets each message; its memory is the message's own, or valid during the call only, as that of the chunk. */
  constructor(limits: FrameLimits, take: (flags: number, message: Buffer) => void) {
    this.#limits = limits;
    this.#take = take;
  }

  /** Throws a `GatewayError` for a message that is too large. */
  feed(chunk: Buffer): void {
    const gathered = this.#gathered;
    if (gathered === null) {
      this.#keep(this.#cut(chunk));
      return;
    }
    gathered.add(chunk);
    if (gathered.length >= this.#wanted) this.#keep(this.#cut(gathered.bytes()));
  }

  /** Throws a `GatewayError` when the stream ends within a message. */
  end(): void {
    if (this.#gathered !== null) throw new GatewayError(this.#limits.incomplete, 'a message broke off');
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

  #keep(rest: Buffer): void {
    this.#gathered = null;
    if (rest.length === 0) return;
    this.#gathered = new ByteGatherer();
    this.#gathered.add(rest);
    this.#wanted = rest.length < PREFIX_BYTES ? PREFIX_BYTES : PREFIX_BYTES + rest.readUInt32BE(1);
  }
}
