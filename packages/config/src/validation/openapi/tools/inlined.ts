import { BOUND } from '../../bound-loops.ts';
import { isObject, textAt, type JsonObject } from '../../json.ts';
import { withParts } from '../document-parts.ts';
import type { DocumentSet } from '../document-set.ts';
import type { Refused } from '../refused-properties.ts';
import type { SchemaPlace } from '../schema-closure.ts';

/** Which way a schema is inlined for: what is only for the other one is left out. */
export interface Inlining {
  /** In plain JSON Schema. */
  readonly documents: DocumentSet;
  readonly refused: Refused;
}

/** A schema may have so many parts; references that fork can make a small document astronomic. */
const MAX_PARTS = 5000;

/** What says nothing to a model, or means nothing outside the document. */
const DROPPED: ReadonlySet<string> = new Set([
  BOUND,
  '$anchor',
  '$comment',
  '$defs',
  '$id',
  '$schema',
  'definitions',
  'discriminator',
  'example',
  'externalDocs',
  'xml',
]);

/**
 * A schema without references: what they lead to stands in their place. Where a schema contains itself, only its type is said
 * the second time. Null if it is too large.
 */
export function inlined(schema: SchemaPlace, { documents, refused }: Inlining): unknown {
  const open = new Set<unknown>();
  let parts = 0;

  function expand({ value, uri }: SchemaPlace): unknown {
    if (++parts > MAX_PARTS) throw new TooLarge('a schema has too many parts');
    if (!isObject(value)) return value;
    if (open.has(value)) return typeOnly(value);
    open.add(value);
    const reference = textAt(value, '$ref');
    const own = expandParts(value, uri);
    const target = reference === '' ? null : documents.find(reference, uri);
    const result = target === null ? own : joined(expand(target), own);
    open.delete(value);
    return result;
  }

  function expandParts(value: JsonObject, uri: string): JsonObject {
    const kept = Object.entries(value).filter(([key]) => key !== '$ref' && !isDropped(key));
    const schema = withoutRefused(Object.fromEntries(kept), refused);
    return withParts('schema', schema, (part) => expand({ value: part.value, uri }));
  }

  try {
    return expand(schema);
  } catch (error) {
    if (error instanceof TooLarge) return null;
    throw error;
  }
}

class TooLarge extends Error {}

function isDropped(key: string): boolean {
  return DROPPED.has(key) || key.startsWith('x-');
}

function typeOnly({ type }: JsonObject): JsonObject {
  return type === undefined ? {} : { type };
}

/** What a reference leads to, and what stands beside it; most often that is a description. */
function joined(target: unknown, own: JsonObject): unknown {
  const keys = Object.keys(own);
  if (keys.length === 0) return target;
  if (isObject(target) && keys.every((key) => ANNOTATIONS.has(key))) return { ...target, ...own };
  return { ...own, allOf: [...(Array.isArray(own['allOf']) ? (own['allOf'] as unknown[]) : []), target] };
}

const ANNOTATIONS: ReadonlySet<string> = new Set([
  'default',
  'deprecated',
  'description',
  'examples',
  'readOnly',
  'title',
  'writeOnly',
]);

/** Without properties that only the other direction has. */
function withoutRefused(schema: JsonObject, refused: Refused): JsonObject {
  const { properties, required } = schema;
  if (!isObject(properties)) return schema;
  const kept = Object.entries(properties).filter(
    ([, property]) => !(isObject(property) && property[refused] === true),
  );
  const names = new Set(Object.keys(properties));
  for (const [name] of kept) names.delete(name);
  if (names.size === 0) return schema;
  const others = Array.isArray(required) ? required.filter((name) => !names.has(String(name))) : undefined;
  return {
    ...schema,
    properties: Object.fromEntries(kept),
    ...(others !== undefined && { required: others }),
  };
}
