import type { Json, JsonObject } from '../api/types.ts';

// The JSON Schema of the configuration, brought to what a form needs: `$ref` followed, references `${env:…}` noted and
// taken out of unions, units known. Nothing about a section of the configuration is known here.

/** What a value may look like. */
export type Shape = {
  readonly about: string;
  readonly fallback: Json | undefined;
  /** Whether it may be written as `${env:NAME}` or `${file:path}`. */
  readonly mayRefer: boolean;
  /** It has lines, and comes from a file as a rule. */
  readonly isFile?: boolean;
} & (
  | {
      readonly kind: 'object';
      readonly keys: ReadonlyMap<string, Shape>;
      readonly required: readonly string[];
      readonly entries: Shape | null;
    }
  | { readonly kind: 'list'; readonly items: Shape }
  | { readonly kind: 'union'; readonly branches: readonly Shape[] }
  | { readonly kind: 'choice'; readonly values: readonly (string | number | boolean)[] }
  | { readonly kind: 'unit'; readonly units: readonly string[] }
  | { readonly kind: 'number'; readonly minimum: number | null; readonly maximum: number | null }
  | { readonly kind: 'flag' | 'text' | 'secret' | 'anything' | 'refused' }
);

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly (string | number)[];
  readonly const?: string | number | boolean;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly writeOnly?: boolean;
  readonly contentMediaType?: string;
  readonly not?: object;
}

const TIME_UNITS = ['ms', 's', 'm', 'h', 'd'];
const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB'];
const REFERENCE = '#/$defs/reference';

/** Reads schemas of one document; each is read once. */
export function shapeReader(document: unknown): (schema: unknown) => Shape {
  const root = document as Schema;
  const known = new Map<unknown, Shape>();
  const read = (schema: Schema): Shape => {
    const found = known.get(schema) ?? shapeOf(schema);
    known.set(schema, found);
    return found;
  };
  const resolve = (schema: Schema): Schema => {
    const name = /^#\/\$defs\/(.+)$/.exec(schema.$ref ?? '')?.[1];
    const target = name === undefined ? undefined : root.$defs?.[name];
    return target === undefined ? schema : resolve({ ...target, ...withoutRef(schema) });
  };

  function shapeOf(given: Schema): Shape {
    const schema = resolve(given);
    const { description = '', default: fallback, anyOf } = schema;
    const isFile = schema.contentMediaType !== undefined;
    const about = { about: description, fallback, mayRefer: false, ...(isFile && { isFile }) };
    if (schema.not !== undefined) return { ...about, kind: 'refused' };
    if (anyOf === undefined) return { ...about, ...plainShape(schema) };
    const branches = anyOf.filter(({ $ref }) => $ref !== REFERENCE).map(read);
    const mayRefer = branches.length < anyOf.length;
    const built = flattened(branches).filter(({ kind }) => kind !== 'refused');
    const [only] = built;
    if (only !== undefined && built.length === 1)
      return {
        ...only,
        mayRefer: mayRefer || only.mayRefer,
        about: description || only.about,
        fallback: fallback ?? only.fallback,
      };
    if (only === undefined) return { ...about, kind: 'refused' };
    return { ...about, kind: 'union', branches: built, mayRefer };
  }

  function plainShape(schema: Schema): Kinds {
    if (schema.enum !== undefined) return { kind: 'choice', values: schema.enum };
    if (schema.const !== undefined) return { kind: 'choice', values: [schema.const] };
    switch (schema.type) {
      case 'object':
        return objectShape(schema);
      case 'array':
        return { kind: 'list', items: read(schema.items ?? {}) };
      case 'boolean':
        return { kind: 'flag' };
      case 'integer':
      case 'number':
        return { kind: 'number', minimum: schema.minimum ?? null, maximum: schema.maximum ?? null };
      case 'string':
        return textShape(schema);
      case undefined:
      default:
        return { kind: 'anything' };
    }
  }

  function objectShape({ properties = {}, required = [], additionalProperties }: Schema): Kinds {
    const keys = new Map(Object.entries(properties).map(([key, schema]) => [key, read(schema)]));
    const entries = typeof additionalProperties === 'object' ? read(additionalProperties) : null;
    if (keys.size === 0 && entries === null) return { kind: 'anything' };
    return { kind: 'object', keys, required, entries };
  }

  return (schema) => read(schema as Schema);
}

type Kinds = Shape extends infer S
  ? S extends Shape
    ? Omit<S, 'about' | 'fallback' | 'mayRefer' | 'isFile'>
    : never
  : never;

function withoutRef({ $ref: _ref, ...rest }: Schema): Schema {
  return rest;
}

function textShape({ pattern = '', writeOnly }: Schema): Kinds {
  if (writeOnly === true) return { kind: 'secret' };
  if (pattern.includes('(ms|s|m|h|d)')) return { kind: 'unit', units: TIME_UNITS };
  if (pattern.includes('KiB')) return { kind: 'unit', units: SIZE_UNITS };
  return { kind: 'text' };
}

/** A union in a union is one with more branches, and two of the same words are one. */
function flattened(branches: readonly Shape[]): readonly Shape[] {
  const flat = branches.flatMap((branch) =>
    branch.kind === 'union' ? flattened(branch.branches) : [branch],
  );
  return flat.filter(
    (shape, index) => index === flat.findIndex((other) => labelOf(other) === labelOf(shape)),
  );
}

