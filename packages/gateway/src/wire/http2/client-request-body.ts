import type { ClientHttp2Stream } from 'node:http2';
import {
  FULL,
  KEPT,
  TAKEN,
  type BodyOutlet,
  type BodySink,
  type BodySource,
  type Taken,
} from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import { trailerFields } from './client-head.ts';

/** Up to this size a piece is copied, which costs less than a read buffer that its source has to give up. */
const COPY_BYTES = 2 * 1024;

/** The call to which a body belongs. */
export interface RequestBodyOwner {
  /** Everything was handed over. */
  bodyWritten(): void;
  /** The source broke off: what was written is incomplete. */
  bodyAborted(error: GatewayError): void;
  /** The other end takes nothing at the moment (true), or again (false). */
  writeStalled(isStalled: boolean): void;
}

/** The body of a request on its way out, as fast as the windows of its stream and its connection allow (RFC 9113 §5.2). */
export class RequestBody implements BodySink, BodyOutlet {
  readonly #stream: ClientHttp2Stream;
  readonly #owner: RequestBodyOwner;
  #source: BodySource | null = null;
  #trailers: Headers | null = null;
  #isStalled = false;

  /** The stream must wait for trailers if there may be any. */
  constructor(stream: ClientHttp2Stream, owner: RequestBodyOwner) {
    this.#stream = stream;
    this.#owner = owner;
    stream.on('drain', () => this.#drained());
    stream.on('wantTrailers', () => stream.sendTrailers(trailerFields(this.#trailers)));
  }

  /** Sends everything that `source` gives. */
  start(source: BodySource): void {
    this.#source = source;
    source.readTo(this);
  }

  write(chunk: Buffer): Taken {
    if (chunk.length === 0) return TAKEN;
    const isCopied = chunk.length <= COPY_BYTES;
    if (this.#stream.write(isCopied ? Buffer.from(chunk) : chunk)) return isCopied ? TAKEN : KEPT;
    if (!this.#isStalled) {
      this.#isStalled = true;
      this.#owner.writeStalled(true);
    }
    return FULL;
  }

  /** Node.js joins what is written in one turn. */
  flush(): void {}

  end(trailers: Headers | null): void {
    this.#source = null;
    this.#trailers = trailers;
    this.#stream.end();
    this.#owner.bodyWritten();
  }

  fail(error: GatewayError): void {
    this.#source = null;
    this.#owner.bodyAborted(error);
  }

  /** Nobody will read the rest of the source. */
  cancel(): void {
    const source = this.#source;
    this.#source = null;
    source?.cancel();
  }

  #drained(): void {
    if (!this.#isStalled) return;
    this.#isStalled = false;
    this.#owner.writeStalled(false);
    this.#source?.resume();
  }
}
