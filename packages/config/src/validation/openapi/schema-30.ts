import { BOUND } from '../bound-loops.ts';
import { isObject, memberOf, type JsonObject } from '../json.ts';

/**
 * A Schema Object of OpenAPI 3.0, which was a dialect of its own, in terms of JSON Schema 2020-12.
 *
 * `nullable` only ever adds to `type` (3.0.3 §4.7.24.1), so an `enum` without null still has no null. Beside `$ref` everything
 * is ignored.
 */
export function upgradedSchema(schema: JsonObject): JsonObject {
  if (typeof schema['$ref'] === 'string') return { $ref: schema['$ref'] };
  return { ...schema, ...typeOf(schema), ...bound(schema, 'minimum'), ...bound(schema, 'maximum') };
}

function typeOf({ type, nullable }: JsonObject): JsonObject {
  return nullable === true && typeof type === 'string' ? { type: [type, 'null'] } : {};
}

/** `exclusiveMinimum` says whether `minimum` itself is allowed; later it is the bound. */
function bound(schema: JsonObject, name: 'minimum' | 'maximum'): JsonObject {
  const exclusive = name === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum';
  if (typeof schema[exclusive] !== 'boolean') return {};
  return schema[exclusive] ? { [name]: undefined, [exclusive]: schema[name] } : { [exclusive]: undefined };
}

/** Whether a schema is only a reference, so that what it refers to has a name. */
export function isReference(schema: unknown): schema is { readonly $ref: string } {
  return (
    isObject(schema) &&
    typeof memberOf(schema, '$ref') === 'string' &&
    Object.keys(schema).every(isOfReference)
  );
}

/** A reference that was looked at already is bound. */
function isOfReference(name: string): boolean {
  return name === '$ref' || name === BOUND;
}
