import type { Issue, Json, JsonObject } from '../api/types.ts';
import { isObject } from './shape.ts';

// Changes of documents, which are never written into.

/** A way into a document. */
export type Path = readonly (string | number)[];

/** Sets a value; `undefined` takes it out. */
export function withAt(document: Json | undefined, path: Path, value: Json | undefined): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(document)) {
    const list: Json[] = [...document];
    const next = withAt(list[Number(key)], rest, value);
    if (next === undefined) list.splice(Number(key), 1);
    else list[Number(key)] = next;
    return list;
  }
  const object = (document ?? {}) as JsonObject;
  const next = withAt(object[key], rest, value);
  if (next === undefined)
    return Object.fromEntries(Object.entries(object).filter(([name]) => name !== String(key)));
  return { ...object, [key]: next };
}

/** Gives an entry another name in its place. */
export function renamed(object: JsonObject, from: string, to: string): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name === from ? to : name, value]),
  );
}

/** What one has made of a document, on top of what others have made of it meanwhile. Where both changed the same, it is one's own. */
export function merged(
  base: Json | undefined,
  own: Json | undefined,
  theirs: Json | undefined,
): Json | undefined {
  if (isEqual(own, base)) return theirs;
  if (!isObject(own) || !isObject(theirs)) return own;
  const before = isObject(base) ? base : {};
  const keys = new Set([...Object.keys(theirs), ...Object.keys(own)]);
  const entries = [...keys].map((key) => [key, merged(before[key], own[key], theirs[key])] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as JsonObject;
}

/** Whether two values say the same; the order of keys says nothing. */
export function isEqual(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return (
      one.length === other.length && one.every((item: Json, index) => isEqual(item, other[index] as Json))
    );
  if (!isObject(one) || !isObject(other)) return one === other;
  const [own, its] = [Object.keys(one), Object.keys(other)];
  return (
    own.length === its.length &&
    own.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]))
  );
}

/** A path as a JSON Pointer (RFC 6901). */
export function pointerTo(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Issues of exactly this place. */
export function issuesAt(issues: readonly Issue[], path: Path): readonly Issue[] {
  const pointer = pointerTo(path);
  return issues.filter((issue) => issue.pointer === pointer);
}

/** Whether there is any here or further in. */
export function hasIssues(issues: readonly Issue[], path: Path): boolean {
  const pointer = pointerTo(path);
  return issues.some((issue) => issue.pointer === pointer || issue.pointer.startsWith(`${pointer}/`));
}
