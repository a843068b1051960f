import type { ObjectRef, StoredObject } from '../domain/objects.ts';
import type { Store } from '../domain/store.ts';

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
 * ten thousand does not read ten thousand.
 */
export function headReader({
  objects,
  revisions,
}: Pick<Store, 'objects' | 'revisions'>): () => Promise<Head> {
  let known: Head | null = null;
  return async () => {
    const revision = await revisions.head();
    if (known === null || revision < known.revision) {
      const all = await objects.at(revision);
      known = headOf(revision, new Map(all.map((object) => [keyOf(object), object])));
    } else if (revision > known.revision) {
      const next = new Map(known.objects);
      for (const { document, ...version } of await objects.changed(known.revision, revision)) {
        if (document === null) next.delete(keyOf(version));
        else next.set(keyOf(version), { ...version, document });
      }
      known = headOf(revision, next);
    }
    return known;
  };
}

function headOf(revision: number, objects: Head['objects']): Head {
  return { revision, objects, list: [...objects.values()] };
}
