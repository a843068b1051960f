import type { Issue } from '@turnpike/config';
import { type JsonObject, KINDS, type StoredObject } from './objects.ts';
import { nameOf, placeOf } from './sources.ts';

/** Which of some objects is to blame for an issue; `undefined`: none, so it is a matter of files. */
export type Blame = (issue: Issue) => StoredObject | undefined;

/** By where the issue is in the configuration; by the place of its origin for what an object brings about elsewhere. */
export function blameAmong(objects: Iterable<StoredObject>): Blame {
  const byName = new Map<string, StoredObject>();
  const byPlace = new Map<string, StoredObject>();
  for (const object of objects) {
    byName.set(nameOf(object), object);
    byPlace.set(placeOf(object), object);
  }
  return ({ pointer, file }) => {
    const [kind, name] = partsOf(pointer);
    const named = KINDS.find((known) => known === kind);
    const found = named === undefined ? undefined : byName.get(nameOf({ kind: named, name: name ?? '' }));
    return found ?? (name === undefined ? undefined : byPlace.get(file));
  };
}

/** The text at a pointer into the configuration, where it leads into the document of an object. */
export function textAt(document: JsonObject, pointer: string): string | null {
  const [, , ...parts] = partsOf(pointer);
  let value: unknown = document;
  for (const part of parts) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return null;
    value = (value as Record<string, unknown>)[part];
  }
  return typeof value === 'string' ? value : null;
}

/** RFC 6901 §4. */
function partsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
