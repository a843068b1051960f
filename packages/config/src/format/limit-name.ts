import { type Parsed, refused, understood } from './parsed.ts';

/** The name of a limit. It stands in header fields, metrics and problems, so it is kept simple. */
export function parseLimitName(text: string): Parsed<string> {
  return /^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,63}$/.test(text)
    ? understood(text)
    : refused('is not a short name of such characters');
}
