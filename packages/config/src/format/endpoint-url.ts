import { parseAddress } from './address.ts';
import { type Parsed, notBuilt, refused, understood } from './parsed.ts';

/** An endpoint's address. */
export interface EndpointUrl {
  /** With the port written out. */
  readonly url: string;
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

const PLANNED_SCHEMES = ['grpc', 'grpcs'];

/** For editors; `parseEndpointUrl` is the judge. */
export const ENDPOINT_URL_PATTERN = '^https?://[^/?#@]+/?$';

/** `http://host`, `https://host:port`: a place, nothing more. Paths belong into `rewrite`. */
export function parseEndpointUrl(text: string): Parsed<EndpointUrl> {
  const [, scheme, authority = '', rest = ''] = /^([a-zA-Z][\w+.-]*):\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  if (scheme === undefined) {
    return refused('has no scheme', /^[\w.:[\]-]+$/.test(text) ? `http://${text}` : undefined);
  }
  if (PLANNED_SCHEMES.includes(scheme)) return notBuilt('use http:// or https://');
  if (scheme !== 'http' && scheme !== 'https') return refused('has an unknown scheme');
  if (authority.includes('@')) return refused('has a user name or password in it');
  if (rest !== '' && rest !== '/') return refused('has a path or query; use `rewrite` on the route');
  const hasPort = /:\d+$/.test(authority);
  const address = parseAddress(hasPort ? authority : `${authority}:${scheme === 'http' ? 80 : 443}`);
  if (!address.ok) return address;
  const { host, port } = address.value;
  if (host === '') return refused('has no host');
  if (port === 0) return refused('has port 0');
  const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return understood({ url, protocol: scheme, host, port });
}
