import type { GatewayConfig } from '@turnpike/config';

/**
 * A configuration, told to somebody who has an older one: sections that are the same objects are left out, and of those with thousands
 * of entries only those that are not are told. One of ten thousand routes is some kilobytes instead of ten million.
 */
export interface ConfigNews {
  /** Sections as they are now. */
  readonly whole: Partial<GatewayConfig>;
  /** Sections entry by entry, in their order. */
  readonly parts: Readonly<Partial<Record<LongSection, readonly Part[]>>>;
}

const LONG = ['services', 'routes', 'consumers'] as const;
type LongSection = (typeof LONG)[number];

/** The place of an entry in the older section, or one that is new. */
type Part = number | object;

/** What makes the older configuration into the newer one. Nobody has an older one: all of it. */
export function newsOf(older: GatewayConfig | null, newer: GatewayConfig): ConfigNews {
  if (older === null) return { whole: newer, parts: {} };
  const changed = Object.entries(newer).filter(
    ([name, value]) => older[name as keyof GatewayConfig] !== value,
  );
  const isLong = ([name]: [string, unknown]): boolean => LONG.includes(name as LongSection);
  return {
    whole: Object.fromEntries(changed.filter((section) => !isLong(section))),
    parts: Object.fromEntries(
      LONG.filter((name) => older[name] !== newer[name]).map((name) => [
        name,
        partsOf(older[name], newer[name]),
      ]),
    ),
  };
}

/** The newer configuration, frozen, with what is the same in both as the same objects. */
export function afterNews(older: GatewayConfig | null, { whole, parts }: ConfigNews): GatewayConfig {
  const sections = Object.entries(parts).map(([name, list]) => {
    const before = older?.[name as LongSection] ?? [];
    return [name, list.map((part) => (typeof part === 'number' ? before[part] : part))];
  });
  return deepFreeze({ ...older, ...whole, ...Object.fromEntries(sections) }) as GatewayConfig;
}

function partsOf(older: readonly object[], newer: readonly object[]): Part[] {
  const places = new Map(older.map((entry, place) => [entry, place]));
  return newer.map((entry) => places.get(entry) ?? entry);
}

/** Stops at what is frozen already, which is what was there before. */
function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}
