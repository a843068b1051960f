import { ask, Problem } from './client.ts';
import { useQuery } from './query.ts';
import type { FleetNode, Selection } from './types.ts';

/** How a change comes to all gateways. */
export const WAYS = [
  ['10, 50', '10%, then 50%, then all'],
  ['25', 'a quarter, then all'],
  ['1, 10, 50', '1%, 10%, 50%, then all'],
  ['zones', 'one zone after the other'],
] as const;

/** How long each step is watched where nobody says it. */
export const STEP_MS = 5 * 60_000;

/** The steps of a way; everybody comes last without being named. */
export function stepsOf(way: string, nodes: readonly FleetNode[]): readonly Selection[] {
  if (way !== 'zones')
    return way.split(', ').map((percent) => ({ kind: 'percent', percent: Number(percent) }));
  const zones = [...new Set(nodes.map(({ zone }) => zone))].filter((zone) => zone !== '').sort();
  return zones.slice(0, -1).map((_, index) => ({ kind: 'zones', zones: zones.slice(0, index + 1) }));
}

/** As the gateway says it, with its clock. */
export interface Fleet {
  readonly now: number;
  readonly head: number;
  readonly nodes: readonly (FleetNode & { readonly heartbeatAgeMs: number })[];
}

/** Gateways that share the database. None for who may not see them. */
export function useFleet(refetchInterval: number | false = false) {
  return useQuery({
    queryKey: ['fleet'],
    queryFn: async ({ signal }): Promise<Fleet> => {
      try {
        return await ask<Fleet>('/v1/fleet', { signal });
      } catch (error) {
        if (error instanceof Problem && error.status === 403) return { now: 0, head: 0, nodes: [] };
        throw error;
      }
    },
    refetchInterval,
  });
}
