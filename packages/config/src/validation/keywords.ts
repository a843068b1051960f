import { isObject } from './json.ts';

/** Whether no two items are equal (JSON Schema Core §4.2.2). In linear time: comparing each pair would take minutes for a small body. */
export function areUnique(items: readonly unknown[]): boolean {
  const seen = new Set<unknown>();
  for (const item of items) seen.add(identityOf(item));
  return seen.size === items.length;
}

/** Something that is the same for equal values only. */
function identityOf(value: unknown): unknown {
  if (typeof value === 'string') return `"${value}`;
  return typeof value === 'object' && value !== null ? canonicalText(value) : value;
}

/** JSON with the members of objects in order. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(value[name])}`);
  return `{${members.join()}}`;
}

/**
 * Whether a number is a whole number of divisors, as far as doubles can tell: 19.99 is 1999 cents, though the quotient of the
 * two doubles is a little less.
 */
export function isMultipleOf(value: number, divisor: number): boolean {
  const quotient = value / divisor;
  if (!Number.isFinite(quotient)) return value % divisor === 0;
  return Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * Number.EPSILON;
}
