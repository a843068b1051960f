import { TAKEN, type BodySink, type BodySource, type Taken } from '../core/body.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Headers } from '../core/headers.ts';

/** Who wants to know how a gRPC call ended. */
export interface GrpcEndListener {
  /** With its trailers, in which the status is; null: there were none. */
  grpcEnded(trailers: Headers | null): void;
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
    this.#sink = null;
    this.#source.cancel();
  }

  /** Whether somebody reads it, and has not come to its end. */
  get isRead(): boolean {
    return this.#sink !== null;
  }

  /** Ends the call with these trailers, whatever the service has still to say. */
  endWith(trailers: Headers): void {
    const sink = this.#takeSink();
    this.#source.cancel();
    sink?.end(trailers);
  }

  write(chunk: Buffer): Taken {
    return this.#sink?.write(chunk) ?? TAKEN;
  }

  flush(): void {
    this.#sink?.flush();
  }

  end(trailers: Headers | null): void {
    this.#listener.grpcEnded(trailers);
    this.#takeSink()?.end(trailers);
  }

  fail(error: GatewayError): void {
    this.#takeSink()?.fail(error);
  }

  #takeSink(): BodySink | null {
    const sink = this.#sink;
    this.#sink = null;
    return sink;
  }
}
