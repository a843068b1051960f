import { type Parsed, refused, understood } from './parsed.ts';

/** For editors; the parsers are the judges. */
export const HTTP_URL_PATTERN = '^https?://[^/?#@]+';

/** An address to call: `https://host/path?query`, as it was written. */
export function parseHttpUrl(text: string): Parsed<string> {
  const [, scheme, authority = '', rest = ''] = /^([a-zA-Z][\w+.-]*):\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  if (scheme === undefined)
    return refused(
      'has no scheme',
      /^[\w-]+(\.[\w-]+)+(:\d+)?(\/|$)/.test(text) ? `https://${text}` : undefined,
    );
  if (scheme !== 'http' && scheme !== 'https') return refused('is neither http:// nor https://');
  if (authority.includes('@')) return refused('has a user name or password in it');
  if (rest.includes('#')) return refused('has a fragment');
  if (/[^\x21-\x7e]/.test(text)) return refused('has a space or a character that must be percent-encoded');
  return URL.canParse(text) ? understood(text) : refused('is not a URL');
}

/** Where telemetry is pushed to, without query; empty is nowhere, so that a variable may be left out. */
export function parseCollectorUrl(text: string): Parsed<string> {
  if (text === '') return understood('');
  const url = parseHttpUrl(text);
  return url.ok && text.includes('?') ? refused('has a query') : url;
}

/** An issuer (OpenID Connect Discovery 1.0 §3): a URL without query. Kept letter by letter, because it is compared so. */
export function parseIssuer(text: string): Parsed<string> {
  const url = parseHttpUrl(text);
  return url.ok && text.includes('?') ? refused('has a query') : url;
}

/** Scheme, host and port, and nothing after them. */
export function parseWebOrigin(text: string): Parsed<string> {
  const url = parseHttpUrl(text);
  if (!url.ok) return url;
  const { origin, pathname, search } = new URL(text);
  return pathname === '/' && search === '' ? understood(origin) : refused('has a path or query', origin);
}

/** Where keys are found. */
export type KeySource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string };

/** An address, or the path of a file; what has a scheme is an address. */
export function parseKeySource(text: string): Parsed<KeySource> {
  if (text === '') return refused('is empty');
  if (!/^[a-zA-Z][\w+.-]*:\/\//.test(text)) return understood({ kind: 'file', path: text });
  const url = parseHttpUrl(text);
  return url.ok ? understood({ kind: 'url', url: text }) : url;
}

/** A service that decides. */
export interface DecisionUrl {
  readonly protocol: 'http' | 'grpc';
  /** `http://` or `https://`, without a slash at its end. */
  readonly url: string;
}

/** `http://host/path` in front of the path of requests, or `grpc://host:port`. */
export function parseDecisionUrl(text: string): Parsed<DecisionUrl> {
  const isGrpc = /^grpcs?:\/\//.test(text);
  const url = text.replace(/^grpc/, 'http');
  const parsed = parseHttpUrl(url);
  if (!parsed.ok)
    return /neither/.test(parsed.problem)
      ? refused('is none of http://, https://, grpc:// and grpcs://')
      : parsed;
  const { pathname, search } = new URL(url);
  if (search !== '') return refused('has a query');
  if (isGrpc && pathname !== '/') return refused('has a path; gRPC knows what to call');
  return understood({ protocol: isGrpc ? 'grpc' : 'http', url: url.replace(/\/+$/, '') });
}
