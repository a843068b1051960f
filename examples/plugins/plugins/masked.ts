/** The same value with `***` in the place of what is hidden, however deep it is. A change of this file loads the plugin anew. */
export function masked(value: unknown, hidden: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => masked(item, hidden));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, hidden.has(key) ? '***' : masked(inner, hidden)]),
  );
}
