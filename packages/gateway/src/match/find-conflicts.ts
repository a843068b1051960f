import type { PlannedRoute } from './plan-route.ts';
import type { Bucket } from './table-plan.ts';

/** Two routes that ask for the same, so that only their ids decide between them. */
export type RouteConflict = {
  /** The id of the route that wins, which comes first in the order of ids. */
  readonly winner: string;
  /** The id of the route that some or all of its requests never reach. */
  readonly loser: string;
  /** The path that both match, with `{}` for parameters. */
  readonly path: string;
  /** Where they meet: host names, `*.suffix`, or `*`. */
  readonly hosts: readonly string[];
};

/** Listener names of a listener set. */
type ListenersOf = (listenerSet: number) => readonly string[];

/**
 * Finds ambiguous routes: same host, same path pattern, same header and query predicates, and a method and a listener in common.
 * A route for any method and one that names methods are not ambiguous, and neither are any listener and a list of listeners.
 */
export function findConflicts(buckets: readonly Bucket[], listenersOf: ListenersOf): RouteConflict[] {
  const found = new Map<string, { winner: string; loser: string; path: string; hosts: string[] }>();
  for (const { host, routes } of buckets) {
    for (const peers of Map.groupBy(routes, ({ predicateKey }) => predicateKey).values()) {
      for (const [index, loser] of peers.entries()) {
        const winner = peers.slice(0, index).find((peer) => isAmbiguous(peer, loser, listenersOf));
        if (winner === undefined) continue;
        const key = `${winner.index} ${loser.index}`;
        const known = found.get(key);
        const name = host === '' ? '*' : host.startsWith('.') ? `*${host}` : host;
        if (known !== undefined) known.hosts.push(name);
        else {
          const path = loser.pattern.canonical;
          found.set(key, { winner: winner.id, loser: loser.id, path, hosts: [name] });
        }
      }
    }
  }
  return [...found.values()];
}

function isAmbiguous(one: PlannedRoute, other: PlannedRoute, listenersOf: ListenersOf): boolean {
  const shareMethod = (one.methods & other.methods) !== 0 || (one.methods === 0 && other.methods === 0);
  if (!shareMethod || one.predicateCount !== other.predicateCount) return false;
  if (one.listenerSet === other.listenerSet) return true;
  if (one.listenerSet === 0 || other.listenerSet === 0) return false;
  const listeners = listenersOf(other.listenerSet);
  return listenersOf(one.listenerSet).some((listener) => listeners.includes(listener));
}
