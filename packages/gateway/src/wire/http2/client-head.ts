import { bodyLength, UNKNOWN_LENGTH } from '../../core/body.ts';
import { headerName, NOT_IN_TRAILER, SINGLETON, UNDERSCORED, FRAMING } from '../../core/header-names.ts';
import { Headers } from '../../core/headers.ts';
import type { Call } from '../../core/transport.ts';

/** The head of a request as pairs of names and values, one after the other. */
export interface RequestHead {
  readonly fields: string[];
  readonly isGrpc: boolean;
}

/** The head of a call (RFC 9113 §8.3.1); one that wants another protocol is an extended CONNECT (RFC 8441 §4). Its fields are lines of a message, whose names become lower case. */
export function requestHead(call: Call, scheme: 'http' | 'https'): RequestHead {
  const { method, target, authority, upgrade, fields: lines } = call;
  const fields = [':method', upgrade === '' ? method : 'CONNECT', ':scheme', scheme, ':authority', authority];
  fields.push(':path', target);
  if (upgrade !== '') fields.push(':protocol', upgrade);
  const isGrpc = appendLines(fields, lines);
  // Servers of gRPC refuse calls of those who would not see the status.
  if (call.takesTrailers || isGrpc) fields.push('te', 'trailers');
  if (upgrade !== '') return { fields, isGrpc };
  const length = bodyLength(call.body);
  const isAnticipated = method === 'POST' || method === 'PUT' || method === 'PATCH';
  if (length > 0 || (length === 0 && isAnticipated)) fields.push('content-length', String(length));
  return { fields, isGrpc };
}

/** Gives whether they are those of a gRPC call. */
function appendLines(fields: string[], lines: string): boolean {
  let isGrpc = false;
  for (let at = 0; at < lines.length;) {
    const colon = lines.indexOf(': ', at);
    const end = lines.indexOf('\r\n', colon);
    const name = headerName(lines.slice(at, colon)).lower;
    const value = lines.slice(colon + 2, end);
    if (name === 'content-type') isGrpc = value.startsWith('application/grpc');
    fields.push(name, value);
    at = end + 2;
  }
  return isGrpc;
}

/** The head of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
  /** Of the body, by `Content-Length`, or {@link UNKNOWN_LENGTH}. */
  readonly length: number;
}

/**
 * Reads the head of a response from its pairs, whose bytes nghttp2 has checked (RFC 9113 §8.2 and §8.3), a length against the
 * body too. Null: a field is there twice that may be there once, or the status is none (RFC 9110 §15).
 */
export function responseHead(pairs: readonly string[]): ResponseHead | null {
  const headers = new Headers();
  let status = 0;
  let length = UNKNOWN_LENGTH;
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const [spelling = '', value = ''] = [pairs[at], pairs[at + 1]];
    if (spelling === ':status') {
      status = Number(value);
      continue;
    }
    const name = headerName(spelling);
    // Behind a CGI-like server it would be another spelling of a dashed one.
    if ((name.flags & UNDERSCORED) !== 0) continue;
    if ((name.flags & SINGLETON) !== 0 && headers.has(name.lower)) return null;
    if (name.lower === 'content-length') length = Number(value);
    headers.appendNamed(name, value);
  }
  return status >= 100 && status <= 599 ? { status, headers, length } : null;
}

/** Reads trailers; null: there are none that may be there (RFC 9110 §6.5.1). */
export function responseTrailers(pairs: readonly string[]): Headers | null {
  const trailers = new Headers();
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const name = headerName(pairs[at] ?? '');
    if ((name.flags & (NOT_IN_TRAILER | FRAMING | SINGLETON | UNDERSCORED)) !== 0) continue;
    trailers.appendNamed(name, pairs[at + 1] ?? '');
  }
  return trailers.size === 0 ? null : trailers;
}

/** Trailers as Node.js takes them. */
export function trailerFields(trailers: Headers | null): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (const [at, { lower }] of (trailers?.names ?? []).entries())
    (fields[lower] ??= []).push(trailers?.values[at] ?? '');
  return fields;
}
