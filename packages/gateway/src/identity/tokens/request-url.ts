import type { Exchange } from '../../core/exchange.ts';
import { parseAuthority } from '../../core/http/host.ts';
import { normalisePath, type NormalisedTarget } from '../../core/http/path.ts';

const DEFAULT_PORTS = new Map([
  ['http', 80],
  ['https', 443],
]);
/** Overwritten by each call, which never waits. */
const TARGET: NormalisedTarget = { path: '', query: '', hasQuery: false };

/**
 * Whether an absolute URL names what a request is for, as its client sees it: scheme, host, port and path, without query
 * and fragment (RFC 9449 §4.3). Both sides are normalised alike (RFC 3986 §6.2.2 and §6.2.3).
 */
export function isUrlOf(exchange: Exchange, url: string): boolean {
  const [, scheme = '', authority = '', path = ''] = /^(https?):\/\/([^/?#]*)([^?#]*)/i.exec(url) ?? [];
  if (normalisePath(path === '' ? '/' : path, TARGET) !== undefined) return false;
  const seen = originOf(exchange);
  return (
    TARGET.path === exchange.path &&
    scheme.toLowerCase() === seen.scheme &&
    isSameAuthority(scheme.toLowerCase(), authority, seen.authority)
  );
}

/** The scheme and authority that the client used. Where a trusted proxy is in front of us, it says which they were. */
function originOf({ headers, arrival, authority, fromTrustedProxy }: Exchange) {
  const scheme = fromTrustedProxy ? lastOf(headers.getList('x-forwarded-proto')) : '';
  const host = fromTrustedProxy ? lastOf(headers.getList('x-forwarded-host')) : '';
  return { scheme: scheme.toLowerCase() || arrival.scheme, authority: host || authority };
}

/** What the nearest proxy wrote: whatever stands before it may have come from anybody. */
function lastOf(list = ''): string {
  return list.slice(list.lastIndexOf(',') + 1).trim();
}

function isSameAuthority(scheme: string, one: string, other: string): boolean {
  const [a, b] = [parseAuthority(one), parseAuthority(other)];
  if (a === undefined || b === undefined || a.host !== b.host) return false;
  const port = DEFAULT_PORTS.get(scheme);
  return (a.port ?? port) === (b.port ?? port);
}
