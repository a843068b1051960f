import type { GatewayConfig } from './resolved.ts';

/**
 * Whether two parts of configurations say the same. What is the same object is not looked into, so that it costs nothing to
 * compare ten thousand routes of which one was changed ({@link keepSame}).
 */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isCompound(one) || !isCompound(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  let rest = 0;
  // A list of names for each of a million objects would cost more than the comparison.
  for (const name in one) {
    if (!Object.hasOwn(other, name) || !isSame(one[name], other[name])) return false;
    rest++;
  }
  for (const _ in other) rest--;
  return rest === 0;
}

/** The same for what is meant: where it is written makes no difference. */
export function isSameMeaning(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isCompound(one) || !isCompound(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every(
    (name) => name === 'origin' || (Object.hasOwn(other, name) && isSameMeaning(one[name], other[name])),
  );
}

/** Sections with entries that there may be thousands of. */
const LONG = ['services', 'routes', 'consumers'] as const;

/**
 * The newer of two configurations, made of parts of the older one wherever these say the same: then everybody who compares the two,
 * or keeps what was made of a part, sees at once that it is the same.
 */
export function keepSame(older: GatewayConfig, newer: GatewayConfig): GatewayConfig {
  const kept: Record<string, unknown> = { ...newer };
  for (const section of LONG) kept[section] = keepEntries<Named>(older[section], newer[section]);
  for (const [section, value] of Object.entries(older)) {
    if (isSame(value, kept[section])) kept[section] = value;
  }
  return kept as unknown as GatewayConfig;
}

interface Named {
  readonly id: string;
}

function keepEntries<T extends Named>(older: readonly T[], newer: readonly T[]): readonly T[] {
  const known = new Map(older.map((entry) => [entry.id, entry]));
  return newer.map((entry) => {
    const was = known.get(entry.id);
    return was !== undefined && isSame(was, entry) ? was : entry;
  });
}

function isCompound(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
