/** Of a header that the request will have, with a value that nobody knows yet: a preflight tells only names. */
export const PROMISED = Symbol('promised');

/** What conditions are about; undefined: it is not there. */
export type FieldValue = string | typeof PROMISED | undefined;

/** What matching needs to know of a request. */
export interface MatchInput {
  readonly listener: string;
  /** Lower case, without port (`parseAuthority`). */
  readonly host: string;
  readonly method: string;
  /** Normalised (`normalisePath`), without query. */
  readonly path: string;
  /** The value of a header by its lower-case name. */
  header(name: string): FieldValue;
  queryParam(name: string): string | undefined;
}

/**
 * The outcome of `RouteTable.match`, which overwrites it on every call.
 *
 * `options` is an OPTIONS request for a path that has routes, but none for OPTIONS; the gateway answers it itself.
 */
export type Match = {
  kind: 'found' | 'method-not-allowed' | 'not-found' | 'options';
  /** The route, by its place in what was compiled. Without `found`: the most specific one that only lacks the method, or -1. */
  route: number;
  /** For `method-not-allowed` and `options`: the value of `Allow`. */
  allow: string;
};

/** A `Match` to hand to `RouteTable.match`. */
export function newMatch(): Match {
  return { kind: 'not-found', route: -1, allow: '' };
}
