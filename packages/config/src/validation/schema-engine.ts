import { _, Ajv2020, Name, type ErrorObject, type KeywordCxt, type ValidateFunction } from 'ajv/dist/2020.js';
import { linearRegExp } from '../pattern/linear-regexp.ts';
import { FORMATS } from './formats.ts';
import { isObject, type JsonObject } from './json.ts';
import { below } from './json-pointer.ts';
import { areUnique, isMultipleOf } from './keywords.ts';
import type { Refused } from './openapi/refused-properties.ts';

// The only file that knows the library behind JSON Schema: what it is asked for, and where it has to be corrected.

/** Something that a value has and a schema does not allow, or the other way round. Never holds a value. */
export interface Fault {
  /** Of JSON Schema. */
  readonly keyword: string;
  /** JSON Pointer into the value. */
  readonly pointer: string;
  /** Completes "The value …". */
  readonly message: string;
}

/** Says what is wrong with a value; an empty list: nothing. Takes time linear to the value for most schemas. */
export type Check = (value: unknown) => readonly Fault[];

/** How many faults of one value are told, give or take those that one of its items has. */
export const MAX_FAULTS = 50;
/** How many alternatives may fail to fit, before a value is refused as too complex. */
const MAX_ATTEMPTS = 10_000;

const BOUND = 'x-turnpike-bound';

/**
 * Schemas of JSON Schema 2020-12 that refer to each other, compiled when they are first asked about.
 *
 * Compiled twice: to say yes or no, which stops at the first fault; and, for what got a no, to find more of them. Faults are
 * collected up to a bound, because a small body can have a million.
 */
export class SchemaEngine {
  readonly #quick: Ajv2020;
  readonly #refused: Refused | null;
  readonly #schemas: ReadonlyMap<string, unknown>;
  #thorough: Ajv2020 | null = null;

  /** `schemas` have gone through `withBoundLoops`, or documents of such schemas; a property marked as `refused` must not be there. */
  constructor(schemas: ReadonlyMap<string, unknown>, refused: Refused | null) {
    this.#schemas = schemas;
    this.#refused = refused;
    this.#quick = openLibrary(schemas, { refused, allErrors: false });
  }

