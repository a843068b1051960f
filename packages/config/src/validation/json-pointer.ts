import type { Path } from '../path.ts';
import { isObject, memberOf } from './json.ts';

/** The value that a JSON Pointer (RFC 6901) leads to; undefined if it leads nowhere. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const part of partsOfPointer(pointer)) value = step(value, part);
  return value;
}

/** What a pointer is made of. */
export function partsOfPointer(pointer: string): string[] {
  return pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A pointer as the way through a value, whose lists have numbers. */
export function pathOfPointer(root: unknown, pointer: string): Path {
  let value = root;
  return partsOfPointer(pointer).map((part) => {
    const isList = Array.isArray(value);
    value = step(value, part);
    return isList ? Number(part) : part;
  });
}

/** One step further than a pointer. */
export function below(pointer: string, part: string | number): string {
  return `${pointer}/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function step(value: unknown, part: string): unknown {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d{0,9})$/.test(part) ? value[Number(part)] : undefined;
  return isObject(value) ? memberOf(value, part) : undefined;
}
