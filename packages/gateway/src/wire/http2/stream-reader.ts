import type { ServerHttp2Stream } from 'node:http2';
import { FULL, type BodySink, type BodySource } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import { trailersOf } from './server-fields.ts';

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
  readonly #stream: ServerHttp2Stream;
  readonly #owner: StreamReaderOwner;
  #sink: BodySink | null = null;
  #trailers: Headers | null = null;
  #isOver = false;
  #isPaused = false;

  constructor(stream: ServerHttp2Stream, length: number, owner: StreamReaderOwner) {
    this.#stream = stream;
    this.length = length;
    this.#owner = owner;
    // They may come before anybody reads.
    stream.on('trailers', (_headers, _flags, raw: unknown) => (this.#trailers = trailersOf(raw as string[])));
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
    // Node.js does not wait for a reader to tell of the end of a body without bytes, and tells it once.
    if (this.#stream.readableEnded) {
      this.#end();
      return;
    }
    this.#owner.bodyWanted();
    this.#stream.on('end', () => this.#end()).on('data', (chunk: Buffer) => this.#take(chunk));
  }

  resume(): void {
    if (this.#isOver) return;
    this.#isPaused = false;
    this.#stream.resume();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink = null;
    this.#stream.pause();
    this.#owner.bodyCancelled();
  }

  /** The stream or the connection broke. */
  fail(error: GatewayError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const sink = this.#sink;
    this.#sink = null;
    sink?.fail(error);
  }

  #take(chunk: Buffer): void {
    const sink = this.#sink;
    if (sink === null) return;
    this.bytes += chunk.length;
    const taken = sink.write(chunk);
    if (this.#isOver) return;
    if (taken === FULL) {
      this.#isPaused = true;
      this.#stream.pause();
    }
    sink.flush();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const sink = this.#sink;
    this.#sink = null;
    this.#owner.bodyEnded();
    sink?.end(this.#trailers);
  }
}
