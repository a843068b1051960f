/** One condition on a header or a query parameter. Conditions of a route must all hold. */
export type FieldPredicate = {
  /** A header's name in any case, or a query parameter's name as it is. */
  readonly name: string;
  readonly kind: 'exact' | 'regex' | 'present';
  /** The whole value, case sensitive; or a regular expression, unanchored; unused for `present`. */
  readonly value: string;
};

/** What a route asks of a request. An empty list means any. */
export type RoutePattern = {
  readonly id: string;
  /** Literal segments, `{name}` segments (one non-empty segment each), and maybe `*` as the last segment. */
  readonly path: string;
  readonly listeners: readonly string[];
  /** Names, `*.suffix` (one label or more before it), or `*`. */
  readonly hosts: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly FieldPredicate[];
  readonly query: readonly FieldPredicate[];
};

/** A route to compile: what it asks for, and what the data threads get back for it, as opaque text. */
export type RouteSource = RoutePattern & { readonly payload: string };

/** How many predicates a route has; more win over fewer. A list of listeners counts as one. */
export function predicateCount(route: RoutePattern): number {
  return route.headers.length + route.query.length + (route.listeners.length > 0 ? 1 : 0);
}
