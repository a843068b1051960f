import type { Static, TSchema, TUnsafe } from 'typebox';
import { FORMATS, type FormatName, type FormatValue } from '../format/formats.ts';
import { type JsonSchema, MARKS, type Marks } from './json-schema.ts';

// The vocabulary in which our schemas are written: plain JSON Schema, with two static types each, what people write and
// what it is resolved to. Only the types are of typebox: its four hundred modules would be a quarter of each start.
// Nothing else imports it.

/** A schema that knows the type as written and the type as resolved. The second is a phantom. */
export type Schema<W, R> = TUnsafe<W> & { readonly '~resolved'?: R };

/** A property that may be left out. */
export type Omissible<W, R> = Schema<W, R> & { readonly '~omissible': true };

/** The type of what people write. */
export type Written<S extends TSchema> = Static<S>;

/** The type of what the walker gives. */
export type Resolved<S> = S extends { readonly '~resolved'?: infer R } ? Exclude<R, undefined> : never;

type Properties = Readonly<Record<string, Schema<unknown, unknown>>>;
type OmissibleKeys<P> = { [K in keyof P]: P[K] extends { '~omissible': true } ? K : never }[keyof P];
type WrittenObject<P extends Properties> = {
  readonly [K in Exclude<keyof P, OmissibleKeys<P>>]: Static<P[K]>;
} & { readonly [K in OmissibleKeys<P>]?: Static<P[K]> };
type ResolvedObject<P extends Properties> = { readonly [K in keyof P]: Resolved<P[K]> };

/** The same schema, read as plain JSON Schema. */
export function asJsonSchema(schema: TSchema): JsonSchema {
  return schema;
}

/** A JSON Schema, and what it means. */
function typed<W, R>(schema: JsonSchema): Schema<W, R> {
  return schema as unknown as Schema<W, R>;
}

/** Free text. */
export function text(description: string): Schema<string, string> {
  return typed({ type: 'string', description });
}

/** Text that must not be empty. */
export function word(description: string): Schema<string, string> {
  return typed({ type: 'string', description, minLength: 1 });
}

/** Text that nobody may see: no message and no view shows it. `writeOnly` tells forms and other tools as well. */
export function secret(description: string, minLength = 1): Schema<string, string> {
  return typed({ type: 'string', description, minLength, writeOnly: true });
}

/** Text in one of our notations that nobody may see. */
export function secretNotation<N extends FormatName>(
  format: N,
  description: string,
): Schema<string, FormatValue<N>> {
  return { ...notation(format, description), writeOnly: true } as Schema<string, FormatValue<N>>;
}

/** Text in one of our notations, which resolves to what the notation means. */
export function notation<N extends FormatName>(
  format: N,
  description: string,
  range: { readonly minimum?: number; readonly maximum?: number } = {},
): Schema<string, FormatValue<N>> {
  const { pattern } = FORMATS[format] as { readonly pattern?: string };
  return marked(
    { type: 'string', description, ...(pattern === undefined ? {} : { pattern }), ...range },
    { format },
  );
}

/** A length of time of at least a millisecond and at most 24 days, the most that a timer of Node.js can do. */
export function duration(description: string): Schema<string, number> {
  return notation('duration', description, { minimum: 1, maximum: 24 * 86_400_000 });
}

/** A whole number. */
export function integer(description: string, minimum: number, maximum: number): Schema<number, number> {
  return typed({ type: 'integer', description, minimum, maximum });
}

/** A number. */
export function number(description: string, minimum: number, maximum: number): Schema<number, number> {
  return typed({ type: 'number', description, minimum, maximum });
}

/** An object that means something to others, such as a JSON Schema, and that we keep as it is. */
export function foreign(description: string): Schema<JsonObject, JsonObject> {
  return typed({ type: 'object', description, additionalProperties: true });
}

