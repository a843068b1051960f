/** A tool that is listed. */
export interface Listed {
  readonly name: string;
}

/** A part of a list, and where the next one begins. */
export interface Page<T extends Listed> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** Tools in one page. */
const PAGE = 200;

/**
 * A page of a list that is sorted by name. A cursor names the last one of the page before, so that pages fit together whatever
 * has come or gone meanwhile. Null for a cursor that is none.
 */
export function pageOf<T extends Listed>(sorted: readonly T[], cursor: unknown): Page<T> | null {
  const after = cursor === undefined ? '' : nameIn(cursor);
  if (after === null) return null;
  const rest = after === '' ? sorted : sorted.filter(({ name }) => name > after);
  const items = rest.slice(0, PAGE);
  const last = items.at(-1);
  const hasMore = rest.length > items.length && last !== undefined;
  return { items, nextCursor: hasMore ? Buffer.from(`tool:${last.name}`).toString('base64url') : null };
}

function nameIn(cursor: unknown): string | null {
  if (typeof cursor !== 'string' || !/^[\w-]{1,300}$/.test(cursor)) return null;
  const text = Buffer.from(cursor, 'base64url').toString();
  return text.startsWith('tool:') ? text.slice('tool:'.length) : null;
}

/** In the order of their names, which is the same for everybody and everywhere. */
export function sortedByName<T extends Listed>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}
