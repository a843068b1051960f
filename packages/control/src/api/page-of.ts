interface Wanted {
  readonly limit?: number;
  readonly after?: string;
}

/** A page of a list that is short enough to be read as a whole, in order of a text that each has. */
export function pageOf<T>(
  all: readonly T[],
  { limit = 100, after }: Wanted,
  keyOf: (item: T) => string,
): { readonly items: readonly T[]; readonly next: string | null } {
  const sorted = all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rest = after === undefined ? sorted : sorted.filter((item) => keyOf(item) > after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rest.length > limit && last !== undefined ? keyOf(last) : null };
}
