import type { Match, MatchInput } from './match.ts';
import { parsePattern, type PathPattern } from './pattern.ts';
import { hostKey } from './plan-route.ts';
import { testOf } from './predicates.ts';
import { predicateCount, type RoutePattern } from './route-pattern.ts';

/** What of a route does not fit a request. `trailing slash` and `path case` are paths that nearly fit. */
export type Mismatch =
  | 'host'
  | 'path'
  | 'path case'
  | 'trailing slash'
  | 'listener'
  | 'method'
  | `header ${string}`
  | `query ${string}`;

/** A route that was considered for a request, on the best of its hosts. */
export type Candidate = {
  /** The route's id. */
  readonly route: string;
  readonly path: string;
  /** The host of the route that fits: a name, `*.suffix` or `*`; `undefined` if none does. */
  readonly host: string | undefined;
  /** `outranked` fits as well, but a more specific route has won. */
  readonly outcome: 'chosen' | 'outranked' | 'rejected';
  readonly mismatches: readonly Mismatch[];
};

/** Why a request goes where it goes. */
export type Explanation = {
  readonly kind: Match['kind'];
  /** The id of the route that wins. */
  readonly route: string | undefined;
  /** Most specific first; those whose host or path does not fit come last. */
  readonly candidates: readonly Candidate[];
};

/**
 * Says which routes were considered for a request and why each was passed over. For people: it looks at every route.
 *
 * Lists routes whose path fits, whatever else does not, and routes on a fitting host whose path fits but for its case or a
 * trailing slash. Routes with problems (`compileRoutes` reports them) are left out.
 */
export function explainMatch(routes: readonly RoutePattern[], input: MatchInput): Explanation {
  const ranked = routes
    .map((route) => consider(route, input))
    .filter((considered) => considered !== undefined)
    .sort(bySpecificity);
  const chosen = ranked.find(({ mismatches }) => mismatches.length === 0);
  const lacksMethod = ranked.some(({ mismatches }) => mismatches.length === 1 && mismatches[0] === 'method');
  const candidates = ranked.map((considered): Candidate => {
    const { route, host, mismatches } = considered;
    const outcome = considered === chosen ? 'chosen' : mismatches.length === 0 ? 'outranked' : 'rejected';
    return { route: route.id, path: route.path, host: hostName(host), outcome, mismatches };
  });
  return { kind: kindOf(chosen, lacksMethod, input.method), route: chosen?.route.id, candidates };
}

type Considered = {
  readonly route: RoutePattern;
  readonly pattern: PathPattern;
  /** Key of the best host that fits. */
  readonly host: string | undefined;
  readonly isNearMiss: boolean;
  readonly methodRank: number;
  readonly mismatches: readonly Mismatch[];
};

function kindOf(chosen: Considered | undefined, lacksMethod: boolean, method: string): Match['kind'] {
  if (chosen !== undefined) return 'found';
  if (!lacksMethod) return 'not-found';
  return method === 'OPTIONS' ? 'options' : 'method-not-allowed';
}

function consider(route: RoutePattern, input: MatchInput): Considered | undefined {
  const pattern = parsePattern(route.path);
  if (typeof pattern === 'string') return undefined;
  const host = bestHost(route.hosts, input.host);
  const pathMismatch = comparePath(pattern, input.path);
  if (pathMismatch === 'path' || (pathMismatch !== undefined && host === undefined)) return undefined;
  const methodRank = rankMethod(route.methods, input.method);
  const mismatches: Mismatch[] = [];
  if (host === undefined) mismatches.push('host');
  if (pathMismatch !== undefined) mismatches.push(pathMismatch);
  if (route.listeners.length > 0 && !route.listeners.includes(input.listener)) mismatches.push('listener');
  for (const predicate of route.headers) {
    if (!testOf(predicate)(input.header(predicate.name.toLowerCase())))
      mismatches.push(`header ${predicate.name}`);
  }
  for (const predicate of route.query) {
    if (!testOf(predicate)(input.queryParam(predicate.name))) mismatches.push(`query ${predicate.name}`);
  }
  if (methodRank === NO_METHOD) mismatches.push('method');
  const isNearMiss = host === undefined || pathMismatch !== undefined;
  return { route, pattern, host, isNearMiss, methodRank, mismatches };
}

/** The most specific host key that fits. */
function bestHost(hosts: readonly string[], host: string): string | undefined {
  if (hosts.length === 0) return '';
  return hosts
    .map((name) => hostKey(name))
    .filter((key) => key !== undefined)
    .filter((key) => key === '' || key === host || (key.startsWith('.') && isBelow(host, key)))
    .sort((one, other) => hostRank(one) - hostRank(other))[0];
}

function isBelow(host: string, suffix: string): boolean {
  return host.length > suffix.length && host.endsWith(suffix);
}

/** Less is more specific: a name, the longest suffix, any host, and a host that does not fit. */
function hostRank(key: string | undefined): number {
  if (key === undefined) return 2;
  if (key === '') return 1;
  return key.startsWith('.') ? -key.length : -Infinity;
}

function hostName(key: string | undefined): string | undefined {
  if (key === undefined || key === '') return key === '' ? '*' : undefined;
  return key.startsWith('.') ? `*${key}` : key;
}

function comparePath(pattern: PathPattern, path: string): Mismatch | undefined {
  if (fits(pattern, path)) return undefined;
  if (fits(pattern, path.endsWith('/') ? path.slice(0, -1) : `${path}/`)) return 'trailing slash';
  const folded = { ...pattern, canonical: pattern.canonical.toLowerCase() };
  return fits(folded, path.toLowerCase()) ? 'path case' : 'path';
}

function fits({ canonical, shape }: PathPattern, path: string): boolean {
  const isPrefix = shape.endsWith('R');
  const wanted = canonical
    .slice(1)
    .split('/')
    .slice(0, isPrefix ? -1 : undefined);
  const given = path.slice(1).split('/');
  if (isPrefix ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((segment, index) =>
    shape.charAt(index) === 'P' ? given[index] !== '' : given[index] === segment,
  );
}

const NO_METHOD = 3;

/** 0 for a route that names the method, 1 for HEAD by way of GET, 2 for any method. */
function rankMethod(methods: readonly string[], method: string): number {
  if (methods.includes(method)) return 0;
  if (method === 'HEAD' && methods.includes('GET')) return 1;
  return methods.length === 0 ? 2 : NO_METHOD;
}

function bySpecificity(one: Considered, other: Considered): number {
  if (one.isNearMiss !== other.isNearMiss) return one.isNearMiss ? 1 : -1;
  const host = hostRank(one.host) - hostRank(other.host);
  if (host !== 0 && !Number.isNaN(host)) return host;
  if (one.pattern.shape !== other.pattern.shape) return one.pattern.shape < other.pattern.shape ? -1 : 1;
  const predicates = predicateCount(other.route) - predicateCount(one.route);
  if (predicates !== 0) return predicates;
  if (one.methodRank !== other.methodRank) return one.methodRank - other.methodRank;
  return one.route.id < other.route.id ? -1 : Number(one.route.id > other.route.id);
}
