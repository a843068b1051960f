import type { AdminRole } from '@turnpike/config';
import { adminProblem, type Answer } from './answer.ts';
import type { StreamAnswer } from './stream-answer.ts';

/** A request, as far as routes care. */
export interface AdminRequest {
  readonly method: string;
  readonly url: URL;
  /** What the client takes (RFC 9110 §12.5.1), or `''`. */
  readonly accept: string;
  /** What stands in the path for `{name}`, percent-decoded. */
  readonly parameter: (name: string) => string;
  /** Who it is, for people; `''`: anyone. */
  readonly caller: string;
  /** What came, for routes that take JSON; null for the others. */
  readonly body: unknown;
}

/** One thing that the admin API does. */
export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Literal, but for segments such as `{name}`, which may be anything; `{n}` is a number. */
  readonly path: string;
  /** What it takes; without it, a body is read and thrown away. */
  readonly body?: 'json';
  /** A query parameter that must be there; such a route stands before the one without. */
  readonly query?: string;
  /** `anyone` needs no token. */
  readonly role: AdminRole | 'anyone';
  /** For the reference: what it does, in a few words. */
  readonly summary: string;
  /** Query parameters and what they mean. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly handle: (request: AdminRequest) => Promise<Answer | StreamAnswer>;
}

/** What stands in a path, by name. */
export type Parameters = ReadonlyMap<string, string>;

/** What a request comes to: a route, or the answer that there is none. */
export type Routed =
  | { readonly kind: 'found'; readonly route: AdminRoute; readonly parameters: Parameters }
  /** Elsewhere: nothing of ours has this path, whatever the method. */
  | { readonly kind: 'refused'; readonly answer: Answer; readonly isElsewhere: boolean };

/** Finds the first route that fits. HEAD is GET without its body, which `node:http` leaves out. */
export function findRoute(routes: readonly AdminRoute[], method: string, url: URL): Routed {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const allowed = new Set<string>();
  for (const route of routes) {
    const parameters = parametersIn(route.path, url.pathname);
    if (parameters === null) continue;
    if (route.query !== undefined && !url.searchParams.has(route.query)) continue;
    if (route.method === wanted) return { kind: 'found', route, parameters };
    allowed.add(route.method);
    if (route.method === 'GET') allowed.add('HEAD');
  }
  if (allowed.size === 0) return { kind: 'refused', answer: adminProblem('NOT_FOUND'), isElsewhere: true };
  const allow = [...allowed].join(', ');
  const answer = adminProblem('METHOD_NOT_ALLOWED', {}, { Allow: allow });
  return { kind: 'refused', answer, isElsewhere: false };
}

/** What a path has in place of the names of a pattern, and `null` where it does not fit. */
function parametersIn(pattern: string, path: string): Parameters | null {
  const [names, segments] = [pattern.split('/'), path.split('/')];
  if (names.length !== segments.length) return null;
  const parameters = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const segment = segments[index] ?? '';
    if (!name.startsWith('{')) {
      if (segment !== name) return null;
      continue;
    }
    const value = decoded(segment);
    if (value === null || value === '' || (name === '{n}' && !/^\d{1,5}$/.test(value))) return null;
    parameters.set(name.slice(1, -1), value);
  }
  return parameters;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null; // a percent sign that stands for nothing
  }
}
