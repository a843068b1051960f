import { isObject, listAt, memberOf, textAt, type JsonObject } from '../json.ts';
import type { DocumentSet } from './document-set.ts';

/** A schema, and the document that its references are relative to. */
export interface SchemaPlace {
  readonly value: unknown;
  readonly uri: string;
}

/** An object that is a schema, and where it is from. */
export interface OpenSchema {
  readonly value: JsonObject;
  readonly uri: string;
}

/** How many schemas one may be put together of. */
const MAX_SCHEMAS = 200;

/** Schemas and those that hold wherever they hold: what they refer to, and their `allOf`. */
export function ingredientsOf(schemas: readonly SchemaPlace[], documents: DocumentSet): OpenSchema[] {
  return closureOf(schemas, ['allOf'], documents);
}

/** The same, and those that may hold. */
export function alternativesOf(schemas: readonly SchemaPlace[], documents: DocumentSet): OpenSchema[] {
  return closureOf(schemas, ['allOf', 'anyOf', 'oneOf'], documents);
}

function closureOf(
  schemas: readonly SchemaPlace[],
  keywords: readonly string[],
  documents: DocumentSet,
): OpenSchema[] {
  const found: OpenSchema[] = [];
  const open = [...schemas];
  for (let next = open.pop(); next !== undefined && found.length < MAX_SCHEMAS; next = open.pop()) {
    const { value, uri } = next;
    if (!isObject(value) || found.some((other) => other.value === value)) continue;
    found.push({ value, uri });
    for (const keyword of keywords)
      open.push(...listAt(value, keyword).map((part) => ({ value: part, uri })));
    const target = memberOf(value, '$ref') === undefined ? null : documents.find(textAt(value, '$ref'), uri);
    if (target !== null) open.push(target);
  }
  return found;
}
