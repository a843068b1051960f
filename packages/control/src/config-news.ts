import { setImmediate } from 'node:timers/promises';
import type { GatewayConfig } from '@turnpike/config';

/**
 * A configuration, told to somebody who has an older one: sections that are the same objects are left out, and of those with thousands
 * of entries only those that are not are told. One of ten thousand routes is some kilobytes instead of ten million.
 *
 * It is text, because that crosses threads four times as fast as what it means; in slices, so that who reads it can do other things in
 * between.
 */
export interface ConfigNews {
  /** Sections as they are now. */
  readonly whole: string;
  /** Sections entry by entry, in their order: `Part`s of slices. */
  readonly parts: Readonly<Partial<Record<LongSection, readonly string[]>>>;
}

const LONG = ['services', 'routes', 'consumers'] as const;
type LongSection = (typeof LONG)[number];

/** The place of an entry in the older section, or one that is new. */
type Part = number | object;

/** As many new entries as are read in some milliseconds. */
const SLICE = 500;

/** What makes the older configuration into the newer one. Nobody has an older one: all of it. */
export function newsOf(older: GatewayConfig | null, newer: GatewayConfig): ConfigNews {
  const isLong = (name: string): boolean => LONG.includes(name as LongSection);
  const changed = Object.entries(newer).filter(
    ([name, value]) => !isLong(name) && older?.[name as keyof GatewayConfig] !== value,
  );
  const parts = LONG.filter((name) => older?.[name] !== newer[name]).map((name) => [
    name,
    [...slices(partsOf(older?.[name] ?? [], newer[name]))],
  ]);
  return { whole: JSON.stringify(Object.fromEntries(changed)), parts: Object.fromEntries(parts) };
}

/** The newer configuration, frozen, with what is the same in both as the same objects. */
export async function afterNews(
  older: GatewayConfig | null,
  { whole, parts }: ConfigNews,
): Promise<GatewayConfig> {
  const sections: Record<string, unknown> = { ...older, ...(JSON.parse(whole) as object) };
  for (const [name, texts] of Object.entries(parts)) {
    const before = older?.[name as LongSection] ?? [];
    const entries: unknown[] = [];
    for (const text of texts) {
      const slice = JSON.parse(text) as readonly Part[];
      for (const part of slice) entries.push(deepFreeze(typeof part === 'number' ? before[part] : part));
      if (texts.length > 1) await setImmediate();
    }
    sections[name] = entries;
  }
  return deepFreeze(sections) as GatewayConfig;
}

function partsOf(older: readonly object[], newer: readonly object[]): Part[] {
  const places = new Map(older.map((entry, place) => [entry, place]));
  return newer.map((entry) => places.get(entry) ?? entry);
}

/** Numbers count for nothing: ten thousand of them are read at once. */
function* slices(parts: readonly Part[]): Generator<string> {
  let [begin, fresh] = [0, 0];
  for (const [at, part] of parts.entries()) {
    if (typeof part === 'number' || ++fresh % SLICE !== 0) continue;
    yield JSON.stringify(parts.slice(begin, at + 1));
    begin = at + 1;
  }
  if (begin < parts.length || parts.length === 0) yield JSON.stringify(parts.slice(begin));
}

/** Stops at what is frozen already, which is what was there before. */
function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}
