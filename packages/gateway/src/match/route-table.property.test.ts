/** The same as the table does, said plainly: every fitting route, sorted by how specific it is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from '@turnpike/testkit/fast-check';

import { compileRoutes } from './compile-routes.ts';
import { explainMatch } from './explain-match.ts';
import { newMatch, type FieldValue, type Match, type MatchInput } from './match.ts';
import type { FieldPredicate, RoutePattern } from './route-pattern.ts';
import { openRouteTable, type RouteTable } from './route-table.ts';

type Fit = { readonly route: RoutePattern; readonly host: string };

/** Who should win: written to be read, not to be fast. */
function reference(routes: readonly RoutePattern[], input: MatchInput): string {
  const fits = routes
    .flatMap((route) =>
      (route.hosts.length === 0 ? ['*'] : route.hosts).map((host): Fit => ({ route, host })),
    )
    .filter(
      ({ host }) =>
        host === '*' || host === input.host || (host.startsWith('*.') && input.host.endsWith(host.slice(1))),
    )
    .filter(({ route }) => pathFits(route.path, input.path))
    .filter(({ route }) => route.listeners.length === 0 || route.listeners.includes(input.listener))
    .filter(({ route }) => route.headers.every((predicate) => holds(predicate, input.header(predicate.name))))
    .filter(({ route }) =>
      route.query.every((predicate) => holds(predicate, input.queryParam(predicate.name))),
    )
    .sort((one, other) => compareFits(one, other, input.method));
  const winner = fits.find(({ route }) => methodRank(route, input.method) < 3);
  if (winner !== undefined) return winner.route.id;
  if (fits.length === 0) return 'not-found';
  const allowed = new Set(fits.flatMap(({ route }) => route.methods));
  if (allowed.has('GET')) allowed.add('HEAD');
  allowed.add('OPTIONS');
  return `${input.method === 'OPTIONS' ? 'options' : 'method-not-allowed'} ${[...allowed].sort().join(', ')}`;
}

function pathFits(pattern: string, path: string): boolean {
  const wanted = pattern.slice(1).split('/');
  const given = path.slice(1).split('/');
  for (const [index, segment] of wanted.entries()) {
    if (segment === '*' && index === wanted.length - 1) return true;
    const value = given[index];
    if (value === undefined) return false;
    if (segment.startsWith('{') ? value === '' : value !== segment) return false;
  }
  return wanted.length === given.length;
}

function holds({ kind, value }: FieldPredicate, given: FieldValue): boolean {
  if (typeof given !== 'string') return false;
  return kind === 'present' || (kind === 'exact' ? given === value : new RegExp(value).test(given));
}

function methodRank({ methods }: RoutePattern, method: string): number {
  if (methods.includes(method)) return 0;
  if (method === 'HEAD' && methods.includes('GET')) return 1;
  return methods.length === 0 ? 2 : 3;
}

function compareFits(one: Fit, other: Fit, method: string): number {
  return (
    exactness(other.host) - exactness(one.host) ||
    comparePaths(one.route.path, other.route.path) ||
    predicates(other.route) - predicates(one.route) ||
    methodRank(one.route, method) - methodRank(other.route, method) ||
    (one.route.id < other.route.id ? -1 : 1)
  );
}

function exactness(host: string): number {
  if (host === '*') return 0;
  return host.startsWith('*.') ? host.length : 1000;
}

function predicates({ headers, query, listeners }: RoutePattern): number {
  return headers.length + query.length + Math.min(1, listeners.length);
}

