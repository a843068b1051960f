import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { explainMatch } from './explain-match.ts';
import type { MatchInput } from './match.ts';
import type { RoutePattern } from './route-pattern.ts';

function route(id: string, path: string, rest: Partial<RoutePattern> = {}): RoutePattern {
  return { id, path, listeners: [], hosts: [], methods: [], headers: [], query: [], ...rest };
}

function get(url: string): MatchInput {
  const slash = url.indexOf('/');
  return {
    listener: 'web',
    method: 'GET',
    host: url.slice(0, slash),
    path: url.slice(slash),
    header: () => undefined,
    queryParam: () => undefined,
  };
}

describe('explainMatch', () => {
  it('lists candidates in the order of matching with what does not fit', () => {
    const routes = [
      route('all', '/*'),
      route('foreign', '/users/7', { hosts: ['other.example'] }),
      route('post', '/users/7', { methods: ['POST'], listeners: ['tls'] }),
      route('beta', '/users/{id}', {
        hosts: ['*.example'],
        headers: [{ name: 'X-Beta', kind: 'present', value: '' }],
        query: [{ name: 'v', kind: 'exact', value: '2' }],
      }),
      route('user', '/users/{id}', { hosts: ['*.example', '*.a.example'] }),
      route('unrelated', '/orders'),
    ];
    const { kind, route: winner, candidates } = explainMatch(routes, get('www.a.example/users/7'));
    assert.equal(kind, 'found');
    assert.equal(winner, 'user');
    assert.deepEqual(
      candidates.map(({ route, host, outcome, mismatches }) => [route, host, outcome, mismatches.join()]),
      [
        ['user', '*.a.example', 'chosen', ''],
        ['beta', '*.example', 'rejected', 'header X-Beta,query v'],
        ['post', '*', 'rejected', 'listener,method'],
        ['all', '*', 'outranked', ''],
        ['foreign', undefined, 'rejected', 'host'],
      ],
    );
  });

  it('shows paths that nearly fit', () => {
    const routes = [route('slash', '/users/'), route('case', '/Users'), route('far', '/other')];
    const { kind, candidates } = explainMatch(routes, get('h/users'));
    assert.equal(kind, 'not-found');
    assert.deepEqual(
      candidates.map(({ route, mismatches }) => [route, mismatches.join()]),
      [
        ['case', 'path case'],
        ['slash', 'trailing slash'],
      ],
    );
  });

  it('tells a missing method from a missing route', () => {
    const routes = [route('post', '/a', { methods: ['POST'] })];
    assert.equal(explainMatch(routes, get('h/a')).kind, 'method-not-allowed');
    assert.equal(explainMatch(routes, { ...get('h/a'), method: 'OPTIONS' }).kind, 'options');
    assert.equal(explainMatch(routes, get('h/b')).kind, 'not-found');
  });
});
