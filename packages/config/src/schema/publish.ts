import { testSchema } from '../cases/schema.ts';
import { documentSchema } from './document.ts';
import { type JsonSchema, MARKS } from './json-schema.ts';
import { asJsonSchema } from './typebox.ts';

/** A JSON Schema 2020-12 document, without anything of ours in it. */
export type PublishedSchema = Readonly<Record<string, unknown>>;

/** Where editors may find it; also what `# yaml-language-server: $schema=` may name. */
const SCHEMA_ID = 'https://turnpike.dev/schema/config.json';

const REFERENCE = { $ref: '#/$defs/reference' };

/**
 * The schema for editors.
 *
 * Says the same as the loader, where every scalar may be a reference. What only code can judge, such as whether a service exists, is left to the loader.
 */
export function configSchema(): PublishedSchema {
  return publishedSchema(asJsonSchema(documentSchema), { id: SCHEMA_ID, title: 'Turnpike configuration' });
}

/** The same for files of tests. References are for configurations, but do no harm there. */
export function testFileSchema(): PublishedSchema {
  const about = { id: 'https://turnpike.dev/schema/tests.json', title: 'Tests of a Turnpike configuration' };
  return publishedSchema(asJsonSchema(testSchema), about);
}

function publishedSchema(
  schema: JsonSchema,
  { id, title }: { readonly id: string; readonly title: string },
): PublishedSchema {
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: id,
    title,
    ...publish(schema),
    $defs: {
      reference: {
        type: 'string',
        pattern: '\\$\\{(env|file):',
        description:
          'A value from the environment or a file: ${env:NAME}, ${env:NAME:-default}, ${file:path}.',
      },
    },
  };
  // Through text, because what is private to typebox does not survive that.
  return JSON.parse(
    JSON.stringify(document, (key, member: unknown) => (key.startsWith('~') ? undefined : member)),
  );
}

function publish(schema: JsonSchema): PublishedSchema {
  const { description, default: fallback, ...rest } = schema;
  const about = {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
  };
  const shape = withoutMarks(rest);
  if (!mayBeReference(schema)) return { ...about, ...shape };
  return { ...about, anyOf: [...(schema.anyOf?.map(publish) ?? [shape]), REFERENCE] };
}

/** Text of any form and length can hold a reference anyway. */
function mayBeReference(schema: JsonSchema): boolean {
  if (schema.anyOf) return schema.anyOf.some((branch) => branch.type !== 'object' && branch.type !== 'array');
  if (schema.type === 'object' || schema.type === 'array') return false;
  return schema.type !== 'string' || schema.pattern !== undefined || (schema.minLength ?? 0) > 1;
}

function withoutMarks(schema: JsonSchema): PublishedSchema {
  const { properties, additionalProperties, items, anyOf, [MARKS]: marks, ...plain } = schema;
  const { minimum: _minimum, maximum: _maximum, ...text } = plain;
  return {
    ...(marks?.format === undefined ? plain : text),
    ...(properties && { properties: mapValues(properties) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'boolean' ? additionalProperties : publish(additionalProperties),
    }),
    ...(items && { items: publish(items) }),
    ...(anyOf && { anyOf: anyOf.map(publish) }),
  };
}

function mapValues(properties: Readonly<Record<string, JsonSchema>>): PublishedSchema {
  return Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, publish(schema)]));
}
