import type { MatchInput } from './match.ts';
import { compileRegex } from './regex.ts';
import type { FieldPredicate, RoutePattern } from './route-pattern.ts';

/** The header and query conditions of a route, as the table stores them. */
export type FieldPredicates = Pick<RoutePattern, 'headers' | 'query'>;

type Test = (value: string) => boolean;

/** One test for all conditions of a route. Names of headers may come in any case. */
export function compilePredicates({ headers, query }: FieldPredicates): (input: MatchInput) => boolean {
  const headerTests = headers.map((predicate) => ({
    name: predicate.name.toLowerCase(),
    holds: testOf(predicate),
  }));
  const queryTests = query.map((predicate) => ({ name: predicate.name, holds: testOf(predicate) }));

  return (input) => {
    for (const { name, holds } of headerTests) {
      const value = input.header(name);
      if (value === undefined || !holds(value)) return false;
    }
    for (const { name, holds } of queryTests) {
      const value = input.queryParam(name);
      if (value === undefined || !holds(value)) return false;
    }
    return true;
  };
}

/** The test of a predicate for a field that is there. */
export function testOf({ kind, value: wanted }: FieldPredicate): Test {
  if (kind === 'exact') return (value) => value === wanted;
  return kind === 'regex' ? compileRegex(wanted) : () => true;
}

/** Equal for two routes exactly when their header and query conditions are the same, in whatever order they are written. */
export function predicateKey({ headers, query }: FieldPredicates): string {
  if (headers.length === 0 && query.length === 0) return '';
  const parts = [
    ...headers.map((predicate) => fieldKey('header', predicate.name.toLowerCase(), predicate)),
    ...query.map((predicate) => fieldKey('query', predicate.name, predicate)),
  ];
  return [...new Set(parts)].sort().join();
}

function fieldKey(where: string, name: string, { kind, value }: FieldPredicate): string {
  return JSON.stringify([where, name, kind, kind === 'present' ? '' : value]);
}
