import {
  celEnv,
  celFunc,
  celList,
  celMap,
  celMethod,
  CelScalar,
  isCelError,
  isCelUint,
  listType,
  objectType,
  parse,
  plan,
  type CelFunc,
  type CelInput,
  type CelList,
  type CelUint,
} from '@bufbuild/cel';
import type { Matcher } from './pattern/linear-regexp.ts';

// The only file that knows the library behind the expressions (CEL, cel.dev): what it reads, what it calls values, and
// where it has to be corrected.

/** A part of an expression. Macros such as `exists` have become comprehensions. */
export type Node = NonNullable<ReturnType<typeof parse>['expr']>;

/** An expression that could be read. */
export interface Syntax {
  readonly root: Node;
  /** Where a part of it was written, in characters from the start. */
  offsetOf(node: Node): number;
}

/** Reads an expression; the place where it makes no sense any more if it cannot be read, or null: it is nested too deep. */
export function readSyntax(text: string): Syntax | { readonly brokenAt: number | null } {
  try {
    const { expr, sourceInfo } = parse(text);
    if (expr === undefined) return { brokenAt: 0 };
    return { root: expr, offsetOf: ({ id }) => sourceInfo?.positions[String(id)] ?? 0 };
  } catch (error) {
    return { brokenAt: offsetOf(error) };
  }
}

/** The parser tells the place in `location`; running out of stack has none. */
function offsetOf(error: unknown): number | null {
  if (error instanceof RangeError) return null;
  const { location } = error as { location?: { start?: { offset?: number } } };
  return location?.start?.offset ?? 0;
}

export { compilePattern, type Matcher } from './pattern/linear-regexp.ts';

const TIMESTAMP = objectType('google.protobuf.Timestamp');
const LIST = listType(CelScalar.DYN);
const { BOOL, INT, STRING } = CelScalar;

/** What the library does otherwise than the language definition says, or at a price that is too high. */
const CORRECTIONS: CelFunc[] = [
  // It makes a list of the two lists, so that going through what `filter` has gathered takes quadratic time.
  celFunc('_+_', [LIST, LIST], LIST, concatenation),
  // It counts milliseconds; seconds are what claims such as `auth_time` hold.
  celFunc('timestamp', [INT], TIMESTAMP, (seconds) => pointInTime(seconds, 0)),
  // It goes through the local time zone of the machine, whose summer time moves hours and days.
  utcMethod('getFullYear', (date) => date.getUTCFullYear()),
  utcMethod('getMonth', (date) => date.getUTCMonth()),
  utcMethod('getDate', (date) => date.getUTCDate()),
  utcMethod('getDayOfMonth', (date) => date.getUTCDate() - 1),
  utcMethod('getDayOfWeek', (date) => date.getUTCDay()),
  utcMethod('getDayOfYear', (date) => dayOfYear(date)),
  utcMethod('getHours', (date) => date.getUTCHours()),
  utcMethod('getMinutes', (date) => date.getUTCMinutes()),
  utcMethod('getSeconds', (date) => date.getUTCSeconds()),
  utcMethod('getMilliseconds', (date) => date.getUTCMilliseconds()),
];

/** What is behind the lists that `concatenation` made. */
const GATHERED = new WeakMap<CelList, readonly Value[]>();

function concatenation(left: CelList, right: CelList): CelList {
  const items = itemsOf(left).concat(itemsOf(right));
  const list = celList(items);
  GATHERED.set(list, items);
  return list;
}

function itemsOf(list: CelList): readonly Value[] {
  return GATHERED.get(list) ?? [...list];
}

function utcMethod(name: string, part: (date: Date) => number): CelFunc {
  return celMethod(name, TIMESTAMP, [], INT, function () {
    const { seconds, nanos } = this.desc.field;
    const value = seconds === undefined ? 0 : Number(this.get(seconds));
    const fraction = nanos === undefined ? 0 : Number(this.get(nanos));
    return BigInt(part(new Date(value * 1000 + Math.floor(fraction / 1e6))));
  });
}

const DAY_MS = 86_400_000;

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS);
}

const COMMON = celEnv({ funcs: CORRECTIONS });

/** The results that expressions are asked for; everything that is not one of them counts as nothing. */
export type Scalar = boolean | number | string;

