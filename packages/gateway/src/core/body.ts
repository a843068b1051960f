import type { GatewayError } from './errors.ts';
import type { Headers } from './headers.ts';

/** The sink is done with the bytes: their memory may be used again at once. */
export const TAKEN = 0;
/** The sink still refers to the bytes: the source must give up that memory. */
export const KEPT = 1;
/** As {@link KEPT}, and the sink has enough for now: the source pauses until `resume()`. */
export const FULL = 2;

/** What a sink says of the bytes that it was given. */
export type Taken = typeof TAKEN | typeof KEPT | typeof FULL;

/** Length of a body that ends where its framing says so (chunked, or the end of the connection). */
export const UNKNOWN_LENGTH = -1;

/**
 * Where the bytes of a body go. Callbacks on one object, so that no closure or promise is made per chunk.
 *
 * A source calls `write` any number of times, `flush` after the last write of each read, and then exactly
 * one of `end` and `fail`.
 */
export interface BodySink {
  /** The bytes are valid during the call only, unless the answer is {@link KEPT} or {@link FULL}. */
  write(chunk: Buffer): Taken;
  /** Nothing more comes for the moment: what was held together may go out. */
  flush(): void;
  end(trailers: Headers | null): void;
  fail(error: GatewayError): void;
}

/** What takes a whole source and asks it for more by itself, such as the far end of a tunnel. */
export interface BodyOutlet {
  start(source: BodySource): void;
}

/** Where the bytes of a body come from; it starts when it is read and can be read once. */
export interface BodySource {
  /** In bytes, or {@link UNKNOWN_LENGTH}. */
  readonly length: number;
  readTo(sink: BodySink): void;
  /** Goes on after the sink answered {@link FULL}. */
  resume(): void;
  /** Nobody wants the rest. The sink hears nothing more. */
  cancel(): void;
}

/**
 * A body: none, its bytes as a latin1 string (small and complete: no chunk, no callback, can be sent twice), or a
 * stream. Text has to be encoded first: `Buffer.from(text).latin1Slice()`.
 */
export type Body = null | string | BodySource;

/** Bytes of a body, or {@link UNKNOWN_LENGTH}. */
export function bodyLength(body: Body): number {
  return body === null ? 0 : body.length;
}

/** Whether all of it is here, so that it can be sent again. */
export function isWhole(body: Body): body is null | string {
  return body === null || typeof body === 'string';
}
