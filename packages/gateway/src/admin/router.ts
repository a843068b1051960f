import type { AdminRole } from '@turnpike/config';
import { adminProblem, type Answer } from './answer.ts';

/** A request, as far as routes care. */
export interface AdminRequest {
  readonly method: string;
  readonly url: URL;
  /** The number in the path, where the route has one. */
  readonly number: number;
}

/** One thing that the admin API does. */
export interface AdminRoute {
  readonly method: 'GET' | 'POST';
  /** Literal, but for `{n}`, which is a number. */
  readonly path: string;
  /** A query parameter that must be there; such a route stands before the one without. */
  readonly query?: string;
  /** `anyone` needs no token. */
  readonly role: AdminRole | 'anyone';
  readonly handle: (request: AdminRequest) => Promise<Answer>;
}

/** What a request comes to: a route, or the answer that there is none. */
export type Routed =
  | { readonly kind: 'found'; readonly route: AdminRoute; readonly number: number }
  | { readonly kind: 'refused'; readonly answer: Answer };

/** Finds the first route that fits. HEAD is GET without its body, which `node:http` leaves out. */
export function findRoute(routes: readonly AdminRoute[], method: string, url: URL): Routed {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const allowed = new Set<string>();
  for (const route of routes) {
    const number = numberIn(route.path, url.pathname);
    if (number === null) continue;
    if (route.query !== undefined && !url.searchParams.has(route.query)) continue;
    if (route.method === wanted) return { kind: 'found', route, number };
    allowed.add(route.method);
    if (route.method === 'GET') allowed.add('HEAD');
  }
  if (allowed.size === 0) return { kind: 'refused', answer: adminProblem('NOT_FOUND') };
  const allow = [...allowed].join(', ');
  return { kind: 'refused', answer: adminProblem('METHOD_NOT_ALLOWED', {}, { Allow: allow }) };
}

/** The number in a path that fits the pattern, 0 where the pattern has none, and `null` where the path does not fit. */
function numberIn(pattern: string, path: string): number | null {
  const [before = '', after] = pattern.split('{n}');
  if (after === undefined) return path === pattern ? 0 : null;
  if (!path.startsWith(before) || !path.endsWith(after)) return null;
  const digits = path.slice(before.length, path.length - after.length);
  return /^\d{1,5}$/.test(digits) ? Number(digits) : null;
}
