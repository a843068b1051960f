import type { Topology, TopologyRoute } from '../../api/topology.ts';
import type { Endpoint } from '../../api/types.ts';

/** A service with the routes that lead to it; `name` null: what the gateway answers by itself. */
export interface Group {
  readonly name: string | null;
  readonly routes: readonly TopologyRoute[];
  readonly endpoints: readonly Endpoint[];
  readonly discovery: string | null;
}

/** By services, in the order of the configuration; with a search only what it finds, and what hangs together with that. */
export function groupsOf({ routes, services }: Topology, search: string): readonly Group[] {
  const wanted = search.trim().toLowerCase();
  const has = (...texts: readonly string[]): boolean =>
    texts.some((text) => text.toLowerCase().includes(wanted));
  const all: Group[] = services.map(({ name, endpoints, discovery }) => ({
    name,
    endpoints,
    discovery,
    routes: routes.filter((route) => route.services.includes(name)),
  }));
  const own = routes.filter((route) => route.services.length === 0);
  if (own.length > 0) all.push({ name: null, routes: own, endpoints: [], discovery: null });
  if (wanted === '') return all;
  return all.flatMap((group) => {
    if (has(group.name ?? '', ...group.endpoints.map(({ url }) => url))) return [group];
    const found = group.routes.filter((route) => has(route.name, route.path, ...route.hosts));
    return found.length === 0 ? [] : [{ ...group, routes: found }];
  });
}
