import { BadCursor, type Page, type PageQuery } from '../domain/store.ts';

/** The most that one page has. */
const LONGEST_PAGE = 1000;

/** How many rows to ask for: one more than wanted tells whether there is a next page. */
export function rowsFor({ limit }: PageQuery): number {
  return lengthOf(limit) + 1;
}

/** A page of what was asked for with `rowsFor`; `cursor` is what its next page begins after. */
export function page<Row, T>(
  rows: readonly Row[],
  { limit }: PageQuery,
  read: { readonly item: (row: Row) => T; readonly cursor: (row: Row) => string | number },
): Page<T> {
  const shown = rows.slice(0, lengthOf(limit));
  const last = shown.at(-1);
  const isLast = rows.length === shown.length || last === undefined;
  return { items: shown.map(read.item), next: isLast ? null : String(read.cursor(last)) };
}

/** The number that a page of numbers, newest first, begins after. */
export function numberBefore({ after }: PageQuery): number {
  if (after === null) return Number.MAX_SAFE_INTEGER;
  if (!/^[1-9]\d{0,14}$/.test(after)) throw new BadCursor('the cursor is not one of this list');
  return Number(after);
}

function lengthOf(limit: number): number {
  return Math.min(Math.max(limit, 1), LONGEST_PAGE);
}
