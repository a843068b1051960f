import { createHash } from 'node:crypto';
import type { FleetNode, NodeReport, Selection } from '../domain/fleet.ts';

/** What tells gateways apart. */
export type Member = Pick<NodeReport, 'id' | 'name' | 'zone'>;

/** A gateway that says nothing for so long is gone. */
export const SILENT_MS = 10_000;

/** Those that were heard of lately. */
export function aliveOf(nodes: readonly FleetNode[], now: number): FleetNode[] {
  return nodes.filter(({ heartbeatAt }) => now - heartbeatAt <= SILENT_MS);
}

/** Places of a percentage: a hundredth of a percent can be said. */
const SCALE = 10_000;

/**
 * The ids of the gateways that take a revision first.
 *
 * Of a percentage, each finds out by itself, from ids and the revision: whoever is in at 5 % is in at 25 % too, and the next
 * revision begins elsewhere. Where chance chooses nobody, the one of the fleet that came closest takes it.
 */
export function selectedOf(
  selection: Selection,
  fleet: readonly Member[],
  revision: number,
): ReadonlySet<string> {
  const idsOf = (members: readonly Member[]): Set<string> => new Set(members.map(({ id }) => id));
  if (selection.kind === 'zones') return idsOf(fleet.filter(({ zone }) => selection.zones.includes(zone)));
  if (selection.kind === 'nodes') {
    const { nodes } = selection;
    return idsOf(fleet.filter(({ id, name }) => nodes.includes(id) || nodes.includes(name)));
  }
  const limit = (selection.percent / 100) * SCALE;
  if (limit <= 0) return new Set();
  const placed = fleet.map(({ id }) => ({ id, place: place(id, revision) })).sort(inOrder);
  const chosen = placed.filter((one) => one.place < limit);
  return new Set((chosen.length > 0 ? chosen : placed.slice(0, 1)).map(({ id }) => id));
}

/** A number below `SCALE` that nobody can choose. */
function place(id: string, revision: number): number {
  return createHash('sha256').update(`${revision} ${id}`).digest().readUInt32BE() % SCALE;
}

interface Placed {
  readonly id: string;
  readonly place: number;
}

function inOrder(one: Placed, other: Placed): number {
  if (one.place !== other.place) return one.place - other.place;
  return one.id < other.id ? -1 : 1;
}
