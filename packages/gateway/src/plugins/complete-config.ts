import type { JsonSchema } from '@turnpike/sdk';

/** The value with the defaults of its schema where something is left out. What is there is kept as it is. */
export function completeConfig(schema: JsonSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => completeConfig(items, item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const complete: Record<string, unknown> = { ...value };
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    if (Object.hasOwn(value, key)) complete[key] = completeConfig(inner, complete[key]);
    else if (inner.default !== undefined)
      complete[key] = completeConfig(inner, structuredClone(inner.default));
  }
  return complete;
}
