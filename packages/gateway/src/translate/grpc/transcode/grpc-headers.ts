import { Headers } from '../../../core/headers.ts';
import { NOT_FORWARDED, NOT_IN_TRAILER, headerName, ownHeaderName } from '../../../core/header-names.ts';

/** Fields of a request that say how its body is written, or what the reply should be written as. */
const OF_CALLERS_BODY: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connect-timeout-ms',
  'content-encoding',
  'content-length',
  'content-type',
  'te',
]);

/** Fields of gRPC that callers may send: all others are for us to write. */
const OF_CALLERS_GRPC: ReadonlySet<string> = new Set(['grpc-tags-bin', 'grpc-trace-bin']);

/** Fields of a reply that say how its body is written. */
const OF_REPLYS_BODY: ReadonlySet<string> = new Set([
  'accept-encoding',
  'content-encoding',
  'content-length',
  'content-type',
  'trailer',
]);

const CONTENT_TYPE = headerName('Content-Type');
const TE = headerName('TE');
const TIMEOUT = headerName('grpc-timeout');
/** Not of a client: under that name none gets through. */
const ACCEPT_ENCODING = ownHeaderName('grpc-accept-encoding');

/** The fields of a call: those of the client go along as metadata. */
export function callHeaders(headers: Headers): Headers {
  const call = filtered(headers, (lower) =>
    lower.startsWith('grpc-') ? OF_CALLERS_GRPC.has(lower) : !OF_CALLERS_BODY.has(lower),
  );
  call.appendNamed(CONTENT_TYPE, 'application/grpc');
  call.appendNamed(TE, 'trailers');
  call.appendNamed(ACCEPT_ENCODING, 'identity');
  // A mark: whoever sends the call writes there how long we wait (`upstream/request-text.ts`).
  call.appendNamed(TIMEOUT, '0m');
  return call;
}

/** The fields of a reply: its metadata, and what its body is now. */
export function replyHeaders(headers: Headers, contentType: string): Headers {
  const reply = filtered(headers, (lower) => !lower.startsWith('grpc-') && !OF_REPLYS_BODY.has(lower));
  reply.appendNamed(CONTENT_TYPE, contentType);
  return reply;
}

/** Adds what a service said at the end, where the head of the reply has not gone out. */
export function addTrailers(headers: Headers, trailers: Headers): void {
  for (const [index, name] of trailers.names.entries()) {
    const isOurs = name.lower.startsWith('grpc-') || (name.flags & (NOT_FORWARDED | NOT_IN_TRAILER)) !== 0;
    if (!isOurs) headers.appendNamed(name, trailers.values[index] ?? '');
  }
}

function filtered(headers: Headers, mayStay: (lower: string) => boolean): Headers {
  const { names, values } = headers;
  const kept = new Headers();
  for (const [index, name] of names.entries())
    if (mayStay(name.lower)) kept.appendNamed(name, values[index] ?? '');
  return kept;
}
