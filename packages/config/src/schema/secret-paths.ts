import { type Path, pointerOf } from '../path.ts';
import { isMapping } from '../walk/containers.ts';
import { documentSchema } from './document.ts';
import type { JsonSchema } from './json-schema.ts';
import { asJsonSchema } from './typebox.ts';

/**
 * Where an entry of a section, as it is written, holds what nobody may see.
 *
 * Where a value may have several shapes it is enough that one of them is secret there.
 */
export function secretPaths(section: string, entry: unknown): readonly Path[] {
  const schema = asJsonSchema(documentSchema).properties?.[section]?.additionalProperties;
  const found = new Map<string, Path>();
  if (typeof schema === 'object') collect(schema, { value: entry, path: [], found });
  return [...found.values()];
}

interface Place {
  readonly value: unknown;
  readonly path: Path;
  readonly found: Map<string, Path>;
}

function collect(schema: JsonSchema, place: Place): void {
  const { value, path, found } = place;
  const isScalar = typeof value !== 'object' || value === null;
  if (schema.writeOnly === true && isScalar) found.set(pointerOf(path), path);
  for (const branch of schema.anyOf ?? []) collect(branch, place);
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined)
      value.forEach((one: unknown, index) => collect(items, { value: one, path: [...path, index], found }));
  } else if (isMapping(value)) {
    for (const [key, one] of Object.entries(value)) {
      const below = propertyOf(schema, key);
      if (below !== undefined) collect(below, { value: one, path: [...path, key], found });
    }
  }
}

function propertyOf(
  { properties = {}, additionalProperties }: JsonSchema,
  key: string,
): JsonSchema | undefined {
  if (Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}