/** How a branch of a union is called where one chooses. */
export function labelOf(shape: Shape): string {
  switch (shape.kind) {
    case 'choice':
      return shape.values.length === 1 ? String(shape.values[0]) : 'by name';
    case 'object':
      return shape.keys.size === 0
        ? 'map'
        : shape.required.length > 0
          ? shape.required.join(', ')
          : 'settings';
    case 'list':
      return 'list';
    case 'unit':
      return shape.units.includes('ms') ? 'time' : 'size';
    case 'flag':
      return 'yes or no';
    case 'union':
    case 'number':
    case 'text':
    case 'secret':
    case 'anything':
    case 'refused':
      return shape.kind;
    default:
      return shape satisfies never;
  }
}

/** The first branch that a value has the form of. */
export function branchOf(branches: readonly Shape[], value: Json | undefined): number {
  const scores = branches.map((branch) => fit(branch, value));
  const best = Math.max(...scores);
  return best <= 0 ? -1 : scores.indexOf(best);
}

/** How well a value has a form: 0 is not at all. */
function fit(shape: Shape, value: Json | undefined): number {
  switch (shape.kind) {
    case 'choice':
      return shape.values.includes(value as string)
        ? 3
        : typeof value === 'string' && value !== '' && isReference(value)
          ? 1
          : 0;
    case 'object':
      return isObject(value) ? 1 + keysIn(shape.keys, value) : 0;
    case 'list':
      return Array.isArray(value) ? 2 : 0;
    case 'number':
      return typeof value === 'number' ? 2 : 0;
    case 'flag':
      return typeof value === 'boolean' ? 2 : 0;
    case 'unit':
      return typeof value === 'string' ? (unitIn(value, shape.units) === null ? 1 : 2) : 0;
    case 'text':
    case 'secret':
      return typeof value === 'string' ? 1.5 : 0;
    case 'anything':
      return 0.5;
    case 'union':
      return Math.max(...shape.branches.map((branch) => fit(branch, value)));
    case 'refused':
      return 0;
    default:
      return shape satisfies never;
  }
}

/** Known keys speak for a shape, others against it. */
function keysIn(keys: ReadonlyMap<string, Shape>, value: JsonObject): number {
  const own = Object.keys(value);
  return own.length === 0 ? 0.5 : own.filter((key) => keys.has(key)).length / own.length;
}

/** What a value of this shape begins as. */
export function startOf(shape: Shape): Json {
  switch (shape.kind) {
    case 'object':
      return Object.fromEntries(
        shape.required.map((key) => [key, startOf(shape.keys.get(key) ?? EMPTY_TEXT)]),
      );
    case 'list':
      return [];
    case 'union':
      return startOf(shape.branches.find(({ kind }) => kind !== 'choice') ?? shape.branches[0] ?? EMPTY_TEXT);
    case 'choice':
      return shape.fallback ?? shape.values[0] ?? '';
    case 'flag':
      return shape.fallback === undefined ? true : shape.fallback !== true;
    case 'number':
      // Not the least: for many keys that is 0, which is nothing at all.
      return typeof shape.fallback === 'number'
        ? shape.fallback
        : Math.min(shape.maximum ?? 1, Math.max(shape.minimum ?? 1, 1));
    case 'unit':
      return typeof shape.fallback === 'string' ? shape.fallback : shape.units.includes('ms') ? '1s' : '1MiB';
    case 'anything':
      return {};
    case 'text':
    case 'secret':
    case 'refused':
      return typeof shape.fallback === 'string' ? shape.fallback : '';
    default:
      return shape satisfies never;
  }
}

const EMPTY_TEXT: Shape = { kind: 'text', about: '', fallback: undefined, mayRefer: false };

/** A number and its unit, if a text is that. */
export function unitIn(
  text: string,
  units: readonly string[],
): readonly [amount: string, unit: string] | null {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) ?? [];
  return amount !== undefined && units.includes(unit) ? [amount, unit] : null;
}

/** Whether a text takes its value from elsewhere. */
export function isReference(value: Json | undefined): boolean {
  return typeof value === 'string' && /\$\{(env|file):/.test(value);
}

/** Whether a value has keys. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same value with nothing where secrets are. What is kept (`***`) or taken from elsewhere (`${env:…}`) is no secret. */
export function withoutSecrets(shape: Shape, value: Json): Json {
  if (shape.kind === 'secret') return value === '***' || isReference(value) ? value : '';
  if (shape.kind === 'union')
    return shape.branches.reduce<Json>((left, branch) => withoutSecrets(branch, left), value);
  if (shape.kind === 'list' && Array.isArray(value))
    return (value as readonly Json[]).map((item) => withoutSecrets(shape.items, item));
  if (shape.kind !== 'object' || !isObject(value)) return value;
  const { keys, entries } = shape;
  const kept = Object.entries(value).map(([key, one]) => {
    const own = keys.get(key) ?? entries;
    return [key, own === null ? one : withoutSecrets(own, one)] as const;
  });
  return Object.fromEntries(kept);
}
