import { ERRORS, type ErrorCode } from './errors.ts';
import type { Reply } from './exchange.ts';
import type { Headers } from './headers.ts';

/** What gRPC calls are sent as; a reply has the same type, so that clients for browsers take it for theirs. */
const MEDIA_TYPES = ['application/grpc-web-text', 'application/grpc-web', 'application/grpc'] as const;

/** A media type of gRPC, without what comes after a `+` or a `;`. */
export type GrpcMediaType = (typeof MEDIA_TYPES)[number];

/** The media type of a gRPC caller, by the `Content-Type` of its request, or null for all others. */
export function grpcMediaType(contentType: string | undefined): GrpcMediaType | null {
  if (contentType === undefined) return null;
  const type = contentType.toLowerCase();
  const found = MEDIA_TYPES.find((known) => type.startsWith(known));
  return found !== undefined && ENDS.includes(type.charAt(found.length)) ? found : null;
}

/** What may follow the type: a format, a parameter, or nothing. */
const ENDS: readonly string[] = ['', '+', ';', ' '];

/** Messages by code, percent-encoded once, because refusals are most frequent under attack. */
const MESSAGES = new Map(Object.entries(ERRORS).map(([code, { title }]) => [code, percentEncoded(title)]));

/**
 * A refusal as gRPC callers read it (gRPC over HTTP/2, "Responses"): a head that is at once the trailers, with status 200,
 * and the real status in `grpc-status`. The fields are those that any other caller would get, without a body.
 */
export function grpcRefusal(code: ErrorCode, type: GrpcMediaType, fields: Headers): Reply {
  const retryAfterSeconds = Number(fields.get('retry-after') ?? NaN);
  // What clients of gRPC read instead of Retry-After (gRPC A6, "Pushback").
  if (retryAfterSeconds >= 0) fields.append('grpc-retry-pushback-ms', String(1000 * retryAfterSeconds));
  const headers = appendStatus(fields.set('Content-Type', type), code);
  return { status: 200, headers, body: null, code, tunnel: null };
}

/** Says in these fields, or trailers, what became of a call. */
export function appendStatus(fields: Headers, code: ErrorCode): Headers {
  return fields
    .append('grpc-status', String(ERRORS[code].grpcStatus))
    .append('grpc-message', MESSAGES.get(code) ?? '');
}

/** A text for `grpc-message`: printable ASCII but `%` stays; other bytes of UTF-8 are escaped (gRPC over HTTP/2, "Percent-Encoded"). */
export function percentEncoded(text: string): string {
  return Array.from(Buffer.from(text), (byte) =>
    byte >= 0x20 && byte <= 0x7e && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}
