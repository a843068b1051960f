import { isObject, type JsonObject } from './json.ts';

/**
 * A keyword of ours: it stands in each schema that is applied as often as a value wants, and in each that leads to another one,
 * and so maybe back to itself. It ends what has found enough, or has taken too long.
 */
export const BOUND = 'x-turnpike-bound';

const LOOPS = ['additionalProperties', 'items', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties'];

const LEADS = ['$ref', '$dynamicRef'];

/** A schema in which everything that values can make go on for long is bounded. */
export function withBoundLoops(schema: JsonObject): JsonObject {
  const bound: Record<string, unknown> = { ...schema };
  if (LEADS.some((name) => name in schema)) bound[BOUND] = true;
  for (const name of LOOPS) if (name in schema) bound[name] = boundLoop(schema[name]);
  const { patternProperties } = schema;
  if (!isObject(patternProperties)) return bound;
  const entries = Object.entries(patternProperties).map(([name, value]) => [name, boundLoop(value)] as const);
  return { ...bound, patternProperties: Object.fromEntries(entries) };
}

/** What allows everything is not applied at all. */
function boundLoop(schema: unknown): unknown {
  return isObject(schema) && Object.keys(schema).length > 0 ? { ...schema, [BOUND]: true } : schema;
}
