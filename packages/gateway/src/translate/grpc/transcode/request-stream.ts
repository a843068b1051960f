import {
  FULL,
  TAKEN,
  UNKNOWN_LENGTH,
  type BodySink,
  type BodySource,
  type Taken,
} from '../../../core/body.ts';
import { GatewayError } from '../../../core/errors.ts';
import { MessageFault } from '../../../core/grpc-schema.ts';
import type { Headers } from '../../../core/headers.ts';
import { frame } from '../frames.ts';
import type { Splitter } from './json-splitter.ts';

/** Makes a splitter of what takes the bytes of each message. */
export type OpenSplitter = (take: (bytes: Buffer) => void) => Splitter;

/** How a stream of a client becomes messages. */
export interface StreamRules {
  readonly open: OpenSplitter;
  /** The bytes of a message. Throws `MessageFault`. */
  readonly encode: (bytes: Buffer) => Uint8Array;
}

/** The same messages as frames of gRPC: each goes on as soon as it is complete, and no more than one is held. */
export function requestStream(source: BodySource, rules: StreamRules): BodySource {
  return {
    length: UNKNOWN_LENGTH,
    readTo: (sink) => source.readTo(new FramingSink(source, sink, rules)),
    resume: () => source.resume(),
    cancel: () => source.cancel(),
  };
}

/** The same of a stream that is all here. Throws a `GatewayError` for what is no message. */
export function wholeStream(body: string, { open, encode }: StreamRules): string {
  const frames: Buffer[] = [];
  try {
    const splitter = open((bytes) => frames.push(frame(0, encode(bytes))));
    splitter.feed(Buffer.from(body, 'latin1'));
    splitter.end();
  } catch (error) {
    throw asGatewayError(error, frames.length + 1);
  }
  return Buffer.concat(frames).toString('latin1');
}

class FramingSink implements BodySink {
  readonly #source: BodySource;
  readonly #sink: BodySink;
  readonly #encode: StreamRules['encode'];
  readonly #splitter: Splitter;
  #isOver = false;
  #isFull = false;
  #count = 0;

  constructor(source: BodySource, sink: BodySink, { open, encode }: StreamRules) {
    this.#source = source;
    this.#sink = sink;
    this.#encode = encode;
    this.#splitter = open((bytes) => this.#message(bytes));
  }

  write(chunk: Buffer): Taken {
    if (this.#isOver) return TAKEN;
    this.#isFull = false;
    try {
      this.#splitter.feed(chunk);
    } catch (error) {
      this.#break(error);
    }
    return this.#isFull ? FULL : TAKEN;
  }

  flush(): void {
    if (!this.#isOver) this.#sink.flush();
  }

  end(): void {
    if (this.#isOver) return;
    try {
      this.#splitter.end();
    } catch (error) {
      this.#break(error);
      return;
    }
    this.#finish(null);
  }

  fail(error: GatewayError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink.fail(error);
  }

  #message(bytes: Buffer): void {
    this.#count++;
    if (this.#sink.write(frame(0, this.#encode(bytes))) === FULL) this.#isFull = true;
  }

  #finish(trailers: Headers | null): void {
    this.#isOver = true;
    this.#sink.end(trailers);
  }

  #break(error: unknown): void {
    this.#source.cancel();
    this.fail(asGatewayError(error, this.#count));
  }
}

/** `count` is the number of the message, from 1. */
function asGatewayError(error: unknown, count: number): GatewayError {
  if (error instanceof GatewayError) return error;
  if (!(error instanceof MessageFault))
    return new GatewayError('INTERNAL', 'a message could not be read', { cause: error });
  const place = error.pointer === '' ? '' : ` at ${error.pointer}`;
  const detail = `Message ${count} of the stream${place}: ${error.message}`;
  return new GatewayError('INVALID_REQUEST', 'a message of a stream is not as described', { detail });
}
