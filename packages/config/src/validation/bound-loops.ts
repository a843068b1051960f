import { isObject, type JsonObject } from './json.ts';

/** A keyword of ours: it stands in each schema that is applied as often as a value wants, and ends what has found enough. */
export const BOUND = 'x-turnpike-bound';

const LOOPS = ['additionalProperties', 'items', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties'];

/** A schema in which everything that values can make go on for long is bounded. */
export function withBoundLoops(schema: JsonObject): JsonObject {
  const bound: Record<string, unknown> = { ...schema };
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
