import type { GatewayConfig } from '@turnpike/config';
import type { Risk } from '../revisions.ts';

/** Something of the same name before and after a change. */
export interface Pair<T> {
  readonly before: T;
  readonly after: T;
}

/** A question about a pair whose answer operators should know. */
export interface PairRule<T> {
  readonly code: string;
  readonly level: Risk['level'];
  /** Behind `1 route` and behind `2 routes`. */
  readonly says: readonly [one: string, many: string];
  readonly holds: (pair: Pair<T>, configs: Pair<GatewayConfig>) => boolean;
}

interface Named {
  readonly id: string;
}

/** Those that are there before and after and differ. */
export function changedPairs<T extends Named>({ before, after }: Pair<readonly T[]>): Pair<T>[] {
  const known = new Map(before.map((one) => [one.id, one]));
  return after.flatMap((one) => {
    const was = known.get(one.id);
    return was === undefined || isSame(was, one) ? [] : [{ before: was, after: one }];
  });
}

/** Those of the first that the second has not. */
export function missingIn<T extends Named>(all: readonly T[], others: readonly Named[]): T[] {
  const known = new Set(others.map(({ id }) => id));
  return all.filter(({ id }) => !known.has(id));
}

const meanings = new WeakMap<object, string>();

/**
 * Members of resolved entries always stand in the same order, so equal text is equal meaning; where they stand is none. Entries
 * never change, and every rule asks for all of them, so each is written once.
 */
function meaning(value: unknown): string {
  if (typeof value !== 'object' || value === null) return write(value);
  const known = meanings.get(value) ?? write(value);
  meanings.set(value, known);
  return known;
}

function write(value: unknown): string {
  return JSON.stringify(value, (key, member: unknown) => (key === 'origin' ? undefined : member));
}

/** Whether two parts of resolved entries mean the same. Makes no text of them: there may be 10,000 routes, nearly all the same. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [mine, theirs] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = Object.keys(mine);
  if (names.length !== Object.keys(theirs).length) return false;
  return names.every(
    (name) => name === 'origin' || (Object.hasOwn(theirs, name) && isSame(mine[name], theirs[name])),
  );
}

/** What is told of some things together. */
export interface Telling extends Pick<PairRule<never>, 'code' | 'level' | 'says'> {
  /** In the singular; an `s` makes several of it. */
  readonly what: string;
  /** Names such as `routes.user`, one for each. */
  readonly names: readonly string[];
}

/** So many are named. */
const MAX_NAMES = 20;

/** One risk of all that a rule holds for; none if there are none. */
export function tell({ code, level, says: [one, many], what, names }: Telling): Risk[] {
  const count = names.length;
  if (count === 0) return [];
  const message = count === 1 ? `1 ${what} ${one}` : `${count} ${what}s ${many}`;
  return [{ level, code, message, objects: [...new Set(names)].sort().slice(0, MAX_NAMES), count }];
}

/** Applies rules to pairs. */
export function judgePairs<T>(
  rules: readonly PairRule<T>[],
  pairs: readonly Pair<T>[],
  {
    what,
    nameOf,
    configs,
  }: {
    readonly what: string;
    readonly nameOf: (one: T) => string;
    readonly configs: Pair<GatewayConfig>;
  },
): Risk[] {
  return rules.flatMap(({ holds, ...rule }) => {
    const names = pairs.filter((pair) => holds(pair, configs)).map(({ after }) => nameOf(after));
    return tell({ ...rule, what, names });
  });
}

/** Whether a list lacks some of another. */
export function lacksSome<T>(list: readonly T[], of: readonly T[]): boolean {
  const known = new Set(list.map((one) => meaning(one)));
  return of.some((one) => !known.has(meaning(one)));
}

/** Whether a policy acted and does not any more, or only reports. */
export function isDisarmed(
  before: { readonly mode: 'on' | 'report' } | null,
  after: { readonly mode: 'on' | 'report' } | null,
): boolean {
  return before?.mode === 'on' && after?.mode !== 'on';
}
