import type { ServerHttp2Stream } from 'node:http2';
import { FULL, KEPT, TAKEN, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import { latin1 } from '../../core/latin1.ts';
import { trailerFields } from './server-fields.ts';

/** Up to this size a piece is copied into the text that is being put together; above it is written by reference. */
const COPY_BYTES = 2 * 1024;
const FLUSH_TEXT_LENGTH = 16 * 1024;

/** The stream on which a body goes out. */
export interface StreamWriterOwner {
  /** Everything was handed to the stream, but for trailers, of which it hears later. */
  bodyWritten(): void;
  /** The trailers were handed to the stream. */
  trailersWritten(): void;
  /** The source broke off: what was written is incomplete. */
  bodyAborted(error: GatewayError): void;
}

/** The body of a reply, as DATA frames. Its head was sent before. */
export class StreamWriter implements BodySink {
  /** Bytes of the body so far. */
  bytes = 0;
  readonly #stream: ServerHttp2Stream;
  readonly #owner: StreamWriterOwner;
  readonly #takesTrailers: boolean;
  #source: BodySource | null = null;
  #pending = '';
  #isStalled = false;

  /** `takesTrailers`: the head was sent in a way that lets trailers follow. */
  constructor(stream: ServerHttp2Stream, owner: StreamWriterOwner, takesTrailers: boolean) {
    this.#stream = stream;
    this.#owner = owner;
    this.#takesTrailers = takesTrailers;
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
      return this.#stream.writableNeedDrain ? this.#stall() : TAKEN;
    }
    this.flush();
    this.#stream.write(chunk);
    return this.#stream.writableNeedDrain ? this.#stall() : KEPT;
  }

  flush(): void {
    if (this.#pending === '') return;
    this.#stream.write(this.#pending, 'latin1');
    this.#pending = '';
  }

  end(trailers: Headers | null): void {
    this.#source = null;
    if (this.#takesTrailers) {
      this.#stream.once('wantTrailers', () => {
        this.#stream.sendTrailers(trailerFields(trailers) ?? {});
        this.#owner.trailersWritten();
      });
    }
    if (this.#pending === '') this.#stream.end();
    else this.#stream.end(this.#pending, 'latin1');
    this.#pending = '';
    this.#owner.bodyWritten();
  }

  fail(error: GatewayError): void {
    this.#source = null;
    this.#owner.bodyAborted(error);
  }

  /** The stream is gone: nobody will read the source. */
  cancel(): void {
    const source = this.#source;
    this.#source = null;
    source?.cancel();
  }

  #stall(): Taken {
    if (!this.#isStalled) {
      this.#isStalled = true;
      this.#stream.once('drain', () => {
        this.#isStalled = false;
        this.#source?.resume();
      });
    }
    return FULL;
  }
}
