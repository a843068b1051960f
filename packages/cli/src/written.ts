import type { Path } from '@turnpike/config/load';

/** What stands at a path of a document, or undefined. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part)
        ? (inner as Record<string | number, unknown>)[part]
        : undefined,
    value,
  );
}

/** The keys of a mapping at a path; of anything else none. */
export function keysAt(document: unknown, path: Path): string[] {
  const value = valueAt(document, path);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

/** Where a policy of a route is written: in the route, in the defaults, or nowhere by itself. */
export function policyPath(document: unknown, route: string, policy: string): Path {
  const own = ['routes', route, 'policies', policy];
  if (valueAt(document, own) !== undefined) return own;
  const shared = ['defaults', 'policies', policy];
  return valueAt(document, shared) === undefined ? ['routes', route] : shared;
}
