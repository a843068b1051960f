import { parseAddress } from './address.ts';
import { type Parsed, notBuilt, refused, understood } from './parsed.ts';

/** An endpoint's address. */
export interface EndpointUrl {
  /** With the port written out. */
  readonly url: string;
  readonly protocol: 'http';
  readonly host: string;
  readonly port: number;
}

const PLANNED_SCHEMES = ['https', 'grpc', 'grpcs'];

/** For editors; `parseEndpointUrl` is the judge. */
export const ENDPOINT_URL_PATTERN = '^http://[^/?#@]+/?$';

/** `http://host`, `http://host:port`: a place, nothing more. Paths belong into `rewrite`. */
export function parseEndpointUrl(text: string): Parsed<EndpointUrl> {
  const [, scheme, authority = '', rest = ''] = /^([a-zA-Z][\w+.-]*):\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  if (scheme === undefined) {
    return refused('has no scheme', /^[\w.:[\]-]+$/.test(text) ? `http://${text}` : undefined);
  }
  if (PLANNED_SCHEMES.includes(scheme)) return notBuilt('use http://');
  if (scheme !== 'http') return refused('has an unknown scheme');
  if (authority.includes('@')) return refused('has a user name or password in it');
  if (rest !== '' && rest !== '/') return refused('has a path or query; use `rewrite` on the route');
  const hasPort = /:\d+$/.test(authority);
  const address = parseAddress(hasPort ? authority : `${authority}:80`);
  if (!address.ok) return address;
  const { host, port } = address.value;
  if (host === '') return refused('has no host');
  if (port === 0) return refused('has port 0');
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return understood({ url, protocol: 'http', host, port });
}
