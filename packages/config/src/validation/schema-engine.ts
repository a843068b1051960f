import { _, Ajv2020, Name, type ErrorObject, type KeywordCxt, type ValidateFunction } from 'ajv/dist/2020.js';
import { linearRegExp } from '../pattern/linear-regexp.ts';
import { FORMATS } from './formats.ts';
import { BOUND } from './bound-loops.ts';
import { Effort } from './effort.ts';
import { MAX_FAULTS, type Check, type Fault } from './fault.ts';
import type { JsonObject } from './json.ts';
import { below } from './json-pointer.ts';
import { areUnique, isMultipleOf } from './keywords.ts';
import type { Refused } from './openapi/refused-properties.ts';

// The only file that knows the library behind JSON Schema: what it is asked for, and where it has to be corrected.

/** How many alternatives may fail to fit, before a value is refused as too complex. */
const MAX_ATTEMPTS = 10_000;

/**
 * Schemas of JSON Schema 2020-12 that refer to each other, compiled when they are first asked about.
 *
 * Compiled twice: to say yes or no, which ends at the first fault; and, for what got a no, to find more of them. No more than
 * a few are collected, because a small body can have a million.
 */
export class SchemaEngine {
  readonly #quick: Ajv2020;
  readonly #refused: Refused | null;
  readonly #schemas: ReadonlyMap<string, unknown>;
  #thorough: Ajv2020 | null = null;

  /** `schemas` have bound loops, or are documents of such schemas. What is marked as `refused` must not be there. */
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
    code: { regExp: REG_EXP },
  });
  // Keeping book of what was evaluated is for these keywords only, and keeps loops from ending at the first fault.
  library.opts.unevaluated = [...schemas.values()].some((schema) => UNEVALUATED.test(JSON.stringify(schema)));
  correct(library);
  if (refused !== null) refuse(library, refused);
  addBound(library, allErrors ? MAX_FAULTS : MAX_ATTEMPTS);
  for (const [address, schema] of schemas) library.addSchema(schema as JsonObject, address);
  return library;
}

const REG_EXP = Object.assign((pattern: string) => linearRegExp(pattern), { code: 'linearRegExp' });
const UNEVALUATED = /"unevaluated(?:Items|Properties)"/;

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
  /** Null: none was found by then. */
  readonly faults: readonly ErrorObject[] | null;

  constructor(faults: readonly ErrorObject[] | null) {
    super('more faults than are collected');
    this.faults = faults;
  }
}

function overflow(faults: readonly ErrorObject[] | null): Overflow {
  return new Overflow(faults);
}

/** Checks are synchronous, so one will do. */
const EFFORT = new Effort();

const ERROR_COUNT = new Name('errors');
const ERRORS = new Name('vErrors');

function addBound(library: Ajv2020, limit: number): void {
  library.addKeyword({
    keyword: BOUND,
    before: '$ref',
    schemaType: 'boolean',
    code: ({ gen }) => {
      const make = gen.scopeValue('func', { ref: overflow });
      const effort = gen.scopeValue('obj', { ref: EFFORT });
      const isEnough = _`${ERROR_COUNT} >= ${limit} || ${effort}.isTooMuch()`;
      gen.if(isEnough, () => gen.throw(_`${make}(${ERRORS})`));
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
  EFFORT.begin(value);
  try {
    return check(value);
  } catch (error) {
    if (error instanceof Overflow) return false;
    throw error;
  }
}

function collected(check: ValidateFunction, value: unknown): readonly Fault[] {
  let errors: readonly ErrorObject[];
  EFFORT.begin(value);
  try {
    check(value);
    errors = check.errors ?? [];
  } catch (error) {
    if (!(error instanceof Overflow)) throw error;
    errors = error.faults ?? [];
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
