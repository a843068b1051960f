import { KINDS, type Kind, type StoredObject } from './domain/objects.ts';
import { type Steered, statusOf } from './domain/statuses.ts';
import type { ObjectFigures } from './gateway-port.ts';

const known = new WeakMap<Steered, readonly ObjectFigures[]>();

/** How many objects of each kind there are, by what became of them. Counted once for each configuration. */
export function objectFigures(
  taken: (Steered & { readonly objects: readonly StoredObject[] }) | null,
): readonly ObjectFigures[] {
  if (taken === null) return KINDS.map(none);
  const before = known.get(taken);
  if (before !== undefined) return before;
  const counts = new Map(KINDS.map((kind) => [kind, { ...none(kind) }]));
  for (const object of taken.objects) {
    const count = counts.get(object.kind);
    if (count !== undefined) count[statusOf(taken, object).state]++;
  }
  const figures = [...counts.values()];
  known.set(taken, figures);
  return figures;
}

function none(kind: Kind): { kind: Kind; active: number; quarantined: number; shadowed: number } {
  return { kind, active: 0, quarantined: 0, shadowed: 0 };
}
