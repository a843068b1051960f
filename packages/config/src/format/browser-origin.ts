import { type Parsed, refused, understood } from './parsed.ts';

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
]);

/**
 * An origin as browsers send it (Fetch standard): scheme, host and port in lower case, without the port that the scheme has
 * anyway. A `*` in front of the first dot is one label or more; `*` alone is everybody, and `null` what has no origin.
 */
export function parseBrowserOrigin(text: string): Parsed<string> {
  if (text === '*' || text === 'null') return understood(text);
  const [, scheme, authority = '', rest = ''] =
    /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/s.exec(text.toLowerCase()) ?? [];
  if (scheme === undefined)
    return refused('has no scheme', /^[\w*-]+(\.[\w-]+)+(:\d+)?$/.test(text) ? `https://${text}` : undefined);
  if (rest !== '') return refused('has a path; origins end after host and port', `${scheme}://${authority}`);
  const [, host = '', digits] = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::(\d{1,5}))?$/.exec(authority) ?? [];
  if (!isHost(host)) return refused('has no host, or a malformed one');
  if (host === '*') return refused('lets everybody in over one scheme; use * for everybody');
  const port = digits === undefined ? DEFAULT_PORTS.get(scheme) : Number(digits);
  if (port !== undefined && port > 65_535) return refused('has a port above 65535');
  const isUsual = port === DEFAULT_PORTS.get(scheme);
  return understood(`${scheme}://${host}${isUsual ? '' : `:${port}`}`);
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return URL.canParse(`http://${host}`);
  const name = host.startsWith('*.') ? host.slice(2) : host;
  return host === '*' || name.split('.').every((label) => LABEL.test(label));
}