/** One way to call a function. */
export interface Overload {
  readonly isMethod: boolean;
  readonly arguments: number;
  /** `typeof` of what it gives, if that is a scalar; any of them if it depends. */
  readonly gives: readonly string[];
}

const GIVES: ReadonlyMap<unknown, readonly string[]> = new Map<unknown, readonly string[]>([
  [BOOL, ['boolean']],
  [STRING, ['string']],
  [INT, ['number']],
  [CelScalar.UINT, ['number']],
  [CelScalar.DOUBLE, ['number']],
  [CelScalar.DYN, ['boolean', 'number', 'string']],
]);

/** The functions that there are, by name, operators among them. */
export const FUNCTIONS: ReadonlyMap<string, readonly Overload[]> = overloads();

function overloads(): Map<string, Overload[]> {
  const byName = new Map<string, Overload[]>();
  for (const {
    name,
    target,
    arguments: { length },
    result,
  } of COMMON.funcs) {
    const list = byName.get(name) ?? [];
    list.push({
      isMethod: target !== undefined,
      arguments: length,
      gives: GIVES.get(result) ?? [],
    });
    byName.set(name, list);
  }
  return byName;
}

/** A value as the library takes it. */
export type Value = CelInput;

/** Values by the names of variables. Only those that the expression has are asked for, and only if it comes to them. */
export interface Bindings {
  readonly [name: string]: Value;
}

/**
 * Makes an expression ready; `patterns` are the literal ones of its `matches`. Gives undefined where evaluation fails, and
 * for what is no scalar.
 */
export function planEvaluation(
  root: Node,
  patterns: ReadonlyMap<string, Matcher>,
): (variables: Bindings) => Scalar | undefined {
  const evaluate = plan(patterns.size === 0 ? COMMON : withPatterns(patterns), root);
  return (variables) => {
    const result = evaluate(variables);
    return isCelError(result) ? undefined : scalarOf(result);
  };
}

function scalarOf(value: unknown): Scalar | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (isCelUint(value)) return Number(value.value);
  return typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string'
    ? value
    : undefined;
}

/** Compiled once, instead of at each evaluation. */
function withPatterns(patterns: ReadonlyMap<string, Matcher>): typeof COMMON {
  const matches = celMethod('matches', STRING, [STRING], BOOL, function (pattern) {
    const matcher = patterns.get(pattern);
    if (matcher === undefined) throw new Error('the pattern is not one of those that were compiled');
    return matcher.test(this);
  });
  return celEnv({ funcs: [...CORRECTIONS, matches] });
}

/** The point in time that is so many milliseconds after 1970. */
export function timestamp(ms: number): Value {
  const seconds = Math.floor(ms / 1000);
  return pointInTime(BigInt(seconds), Math.floor((ms - seconds * 1000) * 1e6));
}

function pointInTime(seconds: bigint, nanos: number) {
  return { $typeName: 'google.protobuf.Timestamp', seconds, nanos } as const;
}

/** A list whose items are values already. */
export function listOf(items: readonly Value[]): Value {
  return celList(items);
}

/** A map that is looked into where it is, without a copy. Its names are asked for only to go through it. */
export function mapOf(get: (name: string) => Value | undefined, names: () => readonly string[]): Value {
  return celMap(new LookupMap(get, names));
}

type Key = string | bigint | boolean | CelUint;

/** A map over two functions. */
class LookupMap implements ReadonlyMap<Key, Value> {
  readonly #get: (name: string) => Value | undefined;
  readonly #names: () => readonly string[];

  constructor(get: (name: string) => Value | undefined, names: () => readonly string[]) {
    this.#get = get;
    this.#names = names;
  }

  get size(): number {
    return this.#names().length;
  }

  get(key: Key): Value | undefined {
    return typeof key === 'string' ? this.#get(key) : undefined;
  }

  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }

  keys(): MapIterator<string> {
    return this.#names().values();
  }

  *values(): MapIterator<Value> {
    for (const [, value] of this) yield value;
  }

  *entries(): MapIterator<[string, Value]> {
    for (const name of this.#names()) {
      const value = this.#get(name);
      if (value !== undefined) yield [name, value];
    }
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  forEach(visit: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
    for (const [name, value] of this) visit(value, name, this);
  }
}
