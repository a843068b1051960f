import type { BalancedEndpoint } from './candidates.ts';
import { TextHash } from './text-hash.ts';

/** What decides about membership. */
type Member = Pick<BalancedEndpoint, 'url' | 'weight' | 'priority' | 'isDraining'>;

/** Up to so many endpoints, connections and health checks of all of them are affordable. */
const AUTO_SIZE = 500;

/**
 * How many endpoints of a service this gateway uses in each priority; Infinity: all of them. `auto` is a bound on
 * connections and no more: a gateway does not know how many others there are, and a few gateways with small subsets would
 * leave most of a large service idle.
 */
export function subsetSize(subset: number | 'auto' | null, threads: number): number {
  if (subset === null) return Number.POSITIVE_INFINITY;
  return subset === 'auto' ? Math.max(AUTO_SIZE, 2 * threads) : subset;
}

/**
 * The `size` endpoints of each priority that a gateway with that seed uses, in their order: those whose hash with the seed is
 * least (rendezvous hashing). Every endpoint is as likely as any other, so zones keep their proportions; an endpoint that
 * comes or goes changes one member at most. Weights do not count, because they count when one of the members is picked.
 *
 * One that begins to drain stays, for those who are bound to it, beside the one that takes its place.
 */
export function subsetOf<E extends Member>(endpoints: readonly E[], seed: number, size: number): E[] {
  if (endpoints.length <= size) return [...endpoints];
  const hash = new TextHash(seed);
  const ranks = endpoints.map(({ url }) => {
    hash.of(url);
    return hash.first * 2 ** 21 + (hash.second >>> 11);
  });
  const limits = limitsOf(endpoints, ranks, size);
  return endpoints.filter(({ priority }, i) => (ranks[i] ?? 0) <= (limits.get(priority) ?? 0));
}

/** For each priority the highest rank that is in. */
function limitsOf(endpoints: readonly Member[], ranks: readonly number[], size: number): Map<number, number> {
  const byPriority = Map.groupBy(endpoints.keys(), (i) => endpoints[i]?.priority ?? 0);
  return new Map(
    Array.from(byPriority, ([priority, places]) => {
      const inUse = places.filter((i) => isInUse(endpoints[i])).map((i) => ranks[i] ?? 0);
      return [priority, inUse.sort((a, b) => a - b)[size - 1] ?? Number.POSITIVE_INFINITY];
    }),
  );
}

function isInUse(endpoint: Member | undefined): boolean {
  return endpoint !== undefined && endpoint.weight > 0 && !endpoint.isDraining;
}
