import type { ClientHttp2Stream } from 'node:http2';
import { FULL, UNKNOWN_LENGTH, type BodySink, type BodySource } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';

/** The call to which a body belongs. */
export interface ResponseBodyOwner {
  /** The stream was closed before the body had its end. */
  readonly isCut: boolean;
  /** Bytes are waited for (true), or nobody takes any at the moment (false). */
  bodyAwaited(isAwaited: boolean): void;
  /** The body is complete. Called before the sink hears of the end. */
  bodyEnded(): void;
  /** Nobody wants the rest. */
  bodyCancelled(): void;
  /** It ended too early. Called before the sink hears of it. */
  bodyBroken(error: GatewayError): void;
}

/**
 * The body of a response. Until somebody reads it, and while the reader has enough, it stays in the window of its stream, so
 * that the service has to stop; other streams of the connection go on.
 */
export class ResponseBody implements BodySource {
  readonly length: number;
  trailers: Headers | null = null;
  readonly #stream: ClientHttp2Stream;
  readonly #owner: ResponseBodyOwner;
  #sink: BodySink | null = null;
  #fault: GatewayError | null = null;
  #bytes = 0;
  #isOver = false;

  constructor(stream: ClientHttp2Stream, length: number, owner: ResponseBodyOwner) {
    this.#stream = stream;
    this.length = length;
    this.#owner = owner;
  }

  readTo(sink: BodySink): void {
    if (this.#fault !== null) sink.fail(this.#fault);
    if (this.#isOver) return;
    this.#sink = sink;
    this.#owner.bodyAwaited(true);
    this.#stream.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#stream.on('end', () => this.#ended());
  }

  resume(): void {
    if (this.#isOver) return;
    this.#owner.bodyAwaited(true);
    this.#stream.resume();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink = null;
    this.#owner.bodyCancelled();
  }

  /** It breaks off. */
  fail(error: GatewayError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#fault = error;
    this.#sink?.fail(error);
    this.#sink = null;
  }

  #take(chunk: Buffer): void {
    const sink = this.#sink;
    if (sink === null) return;
    this.#bytes += chunk.length;
    const taken = sink.write(chunk);
    sink.flush();
    if (this.#isOver) return;
    if (taken === FULL) this.#stream.pause();
    this.#owner.bodyAwaited(taken !== FULL);
  }

  #ended(): void {
    const sink = this.#sink;
    if (sink === null) return;
    if (this.#owner.isCut || (this.length !== UNKNOWN_LENGTH && this.#bytes !== this.length)) {
      this.#owner.bodyBroken(new GatewayError('UPSTREAM_INCOMPLETE', 'the response ended before its body'));
      return;
    }
    this.#isOver = true;
    this.#sink = null;
    this.#owner.bodyEnded();
    sink.end(this.trailers);
  }
}
