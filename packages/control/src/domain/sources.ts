import type { Entry } from '@turnpike/config/load';
import type { ObjectRef, StoredObject } from './objects.ts';

/** An object as messages and paths of the admin API call it: `routes.user`. */
export function nameOf({ kind, name }: ObjectRef): string {
  return `${kind}.${name}`;
}

/** Which object of the database is to blame for an issue: stands where the name of a file stands otherwise. */
export function placeOf(object: Pick<StoredObject, 'kind' | 'name' | 'workspace'>): string {
  return `database:${object.workspace}/${nameOf(object)}`;
}

/**
 * Objects as a loader takes them, beside files. Their secrets must have been opened.
 *
 * The oldest version first: where two of them are in each other's way, the one that came later is to blame.
 */
export function entriesOf(objects: readonly StoredObject[]): Entry[] {
  return objects.toSorted(byAge).map((object) => ({
    file: placeOf(object),
    section: object.kind,
    name: object.name,
    value: object.document,
  }));
}

/** Order of revisions; names decide within one. */
export function byAge(a: StoredObject, b: StoredObject): number {
  if (a.revision !== b.revision) return a.revision - b.revision;
  return nameOf(a) < nameOf(b) ? -1 : 1;
}
