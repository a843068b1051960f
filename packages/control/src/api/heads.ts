import type { ObjectRef, StoredObject } from '../domain/objects.ts';
import type { Store } from '../domain/store.ts';
import type { Taken } from './ports.ts';

/** All objects of the database at its newest revision. */
export interface Head {
  readonly revision: number;
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** The same, as one list for as long as nothing changes: who has loaded it can tell by that. */
  readonly list: readonly StoredObject[];
}

/** Text by which an object is found: no name has a slash. */
export function keyOf({ kind, name }: ObjectRef): string {
  return `${kind}/${name}`;
}

/**
 * Reads the newest state. Keeps the last one, and asks only for what was changed since, so that a change of one route among
 * ten thousand does not read ten thousand. What this gateway has taken is not read at all, and being the same objects, it is not
 * looked through again either.
 */
export function headReader(
  { objects, position }: Pick<Store, 'objects' | 'position'>,
  taken: () => Taken = () => NOTHING,
): () => Promise<Head> {
  let known: (Head & { readonly history: string }) | null = null;
  return async () => {
    const { head: revision, history } = await position(0);
    const has = taken();
    if (known?.history !== history) known = null;
    if (has.revision === revision && has.history === history) {
      if (known?.list !== has.objects)
        known = { ...headOf(revision, byKey(has.objects), has.objects), history };
    } else if (known === null || revision < known.revision) {
      known = { ...headOf(revision, byKey(await objects.at(revision))), history };
    } else if (revision > known.revision) {
      const next = new Map(known.objects);
      for (const { document, ...version } of await objects.changed(known.revision, revision)) {
        if (document === null) next.delete(keyOf(version));
        else next.set(keyOf(version), { ...version, document });
      }
      known = { ...headOf(revision, next), history };
    }
    return known;
  };
}

const NOTHING: Taken = { revision: -1, objects: [], history: '' };

function byKey(objects: readonly StoredObject[]): Head['objects'] {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

function headOf(
  revision: number,
  objects: Head['objects'],
  list: readonly StoredObject[] = [...objects.values()],
): Head {
  return { revision, objects, list };
}
