import {
  CANCEL,
  frameHead,
  headFrames,
  MAX_PAYLOAD_BYTES,
  MAX_WINDOW_BYTES,
  NO_ERROR,
  DATA,
  END_STREAM,
  RST_STREAM,
  uint32,
  WINDOW_UPDATE,
} from './frames.ts';
import type { FieldEncoder } from '../hpack/encoder.ts';
import type { Outbox } from './outbox.ts';

/** Who hears what comes on a stream. */
export interface StreamListener {
  /** Bytes of the body, for the time of the call; `isBorrowed`: also their memory. */
  data(chunk: Buffer, isBorrowed: boolean): void;
  /** The other end has sent everything; trailers are names and values in turn. */
  ended(trailers: readonly string[] | null): void;
  /** After `isFull` there is room again. */
  drained(): void;
  /** The stream is gone, and nothing more is heard of it. `isWhole`: all was sent. */
  closed(isWhole: boolean): void;
}

/** What streams need of their connection. */
export interface StreamHome {
  readonly outbox: Outbox;
  readonly encoder: FieldEncoder;
  /** What may be sent on all streams together. */
  window: number;
  /** It could send if the connection had room. */
  await(stream: Http2Stream): void;
  forget(stream: Http2Stream): void;
}

/** What may come before somebody reads it; times the streams, it is what a connection can hold. */
export const STREAM_WINDOW_BYTES = 64 * 1024;
/** With so much unsent the source should pause, and with so little go on. */
const FULL_BYTES = 64 * 1024;
const ROOM_BYTES = 16 * 1024;

const UNKNOWN = -1;

/** One stream (RFC 9113 §5): what may go out at the moment, what still waits, and what may come in. */
export class Http2Stream {
  readonly id: number;
  listener: StreamListener | null = null;
  /** What the other end has said that it sends, or less than 0. */
  expectedBytes = UNKNOWN;
  hasReceivedEnd = false;
  isClosed = false;
  wasResetByUs = false;
  readonly #home: StreamHome;
  #window: number;
  #queue: (string | Buffer)[] = [];
  #queuedBytes = 0;
  #trailers: readonly string[] | null = null;
  #isEnding = false;
  #hasSentEnd = false;
  #isFull = false;
  #isUnwanted = false;
  #receiveWindow = STREAM_WINDOW_BYTES;
  #receivedBytes = 0;
  #consumedBytes = 0;

  constructor(id: number, window: number, home: StreamHome) {
    this.id = id;
    this.#window = window;
    this.#home = home;
  }

  // --- going out ---------------------------------------------------------------------------------------------------

  /** The source should pause until `drained`. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get unsentBytes(): number {
    return this.#queuedBytes;
  }

  /** A head; with `ends`, the last that is sent. An interim one may go before it. */
  head(pairs: readonly string[], ends: boolean): void {
    if (this.isClosed) return;
    this.#home.outbox.write(headFrames(this.id, this.#home.encoder.encode(pairs), ends));
    if (ends) this.#sentEnd();
  }

