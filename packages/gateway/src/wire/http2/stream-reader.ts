import { FULL, TAKEN, type BodySink, type BodySource } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import type { Http2Stream } from './framing/http2-stream.ts';

/** Pieces that wait are put together up to this size. */
const BLOCK_BYTES = 4 * 1024;

/** The stream on which a body comes in. */
export interface StreamReaderOwner {
  /** Somebody wants the body now. */
  bodyWanted(): void;
  /** The body is complete. Called before the sink hears of the end. */
  bodyEnded(): void;
  /** Nobody wants the rest. */
  bodyCancelled(): void;
}

/**
 * The body of a request that comes in DATA frames. While nobody reads it, or the reader has enough, the window of its stream
 * is not opened again, so that a client can send no more than that; other streams go on.
 */
export class StreamReader implements BodySource {
  readonly length: number;
  /** Bytes that were handed on so far. */
  bytes = 0;
  readonly #stream: Http2Stream;
  readonly #owner: StreamReaderOwner;
  #sink: BodySink | null = null;
  /** What has come and nobody has taken: at most a window. */
  #held: Buffer[] = [];
  /** The memory of the last one held, as long as there may be room in it. */
  #block: Buffer | null = null;
  #trailers: Headers | null = null;
  #hasEnded = false;
  #isOver = false;
  #isPaused = true;

  constructor(stream: Http2Stream, length: number, owner: StreamReaderOwner) {
    this.#stream = stream;
    this.length = length;
    this.#owner = owner;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Somebody waits for bytes that the client should send. */
  get isWaiting(): boolean {
    return this.#sink !== null && !this.#isPaused && !this.#isOver;
  }

  readTo(sink: BodySink): void {
    if (this.#isOver) return;
    this.#sink = sink;
    this.#owner.bodyWanted();
    this.resume();
  }

  resume(): void {
    if (this.#isOver || !this.#isPaused || this.#sink === null) return;
    this.#isPaused = false;
    this.#block = null;
    while (!this.#isPaused && !this.#isOver) {
      const chunk = this.#held.shift();
      if (chunk === undefined) break;
      this.#deliver(chunk);
    }
    if (this.#hasEnded && this.#held.length === 0 && !this.#isPaused) this.#end();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#giveUp();
    this.#owner.bodyCancelled();
  }

  /** The stream or the connection broke. */
  fail(error: GatewayError): void {
    if (this.#isOver) return;
    const sink = this.#giveUp();
    sink?.fail(error);
  }

  /** Takes a chunk; the next read goes into borrowed memory, so nobody may keep a reference into it. */
  take(chunk: Buffer, isBorrowed: boolean): void {
    if (this.#isOver) return;
    const isSmall = this.#isPaused && chunk.length < BLOCK_BYTES;
    const own = isBorrowed && !isSmall ? Buffer.from(chunk) : chunk;
    if (isSmall) this.#gather(chunk);
    else if (this.#isPaused) this.#hold(own, null);
    else this.#deliver(own);
  }

  /** By itself a piece of one byte would keep all the memory that it came in, which is not what its window counts. */
  #gather(chunk: Buffer): void {
    const last = this.#held.at(-1);
    const end = (last?.length ?? 0) + chunk.length;
    if (this.#block !== null && last !== undefined && end <= BLOCK_BYTES) {
      chunk.copy(this.#block, last.length);
      this.#held[this.#held.length - 1] = this.#block.subarray(0, end);
      return;
    }
    const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    chunk.copy(block);
    this.#hold(block.subarray(0, chunk.length), block);
  }

  #hold(piece: Buffer, block: Buffer | null): void {
    this.#held.push(piece);
    this.#block = block;
  }

  /** Nothing follows. */
  ended(trailers: Headers | null): void {
    this.#hasEnded = true;
    this.#trailers = trailers;
    if (!this.#isPaused) this.#end();
  }

  #deliver(chunk: Buffer): void {
    const sink = this.#sink;
    if (sink === null) return;
    this.bytes += chunk.length;
    const taken = chunk.length === 0 ? TAKEN : sink.write(chunk);
    if (this.#isOver) return;
    if (taken === FULL) this.#isPaused = true;
    sink.flush();
    this.#stream.consumed(chunk.length);
  }

  #end(): void {
    if (this.#isOver) return;
    const sink = this.#giveUp();
    this.#owner.bodyEnded();
    sink?.end(this.#trailers);
  }

  #giveUp(): BodySink | null {
    const sink = this.#sink;
    this.#isOver = true;
    this.#sink = null;
    this.#held = [];
    this.#block = null;
    return sink;
  }
}
