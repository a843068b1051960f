import { type Path, pointerOf } from '@turnpike/config';
import type { Json, JsonObject } from './objects.ts';

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two say the same; the order of members makes no difference. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name]))
  );
}

/** The value at a path; `undefined`: nothing is there. */
export function valueAt(root: unknown, path: Path): Json | undefined {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value as Json;
}

/** A copy with other values at some places, by JSON Pointer; what has none of them below it is not copied. */
export function withValues<T extends Json>(root: T, values: ReadonlyMap<string, Json>): T {
  if (values.size === 0) return root;
  const above = new Set([...values.keys()].flatMap(beginningsOf));
  const copy = (value: Json, path: Path): Json => {
    const pointer = pointerOf(path);
    const other = values.get(pointer);
    if (other !== undefined) return other;
    if (!above.has(pointer)) return value;
    if (Array.isArray(value)) return value.map((item: Json, index) => copy(item, [...path, index]));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copy(one, [...path, name])]));
  };
  return copy(root, []) as T;
}

function beginningsOf(pointer: string): string[] {
  const parts = pointer.split('/');
  return parts.map((_, index) => parts.slice(0, index).join('/'));
}
