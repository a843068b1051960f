import { type Path, pointerOf, secretPaths } from '@turnpike/config';
import { isEqual, valueAt, withValues } from './json.ts';
import type { Json, JsonObject, ObjectRef } from './objects.ts';
import type { Sealer } from './sealer.ts';

/** What people see in place of a secret; written back, it keeps the secret that was there. */
export const HIDDEN = '***';

/** A reference alone tells no secret. One with a default does: the default may be it. */
const REFERENCE = /^\$\{(env:[A-Za-z_]\w*|file:[^{}]+)\}$/;

/** Where a document holds what nobody may see. */
function placesOf({ kind }: Pick<ObjectRef, 'kind'>, document: JsonObject): readonly Path[] {
  return secretPaths(kind, document).filter((path) => {
    const value = valueAt(document, path);
    return value !== null && !(typeof value === 'string' && REFERENCE.test(value));
  });
}

/** Other values in place of secrets. */
function changed(
  ref: Pick<ObjectRef, 'kind'>,
  document: JsonObject,
  change: (value: Json, pointer: string) => Json,
): JsonObject {
  const values = placesOf(ref, document).map((path): [string, Json] => {
    const pointer = pointerOf(path);
    return [pointer, change(valueAt(document, path) ?? null, pointer)];
  });
  return withValues(document, new Map(values));
}

/** A document without its secrets. */
export function hide(ref: Pick<ObjectRef, 'kind'>, document: JsonObject): JsonObject {
  return changed(ref, document, () => HIDDEN);
}

/** Seals what is not sealed yet. Throws as the sealer does. */
export function sealDocument(ref: ObjectRef, document: JsonObject, sealer: Sealer): JsonObject {
  return changed(ref, document, (value, pointer) => {
    if (typeof value !== 'string' || sealer.isSealed(value)) return value;
    return sealer.seal(value, { kind: ref.kind, name: ref.name, pointer });
  });
}

const opened = new WeakMap<JsonObject, JsonObject>();

/**
 * A document with its secrets. The same document gives the same answer, so that loaders know again what has not changed.
 * Throws as the sealer does.
 */
export function openDocument({ kind, name }: ObjectRef, document: JsonObject, sealer: Sealer): JsonObject {
  const known = opened.get(document);
  if (known !== undefined) return known;
  const result = changed({ kind }, document, (value, pointer) =>
    typeof value === 'string' && sealer.isSealed(value) ? sealer.open(value, { kind, name, pointer }) : value,
  );
  opened.set(document, result);
  return result;
}

/** A document in which `***` was undone. */
export interface Kept {
  readonly document: JsonObject;
  /** JSON Pointers of `***` that stand for nothing. */
  readonly missing: readonly string[];
}

/**
 * Puts back what `***` stands for: the secret at the same place of the document before. Items of lists are known again by what is
 * not secret in them, else by their place if as many are there as before, or more behind them. What is sealed comes back sealed;
 * that holds for one place only, so both documents have to be open.
 */
export function keepHidden(ref: ObjectRef, document: JsonObject, before: JsonObject | null): Kept {
  const missing: string[] = [];
  const kept = changed(ref, document, (value, pointer) => {
    if (value !== HIDDEN) return value;
    const path = secretPaths(ref.kind, document).find((one) => pointerOf(one) === pointer) ?? [];
    const old = before === null ? undefined : oldValue(path, { ref, document, before });
    if (typeof old === 'string' && old !== HIDDEN) return old;
    missing.push(pointer);
    return value;
  });
  return { document: kept, missing };
}

interface Versions {
  readonly ref: ObjectRef;
  readonly document: JsonObject;
  readonly before: JsonObject;
}

function oldValue(path: Path, { ref, document, before }: Versions): Json | undefined {
  const [shown, shownBefore] = [hide(ref, document), hide(ref, before)];
  const oldPath: (string | number)[] = [];
  for (const [depth, part] of path.entries()) {
    if (typeof part !== 'number') oldPath.push(part);
    else {
      const list = valueAt(shown, path.slice(0, depth));
      const oldList = valueAt(shownBefore, oldPath);
      if (!Array.isArray(list) || !Array.isArray(oldList)) return undefined;
      const index = oldIndex(list, oldList, part);
      if (index === null) return undefined;
      oldPath.push(index);
    }
  }
  return valueAt(before, oldPath);
}

/** Which item of the list before an item was. */
function oldIndex(list: readonly unknown[], before: readonly unknown[], index: number): number | null {
  const twinsIn = (items: readonly unknown[]): number[] =>
    items.flatMap((one, at) => (isEqual(one, list[index]) ? [at] : []));
  const [first, ...others] = twinsIn(before);
  if (first !== undefined && others.length === 0 && twinsIn(list).length === 1) return first;
  return list.length >= before.length && index < before.length ? index : null;
}
