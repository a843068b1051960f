import type { FormatName } from '../format/formats.ts';

/** What we add to a schema for ourselves; stripped before it is published. */
export interface Marks {
  /** The notation of a text. */
  readonly format?: FormatName;
  /** Any value, which is kept as it is. */
  readonly isAnything?: true;
  /** What an entry of a map is called, for messages. */
  readonly entry?: string;
}

/** The property that holds our marks. */
export const MARKS = 'x-turnpike';

/** The part of JSON Schema 2020-12 that our schemas use, as the walker and the reference page read it. */
export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  /** `true`: anything, which is kept as it is. */
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly maxProperties?: number;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** A secret: the value is never shown. */
  readonly writeOnly?: boolean;
  readonly [MARKS]?: Marks;
}

/** Our marks on a schema. */
export function marksOf(schema: JsonSchema): Marks {
  return schema[MARKS] ?? {};
}

/** Whether a value may be a secret, or a list may hold some. */
export function holdsSecret({ writeOnly, anyOf = [], items }: JsonSchema): boolean {
  return writeOnly === true || anyOf.some(holdsSecret) || (items !== undefined && holdsSecret(items));
}
