import { parseAuthority } from '../core/http/host.ts';
import { MAX_METHODS } from './layout.ts';
import { parsePattern, type PathPattern } from './pattern.ts';
import { predicateKey, testOf } from './predicates.ts';
import { predicateCount, type FieldPredicate, type RoutePattern } from './route-pattern.ts';

/** What keeps a route out of the table. */
export type RouteProblem = {
  /** The route's id. */
  readonly route: string;
  readonly field: 'path' | 'hosts' | 'methods' | 'headers' | 'query';
  readonly message: string;
};

/** A route as the table needs it. */
export type PlannedRoute = {
  readonly index: number;
  readonly id: string;
  readonly pattern: PathPattern;
  /** Keys of groups: `''` for any host, `.suffix`, or a name. */
  readonly hosts: readonly string[];
  /** Bits of methods, 0 for any. */
  readonly methods: number;
  /** Listener set, 0 for any. */
  readonly listenerSet: number;
  readonly predicateCount: number;
  /** Equal for equal header and query predicates; empty without any. */
  readonly predicateKey: string;
};

/** Numbers for methods and sets of listeners, given in the order of first use. */
export type Numbering = {
  readonly methods: Map<string, number>;
  /** By the sorted names as JSON, from 1. */
  readonly listenerSets: Map<string, number>;
  /** Group keys of hosts that were read before. */
  readonly hosts: Map<string, string>;
};

/** A numbering that knows GET and HEAD, so that their bits are the same in all tables. */
export function newNumbering(): Numbering {
  return {
    methods: new Map([
      ['GET', 0],
      ['HEAD', 1],
    ]),
    listenerSets: new Map(),
    hosts: new Map(),
  };
}

const ANY_HOST: readonly string[] = [''];

/** Reads and checks one route. Adds to `problems` and gives `undefined` if the table cannot have it. */
export function planRoute(
  route: RoutePattern,
  index: number,
  numbering: Numbering,
  problems: RouteProblem[],
): PlannedRoute | undefined {
  const before = problems.length;
  const report = (field: RouteProblem['field'], message: string): void => {
    problems.push({ route: route.id, field, message });
  };
  const own = known.get(route) ?? readRoute(route, numbering, report);
  const methods = planMethods(route.methods, numbering, report);
  if (own === undefined || problems.length > before) return undefined;
  known.set(route, own);
  const { pattern, hosts, predicateCount, predicateKey } = own;
  const listenerSet = planListeners(route.listeners, numbering);
  return { index, id: route.id, pattern, hosts, methods, listenerSet, predicateCount, predicateKey };
}

/** What of a route does not depend on the table that it is in. */
type ReadRoute = Pick<PlannedRoute, 'pattern' | 'hosts' | 'predicateCount' | 'predicateKey'>;

/** Of those that have no problems: after a reload most are the same. */
const known = new WeakMap<RoutePattern, ReadRoute>();

function readRoute(route: RoutePattern, numbering: Numbering, report: Report): ReadRoute | undefined {
  const pattern = parsePattern(route.path);
  if (typeof pattern === 'string') report('path', pattern);
  const hosts = planHosts(route.hosts, numbering, report);
  checkPredicates('headers', route.headers, report);
  checkPredicates('query', route.query, report);
  if (typeof pattern === 'string') return undefined;
  return { pattern, hosts, predicateCount: predicateCount(route), predicateKey: predicateKey(route) };
}

type Report = (field: RouteProblem['field'], message: string) => void;

function planHosts(hosts: readonly string[], numbering: Numbering, report: Report): readonly string[] {
  if (hosts.length === 0) return ANY_HOST;
  const keys: string[] = [];
  for (const host of hosts) {
    let key = numbering.hosts.get(host);
    if (key === undefined) {
      key = hostKey(host);
      if (key !== undefined) numbering.hosts.set(host, key);
    }
    if (key === undefined) report('hosts', `${host} is no host name, *.suffix or * (without port)`);
    else if (!keys.includes(key)) keys.push(key);
  }
  return keys;
}

/** The key of a host's group; `undefined` for what is no host. */
export function hostKey(host: string): string | undefined {
  if (host === '*') return '';
  const isSuffix = host.startsWith('*.');
  const authority = parseAuthority(isSuffix ? host.slice(2) : host);
  if (authority === undefined || authority.port !== undefined) return undefined;
  return isSuffix ? `.${authority.host}` : authority.host;
}

function planMethods(methods: readonly string[], numbering: Numbering, report: Report): number {
  let bits = 0;
  for (const method of methods) {
    const known = numbering.methods.get(method);
    const bit = known ?? numbering.methods.size;
    if (bit >= MAX_METHODS) {
      report('methods', `a table has at most ${MAX_METHODS} different methods`);
    } else if (known === undefined && !/^[A-Z0-9!#$%&'*+.^_`|~-]+$/.test(method)) {
      report('methods', `${method} is no method: they are case sensitive, and upper case`);
    } else {
      numbering.methods.set(method, bit);
      bits |= 1 << bit;
    }
  }
  return bits;
}

function planListeners(listeners: readonly string[], numbering: Numbering): number {
  if (listeners.length === 0) return 0;
  const names = [...new Set(listeners)].sort();
  const key = JSON.stringify(names);
  const known = numbering.listenerSets.get(key);
  if (known !== undefined) return known;
  const number = numbering.listenerSets.size + 1;
  numbering.listenerSets.set(key, number);
  return number;
}

function checkPredicates(
  field: 'headers' | 'query',
  predicates: readonly FieldPredicate[],
  report: Report,
): void {
  for (const predicate of predicates) {
    if (predicate.name === '') report(field, 'a name is missing');
    try {
      testOf(predicate);
    } catch (error) {
      report(field, error instanceof Error ? error.message : String(error));
    }
  }
}
