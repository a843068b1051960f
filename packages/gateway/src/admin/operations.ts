import type { AdminRoute } from './router.ts';

/** An operation of the admin API as its reference tells it. */
export interface OperationDoc {
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  readonly role: AdminRoute['role'];
  readonly summary: string;
  /** The first word of its path. */
  readonly tag: string;
  readonly query: Readonly<Record<string, string>>;
  readonly takesBody: boolean;
}

/** What the routes are for, without what they do. Two with the same method and path are one operation with a parameter. */
export function operationDocs(routes: readonly AdminRoute[]): readonly OperationDoc[] {
  const docs = new Map<string, OperationDoc>();
  for (const { method, path, role, summary, parameters = {}, query, body } of routes) {
    const key = `${method} ${path}`;
    const known = docs.get(key);
    const own = query === undefined ? {} : { [query]: summary };
    const doc = { method, path, role, summary, tag: path.split('/')[1] ?? '', takesBody: body !== undefined };
    docs.set(key, { ...doc, query: { ...known?.query, ...parameters, ...own } });
  }
  return [...docs.values()];
}
