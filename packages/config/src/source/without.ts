import type { Path } from '../path.ts';
import { isMapping } from '../walk/containers.ts';
import type { Source } from './source.ts';

/** The same files without what is written at this path. Nothing is changed in place. */
export function without(sources: readonly Source[], path: Path): readonly Source[] {
  return sources.map((source) => ({ ...source, value: withoutPart(source.value, path) }));
}

function withoutPart(value: unknown, [part, ...rest]: Path): unknown {
  if (part === undefined) return value;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (rest.length === 0) return items.filter((_, index) => index !== part);
    return items.map((item, index) => (index === part ? withoutPart(item, rest) : item));
  }
  if (!isMapping(value) || !Object.hasOwn(value, part)) return value;
  const entries = Object.entries(value);
  if (rest.length === 0) return Object.fromEntries(entries.filter(([key]) => key !== part));
  return Object.fromEntries(
    entries.map(([key, member]) => [key, key === part ? withoutPart(member, rest) : member]),
  );
}
