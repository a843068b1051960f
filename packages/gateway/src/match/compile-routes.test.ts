import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { compileRoutes } from './compile-routes.ts';
import type { RouteSource } from './route-pattern.ts';

function route(id: string, path: string, rest: Partial<RouteSource> = {}): RouteSource {
  return { id, path, listeners: [], hosts: [], methods: [], headers: [], query: [], payload: '', ...rest };
}

describe('compileRoutes', () => {
  it('reports routes that ask for the same, once a pair, with the hosts where they meet', () => {
    const { conflicts } = compileRoutes([
      route('b', '/users/{id}', { hosts: ['h.example', '*.h.example'] }),
      route('a', '/users/{name}', { hosts: ['H.example', '*.h.example', 'other.example'] }),
    ]);
    assert.deepEqual(conflicts, [
      { winner: 'a', loser: 'b', path: '/users/{}', hosts: ['h.example', '*.h.example'] },
    ]);
  });

  const x = { name: 'X', kind: 'exact', value: '1' } as const;
  const y = { name: 'y', kind: 'present', value: '' } as const;
  const pairs: [name: string, one: Partial<RouteSource>, other: Partial<RouteSource>, isConflict: boolean][] =
    [
      ['the same', {}, {}, true],
      ['a method in common', { methods: ['GET', 'PUT'] }, { methods: ['PUT'] }, true],
      ['other methods', { methods: ['GET'] }, { methods: ['PUT'] }, false],
      ['any method and one', {}, { methods: ['PUT'] }, false],
      ['GET and HEAD', { methods: ['GET'] }, { methods: ['HEAD'] }, false],
      ['a listener in common', { listeners: ['a', 'b'] }, { listeners: ['b'] }, true],
      ['other listeners', { listeners: ['a'] }, { listeners: ['b'] }, false],
      ['any listener and one', {}, { listeners: ['b'] }, false],
      [
        'the same predicates in another order',
        { headers: [x, y] },
        { headers: [y, { ...x, name: 'x' }] },
        true,
      ],
      ['predicates on the same name in other places', { headers: [y] }, { query: [y] }, false],
      ['other values', { headers: [x] }, { headers: [{ ...x, value: '2' }] }, false],
      ['more predicates', { headers: [x] }, { headers: [x, y] }, false],
      ['other hosts', { hosts: ['a'] }, { hosts: ['b'] }, false],
      ['a name and its suffix', { hosts: ['a.b'] }, { hosts: ['*.b'] }, false],
      ['no host and *', {}, { hosts: ['*'] }, true],
    ];
  for (const [name, one, other, isConflict] of pairs) {
    it(`${isConflict ? 'reports' : 'allows'} two routes with ${name}`, () => {
      const { conflicts } = compileRoutes([route('a', '/p', one), route('b', '/p', other)]);
      assert.deepEqual(
        conflicts.map(({ winner, loser }) => [winner, loser]),
        isConflict ? [['a', 'b']] : [],
      );
    });
  }

  const bad: [field: string, route: RouteSource][] = [
    ['path', route('r', 'users')],
    ['path', route('r', '')],
    ['path', route('r', '/a//b')],
    ['path', route('r', '/a/../b')],
    ['path', route('r', '/a/%2e/b')],
    ['path', route('r', '/a/*/b')],
    ['path', route('r', '/a/**')],
    ['path', route('r', '/a/x{id}')],
    ['path', route('r', '/a/{id}.json')],
    ['path', route('r', '/a/{}')],
    ['path', route('r', '/{a}/{a}')],
    ['path', route('r', '/{rest}/*')],
    ['path', route('r', '/a?b')],
    ['path', route('r', '/a b')],
    ['path', route('r', '/a%zz')],
    ['path', route('r', '/..;/x')],
    ['path', route('r', '/a'.repeat(65))],
    ['hosts', route('r', '/', { hosts: ['a b'] })],
    ['hosts', route('r', '/', { hosts: ['a:80'] })],
    ['hosts', route('r', '/', { hosts: ['a.*'] })],
    ['hosts', route('r', '/', { hosts: ['**.a'] })],
    ['methods', route('r', '/', { methods: ['get'] })],
    ['methods', route('r', '/', { methods: ['A B'] })],
    ['methods', route('r', '/', { methods: Array.from({ length: 40 }, (_, index) => `M${index}`) })],
    ['headers', route('r', '/', { headers: [{ name: 'x', kind: 'regex', value: '(' }] })],
    ['query', route('r', '/', { query: [{ name: '', kind: 'present', value: '' }] })],
  ];
  for (const [field, source] of bad) {
    it(`reports ${field} of ${JSON.stringify(source).slice(10, 70)}`, () => {
      const { problems } = compileRoutes([source, route('good', '/')]);
      assert.deepEqual(
        [...new Set(problems.map((problem) => `${problem.route} ${problem.field}`))],
        [`r ${field}`],
      );
    });
  }

  it('takes literals in any spelling that means the same path', () => {
    const { conflicts, problems } = compileRoutes([route('a', '/caf%c3%a9/%7Ex'), route('b', '/café/~x')]);
    assert.deepEqual(problems, []);
    assert.equal(conflicts.length, 1);
  });
});