/** Any value of JSON, which is kept as it is. */
export function anything(description: string): Schema<unknown, unknown> {
  return marked({ description }, { isAnything: true });
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Text, a number, or true or false. */
export function scalar<R extends string = string>(
  description: string,
  texts: Schema<string, R>,
): Schema<string | number | boolean, R | number | boolean> {
  const anyOf: JsonSchema[] = [asJsonSchema(texts), { type: 'number' }, { type: 'boolean' }];
  return typed({ description, anyOf });
}

/** True or false. */
export function flag(description: string): Schema<boolean, boolean> {
  return typed({ type: 'boolean', description });
}

/** One of several words or numbers. */
export function choice<const V extends string | number>(
  description: string,
  values: readonly V[],
): Schema<V, V> {
  return typed({ enum: [...values], description });
}

/** A list. */
export function list<W, R>(description: string, items: Schema<W, R>): Schema<readonly W[], readonly R[]> {
  return typed({ type: 'array', items: asJsonSchema(items), description });
}

/** Entries that users name. Resolves to a `Map`, so that no name has a special meaning. */
export function map<W, R>(
  names: { readonly description: string; readonly entry: string; readonly pattern: string },
  values: Schema<W, R>,
): Schema<Readonly<Record<string, W>>, ReadonlyMap<string, R>> {
  const { description, entry, pattern } = names;
  const propertyNames: JsonSchema = { type: 'string', pattern };
  const additionalProperties = asJsonSchema(values);
  return marked({ type: 'object', description, propertyNames, additionalProperties }, { entry });
}

/** An object with known keys; every other key is an error. */
export function section<P extends Properties>(
  description: string,
  properties: P,
): Schema<WrittenObject<P>, ResolvedObject<P>> {
  const required = Object.keys(properties).filter((key) => !(OMISSIBLE in (properties[key] ?? {})));
  const known = properties as Readonly<Record<string, JsonSchema>>;
  return typed({ type: 'object', required, properties: known, description, additionalProperties: false });
}

/** Known keys, and beside them entries that users name, which resolve to the `Map` in `entries`. */
export function openSection<P extends Properties, W, R>(
  names: { readonly description: string; readonly entry: string; readonly pattern: string },
  properties: P,
  values: Schema<W, R>,
): Schema<WrittenObject<P> | Readonly<Record<string, W>>, ResolvedObject<P> & Entries<R>> {
  const { properties: known, required } = asJsonSchema(section(names.description, properties));
  return { ...map(names, values), properties: known, required } as unknown as Schema<
    WrittenObject<P> | Readonly<Record<string, W>>,
    ResolvedObject<P> & Entries<R>
  >;
}

export interface Entries<R> {
  readonly entries: ReadonlyMap<string, R>;
}

/** One of several shapes, which must differ in their JSON type or in their keys. */
export function either<A extends Schema<unknown, unknown>, B extends Schema<unknown, unknown>>(
  description: string,
  first: A,
  second: B,
): Schema<Static<A> | Static<B>, Resolved<A> | Resolved<B>> {
  return typed({ anyOf: [asJsonSchema(first), asJsonSchema(second)], description });
}

/** The same, or `off`. */
export function offable<W, R>(schema: Schema<W, R>): Schema<W | 'off', R | 'off'> {
  const description = asJsonSchema(schema).description ?? '';
  return either(description, choice('Removes it.', ['off']), schema);
}

/** May be left out, and then has this value (as written). */
export function orElse<W, R>(schema: Schema<W, R>, value: W): Omissible<W, R> {
  return { ...schema, default: value, [OMISSIBLE]: true } as Omissible<W, R>;
}

/** May be left out, and then is `null`. */
export function optional<W, R>(schema: Schema<W, R>): Omissible<W, R | null> {
  return { ...schema, [OMISSIBLE]: true };
}

const OMISSIBLE = '~omissible';

function marked<W, R>(schema: JsonSchema, marks: Marks): Schema<W, R> {
  return typed({ ...schema, [MARKS]: { ...schema[MARKS], ...marks } });
}
