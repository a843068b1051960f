import type { Issue, Json, JsonObject } from '../api/types.ts';

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
