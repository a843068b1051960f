import { valueAt } from '../domain/json.ts';
import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/schema';

// The vocabulary of the schemas of the admin API: JSON Schema by typebox, one source for types, checks and the OpenAPI
// document. Nothing else of this package imports typebox.

export type { Static, TSchema };

/** One thing that is wrong with what a caller sent. */
export interface Fault {
  readonly message: string;
  /** JSON Pointer into the body; for parameters of the query or the path, their name. */
  readonly pointer: string;
}

/** Free text. */
export function text(description: string, maxLength = 1_000) {
  return Type.String({ description, maxLength });
}

/** Text of one form. `example` stands in the document. */
export function textLike(description: string, pattern: string, example: string) {
  return Type.String({ description, pattern, examples: [example] });
}

/** A whole number. */
export function integer(description: string, minimum = 0, maximum = Number.MAX_SAFE_INTEGER) {
  return Type.Integer({ description, minimum, maximum });
}

/** A number. */
export function number(description: string) {
  return Type.Number({ description });
}

/** True or false. */
export function flag(description: string) {
  return Type.Boolean({ description });
}

/** One of several words. */
export function choice<const V extends string>(description: string, values: readonly V[]) {
  return Type.Unsafe<V>({ type: 'string', enum: [...values], description });
}

/** A list of at most so many. */
export function list<S extends TSchema>(description: string, items: S, maxItems = 1_000) {
  return Type.Array(items, { description, maxItems });
}

/** An object with known members; every other one is a fault. */
export function shape<P extends Readonly<Record<string, TSchema>>>(description: string, members: P) {
  return Type.Object(members, { description, additionalProperties: false });
}

/** May be left out. */
export function optional<S extends TSchema>(schema: S) {
  return Type.Optional(schema);
}

/** Or null. `meaning` says when. */
export function nullable<S extends TSchema>(schema: S, meaning: string) {
  return Type.Union([schema, Type.Null()], { description: meaning });
}

/** One of two shapes. */
export function either<A extends TSchema, B extends TSchema>(description: string, one: A, other: B) {
  return Type.Unsafe<Static<A> | Static<B>>(Type.Union([one, other], { description }));
}

/** Members that callers name. */
export function map<S extends TSchema>(description: string, values: S, most = 100_000) {
  return Type.Unsafe<Readonly<Record<string, Static<S>>>>({
    type: 'object',
    description,
    additionalProperties: values,
    maxProperties: most,
  });
}

/** An object whose members somebody else says, such as a configuration. */
export function foreign(description: string) {
  return Type.Unsafe<Readonly<Record<string, unknown>>>({
    type: 'object',
    description,
    additionalProperties: true,
  });
}

/** Anything in JSON. */
export function anything(description: string) {
  return Type.Unsafe<unknown>({ description });
}

/** The same with an example for people. */
export function withExample<S extends TSchema>(schema: S, example: unknown): S {
  return { ...schema, examples: [example] };
}

/** The same with a name, under which the document has it once. */
export function named<S extends TSchema>(name: string, schema: S): S {
  return { ...schema, title: name };
}

/** The schemas of the members of an object. */
export function membersOf(schema: TSchema): Readonly<Record<string, TSchema>> {
  return 'properties' in schema ? (schema.properties as Record<string, TSchema>) : {};
}

/** Whether an object must have a member. */
export function isRequired(schema: TSchema, member: string): boolean {
  return 'required' in schema && (schema.required as readonly string[]).includes(member);
}

/** Without what is private to typebox. */
export function plain(schema: TSchema): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema));
}

/** Makes a check that gives what is wrong; nothing, if nothing is. Names at most eight faults. */
export function checker(schema: TSchema): (value: unknown) => readonly Fault[] {
  const validator = Compile(schema);
  const faultsIn = (error: SchemaError): readonly Fault[] =>
    error.keyword === 'pattern' ? [formFault(error, schema)] : faultsOf(error);
  return (value) => (validator.Check(value) ? [] : firstOfEach(validator.Errors(value)[1].flatMap(faultsIn)));
}

/** One fault for each place: an unknown member is told twice, once as a member that should not be and once as a value. */
function firstOfEach(faults: readonly Fault[]): readonly Fault[] {
  const places = new Map<string, Fault>();
  for (const fault of faults) if (!places.has(fault.pointer)) places.set(fault.pointer, fault);
  return [...places.values()];
}

type SchemaError = ReturnType<ReturnType<typeof Compile>['Errors']>[1][number];

/** Text of another form than it should have: an example says more to people than a pattern. */
function formFault({ schemaPath, instancePath, message }: SchemaError, schema: TSchema): Fault {
  const [, ...path] = schemaPath.split('/');
  const example = valueAt(schema, [...path, 'examples', '0']);
  return {
    message: typeof example === 'string' ? `must be like ${example}` : message,
    pointer: instancePath,
  };
}

function faultsOf({ keyword, instancePath, params, message }: SchemaError): Fault[] {
  // Names the members themselves instead of the object that has them or lacks them.
  const members =
    keyword === 'additionalProperties'
      ? (params as { additionalProperties: readonly string[] }).additionalProperties
      : keyword === 'required'
        ? (params as { requiredProperties: readonly string[] }).requiredProperties
        : [];
  const said = keyword === 'required' ? 'is needed' : 'is not known here';
  // The schema of a member that should not be is `false`.
  if (members.length === 0)
    return [{ message: keyword === 'boolean' ? said : message, pointer: instancePath }];
  return members
    .slice(0, MOST_NAMED)
    .map((name) => ({ message: said, pointer: `${instancePath}/${escaped(name)}` }));
}

const MOST_NAMED = 8;

/** RFC 6901 §3; short, because the name is the caller's. */
function escaped(name: string): string {
  return name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
}
