import { type Parsed, refused, understood } from './parsed.ts';

/** For editors; `parsePercent` is the judge. */
export const PERCENT_PATTERN = '^[0-9]+(\\.[0-9]+)?%$';

/** A share as a fraction 0..1: `20%`, `99.9%`. */
export function parsePercent(text: string): Parsed<number> {
  const [, digits, sign] = /^(\d{1,3}(?:\.\d{1,9})?)(%?)$/.exec(text) ?? [];
  if (digits === undefined) return refused('is not a number with a percent sign');
  if (sign === '') return refused('has no percent sign', `${digits}%`);
  const percent = Number(digits);
  return percent > 100 ? refused('is more than 100%') : understood(percent / 100);
}
