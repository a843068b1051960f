import type { Path } from '../path.ts';
import { pointerOf } from '../path.ts';
import { documentSchema } from '../schema/document.ts';
import type { JsonSchema } from '../schema/json-schema.ts';
import { asJsonSchema } from '../schema/typebox.ts';
import { isMapping } from '../walk/containers.ts';
import type { References } from '../walk/walk.ts';

/** A digest or a hash, from which nobody gets the secret back, and the address of a store without a password in it. */
const HARMLESS = /^(?:sha256:|\$(?:scrypt|argon2id)\$|sqlite:|(?:rediss?|postgres(?:ql)?):\/\/[^@]*$)/;

/** Secrets that stand in a file as they are: who can read the file, or its history, has them. */
export function plainSecrets(document: unknown, references: References): Path[] {
  return secretsIn(asJsonSchema(documentSchema), document, []).filter(
    (path) => !references.has(pointerOf(path)),
  );
}

function secretsIn(schema: JsonSchema, value: unknown, path: Path): Path[] {
  if (schema.anyOf !== undefined) return firstOf(schema.anyOf, value, path);
  if (typeof value === 'string')
    return schema.writeOnly === true && value !== '' && !HARMLESS.test(value) ? [path] : [];
  if (Array.isArray(value)) {
    const { items = {} } = schema;
    return value.flatMap((item, index) => secretsIn(items, item, [...path, index]));
  }
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    secretsIn(memberSchema(schema, key), member, [...path, key]),
  );
}

/** Shapes differ in their keys and types, so what is a secret in one is nothing in another. */
function firstOf(branches: readonly JsonSchema[], value: unknown, path: Path): Path[] {
  for (const branch of branches) {
    const found = secretsIn(branch, value, path);
    if (found.length > 0) return found;
  }
  return [];
}

function memberSchema({ properties = {}, additionalProperties }: JsonSchema, key: string): JsonSchema {
  if (Object.hasOwn(properties, key)) return properties[key] ?? {};
  return typeof additionalProperties === 'object' ? additionalProperties : {};
}
