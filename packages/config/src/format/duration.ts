import { type Parsed, refused, understood } from './parsed.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** For editors; `parseDuration` is the judge. */
export const DURATION_PATTERN = '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$';

/** A length of time in milliseconds: `250ms`, `1.5s`, `1m`, `2h`, `1d`. The unit is never left out. */
export function parseDuration(text: string): Parsed<number> {
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)\s*([a-zA-Z]*)$/.exec(text) ?? [];
  if (digits === undefined)
    return refused(text.startsWith('-') ? 'is negative' : 'is not a number with a unit');
  const factor = UNITS.get(unit);
  if (factor === undefined) {
    const near = unit === '' ? 's' : UNITS.has(unit.toLowerCase()) ? unit.toLowerCase() : guess(unit);
    const problem = unit === '' ? 'has no unit' : 'has an unknown unit';
    return refused(problem, near === undefined ? undefined : `${digits}${near}`);
  }
  if (/\s/.test(text)) return refused('has a space in it', `${digits}${unit}`);
  const ms = Number(digits) * factor;
  if (!Number.isInteger(ms)) return refused('is finer than a millisecond', `${Math.ceil(ms)}ms`);
  return understood(ms);
}

function guess(unit: string): string | undefined {
  if (/^milli|^msec/i.test(unit)) return 'ms';
  const first = unit[0]?.toLowerCase() ?? '';
  return /^(sec|min|hour|hr|day)/i.test(unit) ? first : undefined;
}

/** The shortest exact way to write a length of time. */
export function formatDuration(ms: number): string {
  for (const [unit, factor] of [...UNITS].toReversed()) {
    if (ms !== 0 && ms % factor === 0) return `${ms / factor}${unit}`;
  }
  return `${ms}ms`;
}
