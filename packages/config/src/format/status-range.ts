import { type Parsed, refused, understood } from './parsed.ts';

/** Statuses from one to another, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** `200` or `200-399`. */
export function parseStatusRange(text: string): Parsed<StatusRange> {
  const [, first, last = first] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
  if (first === undefined) return refused('is neither a status nor a range of them');
  const [from, to] = [Number(first), Number(last)];
  if (from < 100 || to > 599) return refused('is not within 100-599');
  return from > to ? refused('ends before it begins', `${last}-${first}`) : understood({ from, to });
}
