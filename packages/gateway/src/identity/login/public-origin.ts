import type { Exchange } from '../../core/exchange.ts';
import { parseAuthority, type Authority } from '../../core/http/host.ts';
import { lastTold, schemeOf } from '../../core/http/scheme.ts';

/** What of a request tells under which origin the browser sees us. */
export type Seen = Pick<Exchange, 'arrival' | 'authority' | 'fromTrustedProxy' | 'headers'>;

/**
 * The origin under which the browser sees us (RFC 6454), as a proxy that we trust says, or else as it asked for us; null
 * when neither names a host. A false host leads nowhere: providers send browsers only to addresses that were registered.
 */
export function publicOrigin(seen: Seen): string | null {
  const told = seen.fromTrustedProxy ? lastTold(seen.headers, 'x-forwarded-host') : '';
  const host = parseAuthority(told) ?? parseAuthority(seen.authority);
  return host === undefined ? null : originOf(schemeOf(seen), host);
}

/**
 * Whether browsers keep the cookies of a login for this origin: only where nobody listens on the way, which is https, and
 * names of the machine itself (W3C Secure Contexts §3.1).
 */
export function keepsCookies(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  if (protocol === 'https:') return true;
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    hostname.startsWith('127.')
  );
}

function originOf(scheme: 'http' | 'https', { host, port }: Authority): string {
  const isDefault = port === undefined || port === (scheme === 'https' ? 443 : 80);
  return isDefault ? `${scheme}://${host}` : `${scheme}://${host}:${port}`;
}
