import { parseAddress } from './address.ts';
import { type Parsed, refused, understood } from './parsed.ts';

/** What an endpoint speaks: HTTP/1.1 unless its service says otherwise, or HTTP/2; the second of each over TLS. */
export type EndpointProtocol = 'http' | 'https' | 'grpc' | 'grpcs';

/** An endpoint's address. */
export interface EndpointUrl {
  /** With the port written out. */
  readonly url: string;
  readonly protocol: EndpointProtocol;
  readonly host: string;
  readonly port: number;
}

const PORTS: Readonly<Record<EndpointProtocol, number>> = { http: 80, https: 443, grpc: 80, grpcs: 443 };

/** For editors; `parseEndpointUrl` is the judge. */
export const ENDPOINT_URL_PATTERN = '^(https?|grpcs?)://[^/?#@]+/?$';

/** `http://host`, `grpcs://host:port`: a place, nothing more. Paths belong into `rewrite`. */
export function parseEndpointUrl(text: string): Parsed<EndpointUrl> {
  const [, scheme, authority = '', rest = ''] = /^([a-zA-Z][\w+.-]*):\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  if (scheme === undefined) {
    return refused('has no scheme', /^[\w.:[\]-]+$/.test(text) ? `http://${text}` : undefined);
  }
  if (!isProtocol(scheme)) return refused('has an unknown scheme; http, https, grpc and grpcs are known');
  if (authority.includes('@')) return refused('has a user name or password in it');
  if (rest !== '' && rest !== '/') return refused('has a path or query; use `rewrite` on the route');
  const hasPort = /:\d+$/.test(authority);
  const address = parseAddress(hasPort ? authority : `${authority}:${PORTS[scheme]}`);
  if (!address.ok) return address;
  const { host, port } = address.value;
  if (host === '') return refused('has no host');
  if (port === 0) return refused('has port 0');
  const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return understood({ url, protocol: scheme, host, port });
}

function isProtocol(scheme: string): scheme is EndpointProtocol {
  return Object.hasOwn(PORTS, scheme);
}
