import { PROMISED, type FieldValue, type MatchInput } from './match.ts';
import { compileRegex } from './regex.ts';
import type { FieldPredicate, RoutePattern } from './route-pattern.ts';

/** The header and query conditions of a route, as the table stores them. */
export type FieldPredicates = Pick<RoutePattern, 'headers' | 'query'>;

type Test = (value: FieldValue) => boolean;

/** One test for all conditions of a route. Names of headers may come in any case. */
export function compilePredicates({ headers, query }: FieldPredicates): (input: MatchInput) => boolean {
  const headerTests = headers.map((predicate) => ({
    name: predicate.name.toLowerCase(),
    holds: testOf(predicate),
  }));
  const queryTests = query.map((predicate) => ({ name: predicate.name, holds: testOf(predicate) }));

  return (input) => {
    for (const { name, holds } of headerTests) {
      if (!holds(input.header(name))) return false;
    }
    for (const { name, holds } of queryTests) {
      if (!holds(input.queryParam(name))) return false;
    }
    return true;
  };
}

/** The test of a predicate. What is promised fits every one, because nobody can say that it will not. */
export function testOf(predicate: FieldPredicate): Test {
  const holds = textTest(predicate);
  return (value) => value === PROMISED || (value !== undefined && holds(value));
}

function textTest({ kind, value: wanted }: FieldPredicate): (value: string) => boolean {
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