/** Of two patterns that match the same path. */
function comparePaths(one: string, other: string): number {
  const ours = one.slice(1).split('/');
  const theirs = other.slice(1).split('/');
  for (let index = 0; index < Math.max(ours.length, theirs.length); index++) {
    const difference = generality(ours[index]) - generality(theirs[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Literal, parameter, end, rest. */
function generality(segment: string | undefined): number {
  if (segment === undefined) return 2;
  if (segment === '*') return 3;
  return segment.startsWith('{') ? 1 : 0;
}

function got(table: RouteTable, input: MatchInput, out: Match): string {
  table.match(input, out);
  if (out.kind === 'found') return table.id(out.route);
  if (out.kind === 'not-found') return 'not-found';
  return `${out.kind} ${out.allow.split(', ').sort().join(', ')}`;
}

function few<T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  const none: T[] = [];
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(none) },
    { weight: 1, arbitrary: fc.array(item, { maxLength: 2 }) },
  );
}

describe('RouteTable and explainMatch', () => {
  const deep = '/d'.repeat(31); // moves what follows to both sides of the 32nd segment
  const start = fc.constantFrom('', '', '', deep);
  const segment = fc.constantFrom('a', 'b', 'long-name', '{x}');
  const path = fc
    .tuple(start, fc.array(segment, { maxLength: 4 }), fc.constantFrom('', '', '/', '/*'))
    .map(([before, parts, end]) => {
      const middle = parts.map((part, index) => `/${part === '{x}' ? `{x${index}}` : part}`).join('');
      return before + middle + end || '/';
    });
  const host = fc.constantFrom('a.com', 'x.a.com', '*.a.com', '*.x.a.com', '*.com', '*');
  const field = fc.oneof(
    fc.record({
      name: fc.constantFrom('p', 'q'),
      kind: fc.constant('exact' as const),
      value: fc.constantFrom('1', '2'),
    }),
    fc.record({
      name: fc.constantFrom('p', 'q'),
      kind: fc.constant('regex' as const),
      value: fc.constantFrom('1', '^2$'),
    }),
    fc.record({
      name: fc.constantFrom('p', 'q'),
      kind: fc.constant('present' as const),
      value: fc.constant(''),
    }),
  );
  const pattern = fc.record({
    path,
    hosts: fc.uniqueArray(host, { maxLength: 2 }),
    methods: fc.uniqueArray(fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PURGE'), { maxLength: 2 }),
    listeners: few(fc.constantFrom('web', 'tls')),
    headers: few(field),
    query: few(field),
  });
  const routeSet = fc
    .array(pattern, { minLength: 1, maxLength: 24 })
    .map((patterns) =>
      patterns.map((parts, index) => ({ ...parts, id: `r${(index * 7) % 29}`, payload: '' })),
    );
  const fields = fc.record(
    { p: fc.constantFrom('1', '2', '12'), q: fc.constantFrom('1', '2') },
    { requiredKeys: [] },
  );
  const requests = fc.array(
    fc.record({
      method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'OPTIONS', 'PURGE', 'BREW'),
      host: fc.constantFrom('a.com', 'x.a.com', 'y.x.a.com', 'b.com', 'other', ''),
      path: fc
        .tuple(
          start,
          fc.array(fc.constantFrom('a', 'b', 'long-name', 'c'), { maxLength: 5 }),
          fc.constantFrom('', '/'),
        )
        .map(([before, parts, end]) => before + parts.map((part) => `/${part}`).join('') + end || '/'),
      listener: fc.constantFrom('web', 'tls', 'admin'),
      headers: fields,
      query: fields,
    }),
    { minLength: 20, maxLength: 20 },
  );

  it('agree with a matcher that tries and sorts all routes', () => {
    const kinds = new Map<string, number>();
    fc.assert(
      fc.property(routeSet, requests, (routes, inputs) => {
        const { buffer, problems } = compileRoutes(routes);
        assert.deepEqual(problems, []);
        const table = openRouteTable(buffer);
        const out = newMatch();
        for (const { headers, query, ...plain } of inputs) {
          const input: MatchInput = {
            ...plain,
            header: (name) => headers[name === 'p' ? 'p' : 'q'],
            queryParam: (name) => query[name === 'p' ? 'p' : 'q'],
          };
          const expected = reference(routes, input);
          // Three times: the third is answered from memory.
          for (let round = 0; round < 3; round++) assert.equal(got(table, input, out), expected);
          const explained = explainMatch(routes, input);
          assert.equal(explained.route ?? explained.kind, expected.split(' ')[0]);
          kinds.set(out.kind, (kinds.get(out.kind) ?? 0) + 1);
        }
      }),
      { numRuns: 3_000 },
    );
    for (const kind of ['found', 'not-found', 'method-not-allowed', 'options']) {
      assert.ok((kinds.get(kind) ?? 0) > 300, `${kind} was hardly tried`);
    }
  });
});
