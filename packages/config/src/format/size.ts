import { type Parsed, refused, understood } from './parsed.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
  ['TiB', 1024 ** 4],
]);

/** For editors; `parseSize` is the judge. */
export const SIZE_PATTERN = '^[0-9]+(\\.[0-9]+)?(B|KiB|MiB|GiB|TiB)?$';

/** A number of bytes: `64KiB`, `1.5MiB`, `512B`. Only binary units, because `KB` means two different things. */
export function parseSize(text: string): Parsed<number> {
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?)\s*([a-zA-Z]*)$/.exec(text) ?? [];
  if (digits === undefined) return refused('is not a number with a unit');
  const factor = UNITS.get(unit);
  if (factor === undefined) {
    const [, letter] = /^([kmgt])i?b?$/i.exec(unit) ?? [];
    const suggestion = letter === undefined ? undefined : `${digits}${letter.toUpperCase()}iB`;
    return refused('has an unknown unit', suggestion);
  }
  if (/\s/.test(text)) return refused('has a space in it', `${digits}${unit}`);
  const bytes = Number(digits) * factor;
  if (!Number.isSafeInteger(bytes)) return refused('is not a whole number of bytes');
  return understood(bytes);
}

/** The shortest exact way to write a number of bytes. */
export function formatSize(bytes: number): string {
  for (const [unit, factor] of [...UNITS].toReversed()) {
    if (bytes !== 0 && unit !== '' && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return `${bytes}B`;
}
