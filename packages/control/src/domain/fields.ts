import { type Path, pointerOf } from '@turnpike/config';
import { isEqual, isObject } from './json.ts';
import type { Json, JsonObject, ObjectChange, ObjectRef } from './objects.ts';
import { hide } from './secrets.ts';

/** A difference between two versions of an object. Secrets are `***`, also where another took their place. */
export interface FieldChange {
  /** JSON Pointer into the document; `''` is all of it. */
  readonly path: string;
  /** Left out: it was not there. */
  readonly before?: Json;
  readonly after?: Json;
}

/** More of one object is most likely another object: then it is shown as a whole. */
const MAX_FIELDS = 200;

/** What a change does to an object, member by member. */
export function fieldsOf({
  before,
  after,
  ...ref
}: ObjectRef & Pick<ObjectChange, 'before' | 'after'>): FieldChange[] {
  if (before === null && after === null) return [];
  if (before === null) return [{ path: '', after: hide(ref, after ?? {}) }];
  if (after === null) return [{ path: '', before: hide(ref, before) }];
  const found: FieldChange[] = [];
  const shown = { before: hide(ref, before), after: hide(ref, after) };
  compare({ before, after }, { shown, path: [], found });
  return found.length > MAX_FIELDS ? [{ path: '', ...shown }] : found;
}

interface Both {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

interface Place {
  /** The same values without secrets. */
  readonly shown: Both;
  readonly path: Path;
  readonly found: FieldChange[];
}

function compare({ before, after }: Both, { shown, path, found }: Place): void {
  if (isEqual(before, after)) return;
  const names = namesOfBoth(before, after);
  if (names === null) {
    const { before: was, after: is } = shown;
    const pointer = pointerOf(path);
    found.push({
      path: pointer,
      ...(was !== undefined && { before: was }),
      ...(is !== undefined && { after: is }),
    });
    return;
  }
  for (const name of names) {
    const below = { before: member(shown.before, name), after: member(shown.after, name) };
    const place = { shown: below, path: [...path, name], found };
    compare({ before: member(before, name), after: member(after, name) }, place);
  }
}

/** What to go into: members of objects, and items of lists that are objects. Other lists are compared as a whole. */
function namesOfBoth(before: Json | undefined, after: Json | undefined): Iterable<string | number> | null {
  if (isObject(before) && isObject(after)) return new Set([...Object.keys(before), ...Object.keys(after)]);
  if (!isListOfObjects(before) || !isListOfObjects(after)) return null;
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
}

function isListOfObjects(value: Json | undefined): value is readonly JsonObject[] {
  return Array.isArray(value) && value.length > 0 && value.every(isObject);
}

function member(value: Json | undefined, name: string | number): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string | number, Json>>)[name];
}
