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

/**
 * The ids of the gateways that take a revision first.
 *
 * Of a percentage, each finds out by itself, from ids and the revision: whoever is in at 5 % is in at 25 % too, and the next
 * revision begins elsewhere. They are never more than that share of the fleet, except that one takes it in the smallest fleet.
 */
export function selectedOf(
  selection: Selection,
  fleet: readonly Member[],
  revision: number,
): ReadonlySet<string> {
  const idsOf = (members: readonly Pick<Member, 'id'>[]): Set<string> => new Set(members.map(({ id }) => id));
  if (selection.kind === 'zones') return idsOf(fleet.filter(({ zone }) => selection.zones.includes(zone)));
  if (selection.kind === 'nodes') {
    const { nodes } = selection;
    return idsOf(fleet.filter(({ id, name }) => nodes.includes(id) || nodes.includes(name)));
  }
  if (selection.percent <= 0) return new Set();
  const count = Math.max(1, Math.floor((selection.percent / 100) * fleet.length));
  const placed = fleet.map(({ id }) => ({ id, place: place(id, revision) })).sort(inOrder);
  return idsOf(placed.slice(0, count));
}

/** Where a gateway stands in the order of a revision, which nobody can choose. */
function place(id: string, revision: number): number {
  return createHash('sha256').update(`${revision} ${id}`).digest().readUIntBE(0, 6);
}

interface Placed {
  readonly id: string;
  readonly place: number;
}

function inOrder(one: Placed, other: Placed): number {
  if (one.place !== other.place) return one.place - other.place;
  return one.id < other.id ? -1 : 1;
}
