import type { BodySink, BodySource, Taken } from '../core/body.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Headers } from '../core/headers.ts';

/** Who wants to know how a gRPC call ended. */
export interface GrpcEndListener {
  /** With its trailers, in which the status is; null: there were none. */
  grpcEnded(trailers: Headers | null): void;
  /** Without any. */
  grpcBroken(error: GatewayError): void;
}

/** The messages of an answer to a gRPC call, on their way: no byte changes, and somebody hears of the end. */
export class GrpcBody implements BodySource, BodySink {
  readonly length: number;
  readonly #source: BodySource;
  readonly #listener: GrpcEndListener;
  #sink: BodySink | null = null;

  constructor(source: BodySource, listener: GrpcEndListener) {
    this.length = source.length;
    this.#source = source;
    this.#listener = listener;
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.#source.readTo(this);
  }

  resume(): void {
    this.#source.resume();
  }

  cancel(): void {
    this.#source.cancel();
  }

  write(chunk: Buffer): Taken {
    return this.#to.write(chunk);
  }

  flush(): void {
    this.#to.flush();
  }

  end(trailers: Headers | null): void {
    this.#listener.grpcEnded(trailers);
    this.#to.end(trailers);
  }

  fail(error: GatewayError): void {
    this.#listener.grpcBroken(error);
    this.#to.fail(error);
  }

  /** Nothing comes before somebody reads. */
  get #to(): BodySink {
    if (this.#sink === null) throw new TypeError('a body came before it was read');
    return this.#sink;
  }
}
