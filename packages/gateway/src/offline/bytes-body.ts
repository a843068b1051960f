import { FULL, UNKNOWN_LENGTH, type Body, type BodySink, type BodySource } from '../core/body.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Headers } from '../core/headers.ts';
import { ByteGatherer } from '../core/byte-gatherer.ts';
import { TAKEN, type Taken } from '../core/body.ts';

/** Up to this size a body comes with its head, as it does from sockets. */
const SMALL_BODY_BYTES = 16 * 1024;

/** A body of these bytes, in the form in which one of that size comes from a socket. */
export function bodyFrom(bytes: Buffer, trailers: Headers | null = null): Body {
  if (trailers !== null) return new BytesBody(bytes, trailers);
  if (bytes.length === 0) return null;
  return bytes.length <= SMALL_BODY_BYTES ? bytes.toString('latin1') : new BytesBody(bytes, null);
}

/** Bytes that are read in pieces, and stop where the reader has enough. */
class BytesBody implements BodySource {
  readonly length: number;
  readonly #trailers: Headers | null;
  #rest: Buffer;
  #sink: BodySink | null = null;

  constructor(bytes: Buffer, trailers: Headers | null) {
    this.length = trailers === null ? bytes.length : UNKNOWN_LENGTH;
    this.#trailers = trailers;
    this.#rest = bytes;
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.resume();
  }

  resume(): void {
    while (this.#sink !== null && this.#rest.length > 0) {
      const piece = this.#rest.subarray(0, SMALL_BODY_BYTES);
      this.#rest = this.#rest.subarray(piece.length);
      const taken = this.#sink.write(piece);
      this.#sink?.flush();
      if (taken === FULL) return;
    }
    const sink = this.#sink;
    this.#sink = null;
    sink?.end(this.#trailers);
  }

  cancel(): void {
    this.#sink = null;
  }
}

/** A body that was read to its end. */
export interface ReadBody {
  readonly bytes: Buffer;
  readonly trailers: Headers | null;
}

/** Reads a body to its end. Rejects with what it broke off for. */
export function readBody(body: Body): Promise<ReadBody> {
  if (body === null) return Promise.resolve({ bytes: NOTHING, trailers: null });
  if (typeof body === 'string')
    return Promise.resolve({ bytes: Buffer.from(body, 'latin1'), trailers: null });
  return new Promise((resolve, reject) => body.readTo(new Gathering(resolve, reject)));
}

class Gathering implements BodySink {
  readonly #bytes = new ByteGatherer();
  readonly #resolve: (read: ReadBody) => void;
  readonly #reject: (error: GatewayError) => void;

  constructor(resolve: (read: ReadBody) => void, reject: (error: GatewayError) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  write(chunk: Buffer): Taken {
    this.#bytes.add(chunk);
    return TAKEN;
  }

  flush(): void {
    // Nothing is held together here.
  }

  end(trailers: Headers | null): void {
    this.#resolve({ bytes: this.#bytes.bytes(), trailers });
  }

  fail(error: GatewayError): void {
    this.#reject(error);
  }
}

const NOTHING = Buffer.alloc(0);
