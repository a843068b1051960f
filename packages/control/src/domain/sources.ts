import { isSame } from '@turnpike/config';
import type { Entry } from '@turnpike/config/load';
import type { JsonObject, ObjectRef, StoredObject } from './objects.ts';

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
  return objects.toSorted(byAge).map(entryOf);
}

const known = new WeakMap<
  JsonObject,
  { readonly of: Pick<StoredObject, 'name' | 'workspace'>; readonly entry: Entry }
>();

/** Made once for each document: most of thousands are the same as at the last load. */
function entryOf({ kind, name, workspace, document }: StoredObject): Entry {
  const before = known.get(document);
  if (before?.entry.section === kind && before.of.name === name && before.of.workspace === workspace)
    return before.entry;
  const entry = { file: placeOf({ kind, name, workspace }), section: kind, name, value: document };
  known.set(document, { of: { name, workspace }, entry });
  return entry;
}

/**
 * Whether nothing has changed. The number of a revision does not say it: after a backup was put in the place of the database, numbers
 * come again with another meaning.
 */
export function isSameVersion(one: StoredObject | undefined, other: StoredObject): boolean {
  if (one === undefined || one.revision !== other.revision || one.workspace !== other.workspace) return false;
  return isSame(one.document, other.document);
}

/** Order of revisions; names decide within one. */
export function byAge(a: StoredObject, b: StoredObject): number {
  if (a.revision !== b.revision) return a.revision - b.revision;
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