  /** A part of the body; bytes are kept until they are written. */
  write(piece: string | Buffer): void {
    if (this.isClosed || this.#isEnding) return;
    this.#queue.push(piece);
    this.#queuedBytes += piece.length;
    this.send(Infinity);
    this.#isFull = this.#queuedBytes >= FULL_BYTES || (this.#queuedBytes > 0 && this.#home.outbox.isFull);
  }

  /** Everything was written; what follows are trailers, names and values in turn, or nothing. */
  end(last: string, trailers: readonly string[] | null): void {
    if (this.isClosed || this.#isEnding) return;
    this.#isEnding = true;
    this.#trailers = trailers;
    if (last !== '') {
      this.#queue.push(last);
      this.#queuedBytes += last.length;
    }
    this.send(Infinity);
  }

  /** Sends up to so many frames of what waits, as far as the windows allow. */
  send(frames: number): void {
    for (let i = 0; i < frames && !this.#hasSentEnd; i++) {
      const piece = this.#queue[0];
      if (piece === undefined) break;
      const room = Math.min(this.#window, this.#home.window, MAX_PAYLOAD_BYTES);
      if (room <= 0 || this.#home.outbox.isFull) break;
      this.#sendPiece(piece, room);
    }
    if (this.isClosed) return;
    if (this.#queue.length === 0) this.#sendEnd();
    else if (this.#window > 0) this.#home.await(this);
    if (this.#isFull && this.#queuedBytes <= ROOM_BYTES) {
      this.#isFull = false;
      this.listener?.drained();
    }
  }

  #sendPiece(piece: string | Buffer, room: number): void {
    const part = piece.length <= room ? piece : cut(piece, 0, room);
    if (part === piece) this.#queue.shift();
    else this.#queue[0] = cut(piece, room, piece.length);
    const { length } = part;
    this.#queuedBytes -= length;
    this.#window -= length;
    this.#home.window -= length;
    const ends = this.#isEnding && this.#trailers === null && this.#queue.length === 0;
    const head = frameHead(length, DATA, ends ? END_STREAM : 0, this.id);
    if (typeof part === 'string') this.#home.outbox.write(head + part);
    else this.#home.outbox.writeBytes(head, part);
    if (ends) this.#sentEnd();
  }

  /** What could not go together with the last bytes. */
  #sendEnd(): void {
    if (!this.#isEnding || this.#hasSentEnd) return;
    if (this.#trailers === null) this.#home.outbox.write(frameHead(0, DATA, END_STREAM, this.id));
    else this.#home.outbox.write(headFrames(this.id, this.#home.encoder.encode(this.#trailers), true));
    this.#sentEnd();
  }

  #sentEnd(): void {
    this.#hasSentEnd = this.#isEnding = true;
    if (this.hasReceivedEnd) this.#close(true);
    else if (this.#isUnwanted) this.reset(NO_ERROR);
  }

  /** The other end takes so much more, or less, because its settings changed. False: more than a window can have. */
  widen(bytes: number): boolean {
    this.#window += bytes;
    if (this.#window > MAX_WINDOW_BYTES) return false;
    if (bytes > 0) this.send(Infinity);
    return true;
  }

  // --- coming in ---------------------------------------------------------------------------------------------------

  /** A DATA frame of `bytes`, of which the chunk is not padding. False: there was no room for it. */
  received(bytes: number, chunk: Buffer, isBorrowed: boolean): boolean {
    this.#receiveWindow -= bytes;
    if (this.#receiveWindow < 0) return false;
    this.#receivedBytes += chunk.length;
    if (bytes > chunk.length) this.consumed(bytes - chunk.length);
    if (chunk.length > 0) this.listener?.data(chunk, isBorrowed);
    return true;
  }

  /** Whether the body is not, or cannot be, as long as was said. */
  isWrongLength(ends: boolean): boolean {
    if (this.expectedBytes < 0) return false;
    return ends ? this.#receivedBytes !== this.expectedBytes : this.#receivedBytes > this.expectedBytes;
  }

  /** The other end has nothing more to send. */
  receivedEnd(trailers: readonly string[] | null): void {
    this.hasReceivedEnd = true;
    this.listener?.ended(trailers);
    if (this.#hasSentEnd) this.#close(true);
  }

  /** Somebody has taken so many bytes: others may come in their place. */
  consumed(bytes: number): void {
    if (this.hasReceivedEnd || this.isClosed || this.#isUnwanted) return;
    this.#consumedBytes += bytes;
    if (this.#consumedBytes < STREAM_WINDOW_BYTES / 2) return;
    this.#home.outbox.write(frameHead(4, WINDOW_UPDATE, 0, this.id) + uint32(this.#consumedBytes));
    this.#receiveWindow += this.#consumedBytes;
    this.#consumedBytes = 0;
  }

  // --- the end -----------------------------------------------------------------------------------------------------

  /** Nobody wants what may still come: the stream is over with the last byte that goes out. */
  stopReading(): void {
    this.#isUnwanted = true;
    if (this.#hasSentEnd && !this.isClosed) this.reset(NO_ERROR);
  }

  /** Ends it at once, in both directions. */
  reset(code: number = CANCEL): void {
    if (this.isClosed) return;
    this.#home.outbox.write(frameHead(4, RST_STREAM, 0, this.id) + uint32(code));
    this.wasResetByUs = true;
    this.#close(this.#hasSentEnd);
  }

  /** It was reset, or its connection is lost. */
  lost(): void {
    if (!this.isClosed) this.#close(this.#hasSentEnd);
  }

  #close(isWhole: boolean): void {
    this.isClosed = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#home.forget(this);
    this.listener?.closed(isWhole);
  }
}

function cut(piece: string | Buffer, from: number, to: number): string | Buffer {
  return typeof piece === 'string' ? piece.slice(from, to) : piece.subarray(from, to);
}
