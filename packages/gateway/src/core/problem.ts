import { ERRORS, type ErrorCode } from './errors.ts';
import type { Exchange, Reply } from './exchange.ts';
import { Headers } from './headers.ts';

const TYPE_BASE = 'https://turnpike.dev/problems/';

/**
 * The reply to a request that was refused or that failed: an RFC 9457 problem, and `Proxy-Status` (RFC 9209) where the
 * fault is the upstream's or ours. The only writer of error bodies; no message, host name or stack gets in.
 *
 * `fields` are what the status demands: `Allow`, `Retry-After`, `WWW-Authenticate`.
 */
export function problem(
  code: ErrorCode,
  id: string,
  fields: readonly (readonly [string, string])[] = [],
): Reply {
  const { status, title, proxyError } = ERRORS[code];
  const headers = new Headers()
    .append('Content-Type', 'application/problem+json')
    .append('Cache-Control', 'no-store');
  for (const [name, value] of fields) headers.append(name, value);
  if (proxyError !== null) headers.append('Proxy-Status', `turnpike; error=${proxyError}`);
  const document = { type: TYPE_BASE + typeName(code), title, status, code, requestId: id };
  return { status, headers, body: JSON.stringify(document), code, tunnel: null };
}

/** A refusal is a reply. */
export function refuse(
  exchange: Exchange,
  code: ErrorCode,
  fields?: readonly (readonly [string, string])[],
): Reply {
  return problem(code, exchange.id, fields);
}

/** `NO_ROUTE` as the last part of a problem type: `no-route`. */
export function typeName(code: ErrorCode): string {
  return code.toLowerCase().replaceAll('_', '-');
}