  /** The check by the schema at an address. Throws if there is none, or if it makes no sense. */
  check(address: string): Check {
    const fits = compiled(this.#quick, address);
    let collect: ValidateFunction | null = null;
    return (value) => {
      if (isFitting(fits, value)) return NO_FAULTS;
      collect ??= compiled(this.#openThorough(), address);
      return collected(collect, value);
    };
  }

  #openThorough(): Ajv2020 {
    return (this.#thorough ??= openLibrary(this.#schemas, { refused: this.#refused, allErrors: true }));
  }
}

const NO_FAULTS: readonly Fault[] = [];

/** What is wrong with a schema itself; an empty list: nothing that can be seen without what it refers to. */
export const checkSchema: Check = (schema) => {
  metaSchema ??= compiled(new Ajv2020({ strict: false, logger: false, allErrors: true }), META_SCHEMA);
  return isFitting(metaSchema, schema) ? NO_FAULTS : (metaSchema.errors ?? []).map(faultOf);
};

const META_SCHEMA = 'https://json-schema.org/draft/2020-12/schema';
let metaSchema: ValidateFunction | null = null;

/** A schema that is prepared for a bounded collection of faults: wherever values decide how often something is done, it is counted. */
export function withBoundLoops(schema: JsonObject): JsonObject {
  const bound: Record<string, unknown> = { ...schema };
  for (const name of LOOPS) if (name in schema) bound[name] = boundLoop(schema[name]);
  const { patternProperties } = schema;
  if (isObject(patternProperties)) {
    const entries = Object.entries(patternProperties).map(
      ([name, value]) => [name, boundLoop(value)] as const,
    );
    bound['patternProperties'] = Object.fromEntries(entries);
  }
  return bound;
}

const LOOPS = ['additionalProperties', 'items', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties'];

function boundLoop(schema: unknown): unknown {
  return isObject(schema) && Object.keys(schema).length > 0 ? { ...schema, [BOUND]: true } : schema;
}

interface LibraryPlan {
  readonly refused: Refused | null;
  readonly allErrors: boolean;
}

function openLibrary(schemas: ReadonlyMap<string, unknown>, { refused, allErrors }: LibraryPlan): Ajv2020 {
  const library = new Ajv2020({
    strict: false,
    allErrors,
    // What is too large for a double has become infinite.
    strictNumbers: true,
    logger: false,
    // The schemas are checked when the configuration is loaded.
    validateSchema: false,
    // A name such as `constructor` is only there if the value has it itself.
    ownProperties: true,
    formats: { ...FORMATS },
    code: { regExp: Object.assign(linearRegExp, { code: 'linearRegExp' }) },
  });
  correct(library);
  if (refused !== null) refuse(library, refused);
  addBound(library, allErrors ? MAX_FAULTS : MAX_ATTEMPTS);
  for (const [address, schema] of schemas) library.addSchema(schema as JsonObject, address);
  return library;
}

/** Where the library counts too coarsely, or takes quadratic time. */
function correct(library: Ajv2020): void {
  library
    .removeKeyword('uniqueItems')
    .addKeyword({
      keyword: 'uniqueItems',
      type: 'array',
      schemaType: 'boolean',
      validate: (isOn: boolean, items: readonly unknown[]) => !isOn || areUnique(items),
      error: { message: 'must not have the same item twice' },
    })
    .removeKeyword('multipleOf')
    .addKeyword({
      keyword: 'multipleOf',
      type: 'number',
      schemaType: 'number',
      validate: (divisor: number, value: number) => isMultipleOf(value, divisor),
      error: { message: ({ schema }) => _`"must be a multiple of " + ${schema}` },
    })
    .removeKeyword('contains')
    .addKeyword({
      keyword: 'contains',
      type: 'array',
      schemaType: ['object', 'boolean'],
      trackErrors: true,
      code: containsCode,
      error: { message: 'must contain items of a kind, neither too few nor too many' },
    });
}

/** The library remembers why each item is not the one that it looks for. */
function containsCode(cxt: KeywordCxt): void {
  const { gen, data, it } = cxt;
  const { minContains = 1, maxContains = Infinity } = cxt.parentSchema as Readonly<Record<string, number>>;
  it.items = true;
  const count = gen.let('count', 0);
  const fits = gen.name('fits');
  gen.forRange('i', 0, _`${data}.length`, (i) => {
    const item = { keyword: 'contains', dataProp: i, dataPropType: 0, compositeRule: true } as const;
    cxt.subschema({ ...item, createErrors: false, allErrors: false }, fits);
    gen.if(
      fits,
      () => gen.code(_`${count}++`),
      () => cxt.reset(),
    );
  });
  cxt.pass(_`${count} >= ${minContains} && ${count} <= ${maxContains}`);
}

/** The keyword alone is an annotation. */
function refuse(library: Ajv2020, refused: Refused): void {
  library.removeKeyword(refused).addKeyword({
    keyword: refused,
    schemaType: 'boolean',
    validate: (isOn: boolean) => !isOn,
    error: { message: refused === 'readOnly' ? 'is read only' : 'is write only' },
  });
}

/** What a check throws that has found enough. */
class Overflow extends Error {
  readonly faults: readonly ErrorObject[];

  constructor(faults: readonly ErrorObject[]) {
    super('more faults than are collected');
    this.faults = faults;
  }
}

function overflow(faults: readonly ErrorObject[]): Overflow {
  return new Overflow(faults);
}

const ERROR_COUNT = new Name('errors');
const ERRORS = new Name('vErrors');

function addBound(library: Ajv2020, limit: number): void {
  library.addKeyword({
    keyword: BOUND,
    schemaType: 'boolean',
    code: ({ gen }) => {
      const make = gen.scopeValue('func', { ref: overflow });
      gen.if(_`${ERROR_COUNT} >= ${limit}`, () => gen.throw(_`${make}(${ERRORS})`));
    },
  });
}

function compiled(library: Ajv2020, address: string): ValidateFunction {
  const check = library.getSchema(address);
  if (check === undefined) throw new Error(`There is no schema at ${address}`);
  if ('$async' in check) throw new Error(`The schema at ${address} is asynchronous`);
  return check;
}

function isFitting(check: ValidateFunction, value: unknown): boolean {
  try {
    return check(value);
  } catch (error) {
    if (error instanceof Overflow) return false;
    throw error;
  }
}

function collected(check: ValidateFunction, value: unknown): readonly Fault[] {
  let errors: readonly ErrorObject[];
  try {
    check(value);
    errors = check.errors ?? [];
  } catch (error) {
    if (!(error instanceof Overflow)) throw error;
    errors = error.faults;
  }
  // That a condition led to a fault is no fault by itself.
  const faults = errors.filter(({ keyword }) => keyword !== 'if').map(faultOf);
  return faults.length === 0 ? [TOO_COMPLEX] : faults;
}

const TOO_COMPLEX: Fault = { keyword: 'anyOf', pointer: '', message: 'has too many alternatives' };

function faultOf({ keyword, instancePath, params, message = '' }: ErrorObject): Fault {
  const property: unknown = params['additionalProperty'] ?? params['unevaluatedProperty'];
  if (typeof property === 'string')
    return { keyword, pointer: below(instancePath, property), message: NOT_THERE };
  if (keyword === 'false schema') return { keyword: 'false', pointer: instancePath, message: NOT_THERE };
  return { keyword, pointer: instancePath, message: message.replace('NOT', 'not').replaceAll(',', ', ') };
}

const NOT_THERE = 'must not be there';
