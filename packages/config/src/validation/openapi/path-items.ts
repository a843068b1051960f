import { isObject, memberOf, objectAt, textAt, type JsonObject } from '../json.ts';
import { below, valueAt } from '../json-pointer.ts';

/** One operation of a document. */
export interface OperationPlace {
  /** A path template of `paths`. */
  readonly template: string;
  /** In capital letters. */
  readonly method: string;
  readonly pointer: string;
  readonly operation: JsonObject;
}

/** The fixed fields of a Path Item that are operations (OpenAPI 3.2 §4.8). */
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const;

/** What a method is made of (RFC 9110 §5.6.2). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** The operations of a path item. 3.2 lets it have methods that no field is named after. */
export function operationsOf(item: JsonObject, pointer: string, template: string): OperationPlace[] {
  const fixed = METHODS.map((name) => ({ name, at: below(pointer, name), operation: memberOf(item, name) }));
  const others = Object.entries(objectAt(item, 'additionalOperations')).map(([name, operation]) => ({
    name,
    at: below(below(pointer, 'additionalOperations'), name),
    operation,
  }));
  return [...fixed, ...others].flatMap(({ name, at, operation }) =>
    isObject(operation) && TOKEN.test(name)
      ? [{ template, method: name.toUpperCase(), pointer: at, operation }]
      : [],
  );
}

/** The paths of a document, in the order in which they are written. Extensions are left out. */
export function pathItems(document: JsonObject): { readonly template: string; readonly pointer: string }[] {
  return Object.keys(objectAt(document, 'paths'))
    .filter((template) => template.startsWith('/'))
    .map((template) => ({ template, pointer: below('/paths', template) }));
}

/** Follows a path item that is somewhere else in the same document; null if it leads out of it or nowhere. */
export function localPathItem(document: JsonObject, pointer: string): PlacedItem | null {
  const visited = new Set<string>();
  for (let at = pointer; ;) {
    const item = valueAt(document, at);
    if (!isObject(item) || visited.has(at)) return null;
    visited.add(at);
    const reference = textAt(item, '$ref');
    if (reference === '') return { item, pointer: at };
    if (!reference.startsWith('#/')) return null;
    at = decodeURIComponent(reference.slice(1));
  }
}

interface PlacedItem {
  readonly item: JsonObject;
  readonly pointer: string;
}
