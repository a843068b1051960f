import { randomBytes } from 'node:crypto';

import { findConflicts, type RouteConflict } from './find-conflicts.ts';
import { newNumbering, planRoute, type PlannedRoute, type RouteProblem } from './plan-route.ts';
import type { RouteSource } from './route-pattern.ts';
import type { Seeds } from './segments.ts';
import { newPlan, place, type Bucket } from './table-plan.ts';
import { writeTable } from './write-table.ts';

/** A compiled table, ready to be posted to the data threads, and what the configuration check should say. */
export type CompiledRoutes = {
  /** For `openRouteTable`. Holds every route but those with problems; numbers of routes are places in the input. */
  readonly buffer: SharedArrayBuffer;
  readonly conflicts: readonly RouteConflict[];
  readonly problems: readonly RouteProblem[];
};

/**
 * Compiles routes into one shared buffer that all data threads read in place.
 *
 * A request goes to the most specific route that fits: (1) host: exact, then longest `*.suffix`, then any; (2) path, segment by
 * segment from the left: literal, `{parameter}`, `/*`, and the end before `/*`; (3) most predicates, where a list of listeners
 * counts as one; (4) the method named, then HEAD by way of GET, then any method; (5) the lesser id by code units. A route whose
 * predicates or methods do not fit is passed over for the next in this order.
 */
export function compileRoutes(routes: readonly RouteSource[], seeds: Seeds = randomSeeds()): CompiledRoutes {
  const { plan, names, ...found } = planRoutes(routes);
  return { buffer: writeTable({ routes, plan, names, seeds }), ...found };
}

/** What `compileRoutes` says of routes, without a table of them. */
export function checkRoutes(routes: readonly RouteSource[]): Omit<CompiledRoutes, 'buffer'> {
  const { conflicts, problems } = planRoutes(routes);
  return { conflicts, problems };
}

function planRoutes(routes: readonly RouteSource[]) {
  const numbering = newNumbering();
  const problems: RouteProblem[] = [];
  const plan = newPlan();
  for (const [index, route] of routes.entries()) {
    const planned = planRoute(route, index, numbering, problems);
    if (planned !== undefined) place(planned, plan);
  }
  const shared: Bucket[] = [];
  for (const { buckets } of plan.groups.values()) {
    for (const bucket of buckets.values()) if (bucket.routes.length > 1) shared.push(bucket);
  }
  for (const { routes } of shared) routes.sort(bySpecificity);
  const listenerSets = [...numbering.listenerSets.keys()].map((key): string[] => JSON.parse(key));
  const conflicts = findConflicts(shared, (set) => listenerSets[set - 1] ?? []);
  const names = { methods: [...numbering.methods.keys()], listenerSets };
  return { plan, names, conflicts, problems };
}

function randomSeeds(): Seeds {
  const bytes = randomBytes(8);
  return { first: bytes.readInt32LE(0), second: bytes.readInt32LE(4) };
}

function bySpecificity(one: PlannedRoute, other: PlannedRoute): number {
  if (one.predicateCount !== other.predicateCount) return other.predicateCount - one.predicateCount;
  if ((one.methods === 0) !== (other.methods === 0)) return one.methods === 0 ? 1 : -1;
  if (one.id !== other.id) return one.id < other.id ? -1 : 1;
  return one.index - other.index;
}
