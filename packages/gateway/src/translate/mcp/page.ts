import type { Entry } from './listing.ts';

/** A part of a list, and where the next one begins. */
export interface Page {
  readonly items: readonly object[];
  readonly nextCursor: string | null;
}

/** Entries in one page. */
const PAGE = 200;
const MARK = 'after:';

/**
 * A page of a list that is sorted by key. A cursor names the last one of the page before, so that pages fit together whatever
 * has come or gone meanwhile. Null for a cursor that is none.
 */
export function pageOf(sorted: readonly Entry[], cursor: unknown): Page | null {
  const after = cursor === undefined ? '' : keyIn(cursor);
  if (after === null) return null;
  const rest = after === '' ? sorted : sorted.filter(({ key }) => key > after);
  const page = rest.slice(0, PAGE);
  const last = page.at(-1);
  const hasMore = rest.length > page.length && last !== undefined;
  const nextCursor = hasMore ? Buffer.from(MARK + last.key).toString('base64url') : null;
  return { items: page.map(({ shown }) => shown), nextCursor };
}

function keyIn(cursor: unknown): string | null {
  if (typeof cursor !== 'string' || !/^[\w-]{1,12000}$/.test(cursor)) return null;
  const text = Buffer.from(cursor, 'base64url').toString();
  return text.startsWith(MARK) ? text.slice(MARK.length) : null;
}

/** In the order of their keys, which is the same for everybody and everywhere. Of a key that is there twice the first. */
export function inOrder(entries: readonly Entry[]): readonly Entry[] {
  const distinct = [...new Map(entries.toReversed().map((one) => [one.key, one])).values()];
  return distinct.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
}
