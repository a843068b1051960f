import { parseAuthority } from '../../../core/http/host.ts';
import { normalisePath, type NormalisedTarget } from '../../../core/http/path.ts';

// An address is `scheme://authority/path?query`: authority in lower case without the port that goes without saying, path normalised.

const DEFAULT_PORTS = { http: 80, https: 443 };

/** Longer references are nothing that we stored. */
const MOST_TEXT = 8192;

/** The address of a request, which is also a tag (`addressTag`). The query has its leading `?`, or is empty. */
export function addressOf(
  scheme: 'http' | 'https',
  authority: string,
  { path, query }: { readonly path: string; readonly query: string },
): string {
  return `${scheme}://${normalAuthority(scheme, authority)}${path}${query}`;
}

/** The scheme and authority of an address: `https://shop.example`. */
export function originOf(address: string): string {
  const end = address.indexOf('/', address.indexOf('://') + 3);
  return end === -1 ? address : address.slice(0, end);
}

/**
 * The address that a reference in a response to `address` means (RFC 3986 §5.2), or null if it is of another origin or nothing that a
 * request could be for.
 */
export function sameOriginAddress(reference: string, address: string): string | null {
  if (reference.length > MOST_TEXT || !URL.canParse(reference, address)) return null;
  const { protocol, host, href } = new URL(reference, address);
  const origin = originOf(address);
  if (`${protocol}//${host}` !== origin) return null;
  const [target = ''] = href.slice(href.indexOf('/', href.indexOf('://') + 3)).split('#', 1);
  const normal: NormalisedTarget = { path: '', query: '', hasQuery: false };
  if (normalisePath(target, normal) !== undefined) return null;
  return `${origin}${normal.path}${normal.hasQuery ? `?${normal.query}` : ''}`;
}

/** `shop.example.:443` is `shop.example` where TLS is (RFC 9110 §4.2.3). The wire lets nothing through that cannot be read. */
function normalAuthority(scheme: 'http' | 'https', text: string): string {
  const authority = parseAuthority(text);
  if (authority === undefined) return text.toLowerCase();
  const { host, port } = authority;
  return port === undefined || port === DEFAULT_PORTS[scheme] ? host : `${host}:${port}`;
}
