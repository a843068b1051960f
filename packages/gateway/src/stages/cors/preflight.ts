import type { CorsConfig } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';
import { isToken } from '../../core/http/token.ts';
import { flattened } from '../../core/latin1.ts';
import type { OriginGrant } from './origin-grant.ts';

/** Why a preflight fails. */
export type Obstacle = 'origin' | 'method' | 'headers' | 'private-network';

/** What a preflight is told. A browser that finds no grant for what it asked says in its console which one is missing. */
export interface PreflightAnswer {
  readonly obstacle: Obstacle | null;
  readonly headers: Headers;
}

/** What the answers are made of. */
export interface PreflightPlan {
  /** Of the route; empty: all. */
  readonly methods: readonly string[];
  readonly isAllowed: (origin: string) => boolean;
  readonly grant: OriginGrant;
}

/** Longest method that the parser takes. */
const MAX_METHOD_LENGTH = 32;
const REQUEST_METHOD = 'access-control-request-method';
const REQUEST_HEADERS = 'access-control-request-headers';
const REQUEST_PRIVATE_NETWORK = 'access-control-request-private-network';
const VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';
const VARY_WITH_NETWORK = `${VARY}, Access-Control-Request-Private-Network`;
/** Methods that browsers use whatever the answer says (Fetch, "CORS-safelisted method"). */
const SAFELISTED: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST']);

/** The method that a preflight asks leave for (Fetch, "CORS-preflight fetch"), or null for every other request. */
export function askedMethod({ method, headers }: Pick<Exchange, 'method' | 'headers'>): string | null {
  if (method !== 'OPTIONS') return null;
  const asked = headers.get(REQUEST_METHOD);
  if (asked === undefined || !headers.has('origin')) return null;
  // A copy, because a route may be remembered by it, and a slice would hold on to the whole head.
  return asked.length <= MAX_METHOD_LENGTH && isToken(asked) ? flattened(asked) : null;
}

/** The fields that a preflight asks leave for, in lower case. */
export function askedHeaders(headers: Headers): readonly string[] {
  const list = headers.getList(REQUEST_HEADERS) ?? '';
  return list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

/** Makes what answers preflights. Of the fields only those are granted that were asked for. */
export function preflights(
  config: CorsConfig,
  { methods: ofRoute, isAllowed, grant }: PreflightPlan,
): (request: Headers, method: string) => PreflightAnswer {
  const { privateNetwork } = config;
  const methods = config.methods.length > 0 ? config.methods : ofRoute;
  const listed = methods.join(', ');
  const names = new Set(config.headers.map((name) => name.toLowerCase()));
  const maxAgeSeconds = String(Math.floor(config.maxAgeMs / 1000));
  const vary = privateNetwork ? VARY_WITH_NETWORK : VARY;
  const mayBring = (name: string): boolean => names.has(name) || (names.has('*') && isToken(name));
  const mayUse = (method: string): boolean =>
    methods.length === 0 || methods.includes(method) || SAFELISTED.has(method);

  return (request, method) => {
    const headers = new Headers().append('Vary', vary);
    const origin = request.getList('origin') ?? '';
    if (!isAllowed(origin)) return { obstacle: 'origin', headers };
    const asked = askedHeaders(request);
    const granted = asked.filter(mayBring);
    const asksNetwork = request.get(REQUEST_PRIVATE_NETWORK) === 'true';
    grant(headers, origin);
    headers.append('Access-Control-Allow-Methods', methods.length === 0 ? method : listed);
    if (granted.length > 0) headers.append('Access-Control-Allow-Headers', granted.join(', '));
    if (asksNetwork && privateNetwork) headers.append('Access-Control-Allow-Private-Network', 'true');
    headers.append('Access-Control-Max-Age', maxAgeSeconds);
    if (!mayUse(method)) return { obstacle: 'method', headers };
    if (granted.length < asked.length) return { obstacle: 'headers', headers };
    return { obstacle: asksNetwork && !privateNetwork ? 'private-network' : null, headers };
  };
}
