import { type Static, type TSchema, type TUnsafe, Type } from 'typebox';
import { FORMATS, type FormatName, type FormatValue } from '../format/formats.ts';
import { type JsonSchema, MARKS, type Marks } from './json-schema.ts';

// The vocabulary in which our schemas are written: JSON Schema by typebox, with two static types each, what
// people write and what it is resolved to. Nothing else imports typebox.

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

/** Free text. */
export function text(description: string): Schema<string, string> {
  return Type.String({ description }) as unknown as Schema<string, string>;
}

/** Text that must not be empty. */
export function word(description: string): Schema<string, string> {
  return Type.String({ description, minLength: 1 }) as unknown as Schema<string, string>;
}

/** Text that nobody may see: no message and no view shows it. `writeOnly` tells forms and other tools as well. */
export function secret(description: string, minLength = 1): Schema<string, string> {
  const options = { description, minLength, writeOnly: true };
  return Type.String(options) as unknown as Schema<string, string>;
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
  const options = { description, ...(pattern === undefined ? {} : { pattern }), ...range };
  return mark(Type.String(options), { format }) as unknown as Schema<string, FormatValue<N>>;
}

/** A length of time of at least a millisecond and at most 24 days, the most that a timer of Node.js can do. */
export function duration(description: string): Schema<string, number> {
  return notation('duration', description, { minimum: 1, maximum: 24 * 86_400_000 });
}

/** A whole number. */
export function integer(description: string, minimum: number, maximum: number): Schema<number, number> {
  return Type.Integer({ description, minimum, maximum }) as unknown as Schema<number, number>;
}

/** A number. */
export function number(description: string, minimum: number, maximum: number): Schema<number, number> {
  return Type.Number({ description, minimum, maximum }) as unknown as Schema<number, number>;
}

/** An object that means something to others, such as a JSON Schema, and that we keep as it is. */
export function foreign(description: string): Schema<JsonObject, JsonObject> {
  const schema = Type.Unsafe({ type: 'object', description, additionalProperties: true });
  return schema as unknown as Schema<JsonObject, JsonObject>;
}

/** Any value of JSON, which is kept as it is. */
export function anything(description: string): Schema<unknown, unknown> {
  return mark(Type.Unknown({ description }), { isAnything: true }) as unknown as Schema<unknown, unknown>;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Text, a number, or true or false. */
export function scalar<R extends string = string>(
  description: string,
  texts: Schema<string, R>,
): Schema<string | number | boolean, R | number | boolean> {
  const anyOf = [texts, { type: 'number' }, { type: 'boolean' }];
  return Type.Unsafe({ description, anyOf }) as unknown as Schema<string | number | boolean, R>;
}

/** True or false. */
export function flag(description: string): Schema<boolean, boolean> {
  return Type.Boolean({ description }) as unknown as Schema<boolean, boolean>;
}

/** One of several words or numbers. */
export function choice<const V extends string | number>(
  description: string,
  values: readonly V[],
): Schema<V, V> {
  return Type.Enum([...values], { description }) as unknown as Schema<V, V>;
}

/** A list. */
export function list<W, R>(description: string, items: Schema<W, R>): Schema<readonly W[], readonly R[]> {
  return Type.Array(items, { description }) as unknown as Schema<readonly W[], readonly R[]>;
}

/** Entries that users name. Resolves to a `Map`, so that no name has a special meaning. */
export function map<W, R>(
  names: { readonly description: string; readonly entry: string; readonly pattern: string },
  values: Schema<W, R>,
): Schema<Readonly<Record<string, W>>, ReadonlyMap<string, R>> {
  const { description, entry, pattern } = names;
  const propertyNames = { type: 'string', pattern };
  const schema = Type.Unsafe({ type: 'object', description, propertyNames, additionalProperties: values });
  return mark(schema, { entry }) as Schema<Readonly<Record<string, W>>, ReadonlyMap<string, R>>;
}

/** An object with known keys; every other key is an error. */
export function section<P extends Properties>(
  description: string,
  properties: P,
): Schema<WrittenObject<P>, ResolvedObject<P>> {
  const schema = Type.Object(properties, { description, additionalProperties: false });
  const required = Object.keys(properties).filter((key) => !(OMISSIBLE in (properties[key] ?? {})));
  return { ...schema, required } as unknown as Schema<WrittenObject<P>, ResolvedObject<P>>;
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
  return Type.Union([first, second], { description }) as unknown as Schema<
    Static<A> | Static<B>,
    Resolved<A> | Resolved<B>
  >;
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

function mark<S extends TSchema>(schema: S, marks: Marks): S {
  return { ...schema, [MARKS]: { ...asJsonSchema(schema)[MARKS], ...marks } };
}
