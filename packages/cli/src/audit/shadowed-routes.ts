import { shapeOf, type GatewayConfig, type MatchConfig, type RouteConfig } from '@turnpike/config';
import type { Auditor } from './audit.ts';

/**
 * Routes that get nothing, because another one with the same path takes all that they want and goes before them. Those that only
 * their names tell apart are the business of the route table.
 */
export const shadowedRoutes: Auditor = ({ routes, listeners }) => {
  const doors = listeners.map(({ id }) => id);
  const groups = Map.groupBy(routes, ({ match }) => shapeOf(match.path));
  return [...groups.values()].flatMap((peers) =>
    peers.flatMap((route) => {
      const other = peers.find((peer) => peer !== route && isShadowedBy(route, peer, doors));
      if (other === undefined) return [];
      const message = `routes.${route.id}: gets no request, because routes.${other.id} takes all that it matches and goes before it`;
      return [{ code: 'NO_EFFECT', message, path: ['routes', route.id, 'match'] } as const];
    }),
  );
};

function isShadowedBy(route: RouteConfig, other: RouteConfig, doors: readonly string[]): boolean {
  const [own, wider] = [route.match, other.match];
  return (
    goesBefore(other, route) &&
    isWithin(own.hosts, wider.hosts, (host, hosts) => hosts.includes(host)) &&
    takesMethods(own, wider) &&
    takesListeners(own, wider, doors) &&
    asksForLess(own.headers, wider.headers) &&
    asksForLess(own.query, wider.query) &&
    !isAlike(own, wider)
  );
}

/** Any, or each of those is one of these. */
function isWithin(
  own: readonly string[],
  wider: readonly string[],
  has: (one: string, all: readonly string[]) => boolean,
): boolean {
  // Hosts that are named go before those that are not.
  return own.length === 0 ? wider.length === 0 : own.every((one) => has(one, wider));
}

function takesMethods({ methods: own }: MatchConfig, { methods: wider }: MatchConfig): boolean {
  if (wider.length === 0) return true;
  const isTaken = (method: string) => wider.includes(method) || (method === 'HEAD' && wider.includes('GET'));
  return own.length > 0 && own.every(isTaken);
}

function takesListeners(
  { listeners: own }: MatchConfig,
  { listeners: wider }: MatchConfig,
  doors: readonly string[],
): boolean {
  const wanted = own.length === 0 ? doors : own;
  return wider.length === 0 || wanted.every((listener) => wider.includes(listener));
}

type Predicates = GatewayConfig['routes'][number]['match']['headers'];

/** Whether each condition of the wider one follows from one of its own. */
function asksForLess(own: Predicates, wider: Predicates): boolean {
  return wider.every(({ name, kind, value }) =>
    own.some(
      (one) => one.name === name && (kind === 'present' || (one.kind === kind && one.value === value)),
    ),
  );
}

/** The order of the route table, for routes with one path. */
function goesBefore(one: RouteConfig, other: RouteConfig): boolean {
  const [first, second] = [predicatesOf(one.match), predicatesOf(other.match)];
  if (first !== second) return first > second;
  const [named, otherNamed] = [one.match.methods.length > 0, other.match.methods.length > 0];
  return named === otherNamed ? one.id < other.id : named;
}

function predicatesOf({ headers, query, listeners }: MatchConfig): number {
  return headers.length + query.length + (listeners.length > 0 ? 1 : 0);
}

/** The route table tells of these itself. */
function isAlike(own: MatchConfig, wider: MatchConfig): boolean {
  const haveListeners = own.listeners.length > 0 === wider.listeners.length > 0;
  return haveListeners && conditionsOf(own) === conditionsOf(wider);
}

function conditionsOf({ headers, query }: MatchConfig): string {
  return JSON.stringify([headers, query]);
}
