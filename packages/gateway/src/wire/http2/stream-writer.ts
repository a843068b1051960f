import { FULL, KEPT, TAKEN, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import { latin1 } from '../../core/latin1.ts';
import type { Http2Stream } from './framing/http2-stream.ts';
import { trailerFields } from './server-fields.ts';

/** Up to this size a piece is copied into the text that is being put together; above it is written by reference. */
const COPY_BYTES = 2 * 1024;
const FLUSH_TEXT_LENGTH = 16 * 1024;

/** The stream on which a body goes out. */
export interface StreamWriterOwner {
  /** Everything was handed to the stream. */
  bodyWritten(): void;
  /** The source broke off: what was written is incomplete. */
  bodyAborted(error: GatewayError): void;
}

/** The body of a reply, as DATA frames. Its head was sent before. */
export class StreamWriter implements BodySink {
  /** Bytes of the body so far. */
  bytes = 0;
  readonly #stream: Http2Stream;
  readonly #owner: StreamWriterOwner;
  #source: BodySource | null = null;
  #pending = '';
  #isStalled = false;

  constructor(stream: Http2Stream, owner: StreamWriterOwner) {
    this.#stream = stream;
    this.#owner = owner;
  }

  /** Sends everything that `source` gives. */
  start(source: BodySource): void {
    this.#source = source;
    source.readTo(this);
    if (this.#source !== null) this.flush();
  }

  write(chunk: Buffer): Taken {
    const { length } = chunk;
    if (length === 0) return TAKEN;
    this.bytes += length;
    if (length <= COPY_BYTES) {
      this.#pending += latin1(chunk, 0, length);
      if (this.#pending.length >= FLUSH_TEXT_LENGTH) this.flush();
      return this.#answer(TAKEN);
    }
    this.flush();
    this.#stream.write(chunk);
    return this.#answer(KEPT);
  }

  flush(): void {
    if (this.#pending === '') return;
    const text = this.#pending;
    this.#pending = '';
    this.#stream.write(text);
  }

  end(trailers: Headers | null): void {
    this.#source = null;
    const last = this.#pending;
    this.#pending = '';
    this.#owner.bodyWritten();
    this.#stream.end(last, trailerFields(trailers));
  }

  fail(error: GatewayError): void {
    this.#source = null;
    this.#owner.bodyAborted(error);
  }

  /** The stream has room again. */
  drained(): void {
    if (!this.#isStalled) return;
    this.#isStalled = false;
    this.#source?.resume();
  }

  /** The stream is gone: nobody will read the source. */
  cancel(): void {
    const source = this.#source;
    this.#source = null;
    source?.cancel();
  }

  #answer(taken: Taken): Taken {
    this.#isStalled = this.#stream.isFull;
    return this.#isStalled ? FULL : taken;
  }
}
