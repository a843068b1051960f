import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

/** Cookies of ours, for a request that came in this way. */
export interface Cookies {
  read(name: string): string | null;
  /** The value of `Set-Cookie`. Strict: it comes with requests of our own pages only; lax: also with links that lead here. */
  set(
    name: string,
    value: string,
    how: { readonly maxAgeSeconds: number; readonly site: 'Strict' | 'Lax' },
  ): string;
  forget(name: string): string;
}

/** The longest header of cookies that is looked at. */
const MOST_CHARACTERS = 16 * 1024;

/**
 * Over TLS, ours or that of who stands before us, they have the prefix by which browsers keep others from setting them (RFC 6265bis
 * §4.1.3). Without, which is for loopback, browsers would not keep such cookies.
 */
export function cookiesOf(request: IncomingMessage, isSecure: boolean): Cookies {
  const prefix = isSecure ? '__Host-' : '';
  const header = (request.headers.cookie ?? '').slice(0, MOST_CHARACTERS);
  const set: Cookies['set'] = (name, value, { maxAgeSeconds, site }) => {
    const secure = isSecure ? '; Secure' : '';
    return `${prefix}${name}=${value}; Path=/; HttpOnly; SameSite=${site}; Max-Age=${maxAgeSeconds}${secure}`;
  };
  return {
    read(name) {
      const wanted = `${prefix}${name}=`;
      const found = header.split(/; ?/).find((pair) => pair.startsWith(wanted));
      return found === undefined ? null : found.slice(wanted.length);
    },
    set,
    forget: (name) => set(name, '', { maxAgeSeconds: 0, site: 'Strict' }),
  };
}

/** Whether a request came over TLS to us, or to who stands before us under this origin. */
export function isSecure({ socket }: IncomingMessage, publicOrigin: string | null): boolean {
  return socket instanceof TLSSocket || publicOrigin?.startsWith('https:') === true;
}
