import { listAt, memberOf, objectAt, textAt, type JsonObject } from '../json.ts';
import { isReference } from './schema-30.ts';

/**
 * `oneOf` or `anyOf` with a discriminator, as the choice that its author meant: the value of one property says which alternative
 * it must be (OpenAPI 3.2 §4.25). So a mistake is told of that alternative only, and no other is tried.
 *
 * Null where alternatives have no names, because they are written in place: then each has to be tried.
 */
export function discriminated(schema: JsonObject): JsonObject | null {
  const discriminator = memberOf(schema, 'discriminator');
  const property = textAt(discriminator, 'propertyName');
  const alternatives = [...listAt(schema, 'oneOf'), ...listAt(schema, 'anyOf')];
  if (property === '' || alternatives.length === 0 || !alternatives.every(isReference)) return null;
  const { oneOf: _oneOf, anyOf: _anyOf, discriminator: _discriminator, ...rest } = schema;
  const references = alternatives.map(({ $ref }) => $ref);
  const choices = choicesOf(references, objectAt(discriminator, 'mapping'));
  const fallback = textAt(discriminator, 'defaultMapping');
  const choice = fallback === '' ? strictChoice(property, choices) : looseChoice(property, choices, fallback);
  return { ...rest, allOf: [...listAt(schema, 'allOf'), choice] };
}

/** References by the values that stand for them: those of the mapping, and the names of the schemas themselves. */
function choicesOf(references: readonly string[], mapping: JsonObject): Map<string, string> {
  const choices = new Map(references.map((reference) => [nameOf(reference), reference]));
  for (const [value, target] of Object.entries(mapping)) {
    if (typeof target === 'string') choices.set(value, choices.get(target) ?? referenceOf(target));
  }
  return choices;
}

function nameOf(reference: string): string {
  return decodeURIComponent(reference.slice(reference.lastIndexOf('/') + 1)).replaceAll('~1', '/');
}

/** A mapping may have a name instead of a reference. */
function referenceOf(target: string): string {
  return /[#/]/.test(target) ? target : `#/components/schemas/${encodeURIComponent(target)}`;
}

function strictChoice(property: string, choices: ReadonlyMap<string, string>): JsonObject {
  return {
    type: 'object',
    required: [property],
    properties: { [property]: { enum: [...choices.keys()] } },
    allOf: Array.from(choices, ([value, $ref]) => ({ if: isOther(property, value), else: { $ref } })),
  };
}

function looseChoice(property: string, choices: ReadonlyMap<string, string>, fallback: string): JsonObject {
  const isKnown = { required: [property], properties: { [property]: { enum: [...choices.keys()] } } };
  return {
    allOf: [
      ...Array.from(choices, ([value, $ref]) => ({ if: isOther(property, value), else: { $ref } })),
      { if: isKnown, else: { $ref: choices.get(fallback) ?? referenceOf(fallback) } },
    ],
  };
}

/** Whatever is not this alternative; what it has to be stands in `else`, because an object with `then` looks like a promise. */
function isOther(property: string, value: string): JsonObject {
  return {
    not: { type: 'object', required: [property], properties: { [property]: { const: value } } },
  };
}
