import { FORMATS } from '../format/formats.ts';
import { formatDuration } from '../format/duration.ts';
import { formatSize } from '../format/size.ts';
import { type JsonSchema, marksOf } from '../schema/json-schema.ts';

/** The JSON types of a value, as far as they matter to us. */
export type JsonType = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

/** The JSON type of a value. */
export function jsonTypeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'object' || type === 'string' || type === 'number' || type === 'boolean' ? type : 'null';
}

/** The JSON types that a schema accepts. */
export function jsonTypesOf(schema: JsonSchema): ReadonlySet<JsonType> {
  if (schema.anyOf) return new Set(schema.anyOf.flatMap((branch) => [...jsonTypesOf(branch)]));
  if (schema.enum) return new Set(schema.enum.map(jsonTypeOf));
  if (schema.type === 'integer') return new Set<JsonType>(['number']);
  return new Set(schema.type === undefined ? [] : [schema.type]);
}

/** What a schema asks for, in words that complete "expected …". */
export function expectedOf(schema: JsonSchema): string {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(expectedOf))].join(', or ');
  if (schema.enum) return alternatives(schema.enum.map(String));
  const { format } = marksOf(schema);
  if (format !== undefined) return FORMATS[format].expected;
  if (schema.type === 'integer') return `a whole number${rangeOf(schema)}`;
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'array') return 'a list';
  if (schema.type === 'object') return 'a mapping';
  if (schema.type === 'number') return `a number${rangeOf(schema)}`;
  const { minLength = 0 } = schema;
  if (minLength > 1) return `text of at least ${minLength} characters`;
  return minLength === 0 ? 'text' : 'text that is not empty';
}

/** The bounds of a number, in its unit. */
export function rangeOf(schema: JsonSchema): string {
  const { minimum, maximum } = schema;
  if (minimum === undefined && maximum === undefined) return '';
  const unit = unitOf(schema);
  if (maximum === undefined) return ` of at least ${unit(minimum ?? 0)}`;
  if (minimum === undefined) return ` of at most ${unit(maximum)}`;
  return ` from ${unit(minimum)} to ${unit(maximum)}`;
}

function unitOf(schema: JsonSchema): (value: number) => string {
  const { format } = marksOf(schema);
  if (format === 'duration') return formatDuration;
  return format === 'size' ? formatSize : String;
}

function alternatives(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}
