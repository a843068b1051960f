import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { compileRoutes } from './compile-routes.ts';
import { newMatch, PROMISED, type MatchInput } from './match.ts';
import type { FieldPredicate, RouteSource } from './route-pattern.ts';
import { openRouteTable, type RouteTable } from './route-table.ts';

type Fields = Readonly<Record<string, string>>;

function route(id: string, path: string, rest: Partial<RouteSource> = {}): RouteSource {
  return { id, path, listeners: [], hosts: [], methods: [], headers: [], query: [], payload: '', ...rest };
}

function tableOf(...routes: RouteSource[]): RouteTable {
  const { buffer, problems } = compileRoutes(routes);
  assert.deepEqual(problems, []);
  return openRouteTable(buffer);
}

function request(text: string, headers: Fields = {}, query: Fields = {}): MatchInput {
  const [method = '', url = '', listener = 'web'] = text.split(' ');
  const slash = url.indexOf('/');
  return {
    listener,
    method,
    host: url.slice(0, slash),
    path: url.slice(slash),
    header: (name) => headers[name],
    queryParam: (name) => query[name],
  };
}

/** A request that will have `x-version`, with a value that is not known yet. */
function promising(text: string): MatchInput {
  return { ...request(text), header: (name) => (name === 'x-version' ? PROMISED : undefined) };
}

/** The id of the route that a request gets, or what happens instead, with `Allow`. */
function outcome(table: RouteTable, input: MatchInput): string {
  const out = newMatch();
  table.match(input, out);
  return out.kind === 'found' ? table.id(out.route) : `${out.kind} ${out.allow}`.trim();
}

const exact = (name: string, value: string): FieldPredicate => ({ name, kind: 'exact', value });

describe('RouteTable', () => {
  describe('prefers, segment by segment from the left, literal to parameter to rest', () => {
    const table = tableOf(
      route('root', '/'),
      route('all', '/*'),
      route('users', '/users'),
      route('users-slash', '/users/'),
      route('users-rest', '/users/*'),
      route('user', '/users/{id}'),
      route('me', '/users/me'),
      route('any-orders', '/{tenant}/orders'),
      route('user-x-rest', '/users/{id}/*'),
      route('user-orders', '/users/{id}/orders'),
      route('files', '/files/*'),
      route('one', '/{name}'),
    );
    const cases: [path: string, id: string][] = [
      ['/', 'root'],
      ['/users', 'users'],
      ['/users/', 'users-slash'],
      ['/users/7', 'user'],
      ['/users/me', 'me'],
      ['/users/Me', 'user'],
      ['/users/orders', 'user'], // the first segment decides: users is literal, {tenant} is not
      ['/users/7/', 'user-x-rest'],
      ['/users/7/orders', 'user-orders'],
      ['/users/7/orders/', 'user-x-rest'],
      ['/acme/orders', 'any-orders'],
      ['/files', 'files'], // a prefix without its slash
      ['/files/', 'files'],
      ['/files/a/b', 'files'],
      ['/filesystem', 'one'],
      ['/acme/', 'all'],
      ['/a/b/c/d/e/f/g', 'all'],
    ];
    for (const [path, id] of cases) {
      it(`${path} goes to ${id}`, () => assert.equal(outcome(table, request(`GET h${path}`)), id));
    }
  });

  it('prefers the exact host, then the longest suffix, then any, and falls back over all of them', () => {
    const table = tableOf(
      route('exact', '/a', { hosts: ['api.x.example.org'] }),
      route('long', '/*', { hosts: ['*.x.example.org'], methods: ['GET'] }),
      route('short', '/{p}', { hosts: ['*.Example.org'] }),
      route('any', '/a'),
      route('star', '/s', { hosts: ['*', 'api.x.example.org'] }),
    );
    const cases: [text: string, id: string][] = [
      ['GET api.x.example.org/a', 'exact'],
      ['GET api.x.example.org/b', 'long'],
      ['PUT api.x.example.org/b', 'short'],
      ['GET a.b.x.example.org/a', 'long'],
      ['GET x.example.org/a', 'short'],
      ['GET example.org/a', 'any'],
      ['GET xexample.org/a', 'any'],
      ['GET /a', 'any'],
      ['GET other/s', 'star'],
      ['GET other/b', 'not-found'],
    ];
    for (const [text, id] of cases) assert.equal(outcome(table, request(text)), id, text);
  });

  it('prefers more predicates, then the lesser id, and passes over those that do not hold', () => {
    const table = tableOf(
      route('plain', '/a'),
      route('b', '/a', { headers: [exact('X-Version', '2')] }),
      route('a', '/a', { query: [{ name: 'q', kind: 'present', value: '' }] }),
      route('both', '/a', {
        headers: [exact('x-version', '2')],
        query: [{ name: 'q', kind: 'regex', value: '^\\d+$' }],
      }),
      route('secure', '/a', { listeners: ['tls', 'quic'] }),
    );
    const version = { 'x-version': '2' };
    assert.equal(outcome(table, request('GET h/a')), 'plain');
    assert.equal(outcome(table, request('GET h/a tls')), 'secure');
    assert.equal(outcome(table, request('GET h/a', version)), 'b');
    assert.equal(outcome(table, request('GET h/a tls', version)), 'b');
    assert.equal(outcome(table, request('GET h/a', version, { q: 'x' })), 'a');
    assert.equal(outcome(table, request('GET h/a', version, { q: '42' })), 'both');
    assert.equal(outcome(table, request('GET h/a', { 'x-version': '3' })), 'plain');
  });

  it('lets a header that is only promised fit every condition, and no other', () => {
    const table = tableOf(
      route('exact', '/a', { headers: [exact('x-version', '2')] }),
      route('regex', '/b', { headers: [{ name: 'x-version', kind: 'regex', value: '^[0-9]$' }] }),
      route('both', '/c', { headers: [exact('x-version', '2'), exact('x-other', '1')] }),
    );
    for (let i = 0; i < 3; i++) {
      assert.equal(outcome(table, promising('PUT h/a')), 'exact');
      assert.equal(outcome(table, promising('PUT h/b')), 'regex');
      assert.equal(outcome(table, promising('PUT h/c')), 'not-found');
      assert.equal(outcome(table, request('PUT h/a')), 'not-found');
    }
  });

  it('answers what lacks only the method with all methods that would do', () => {
    const table = tableOf(
      route('get', '/users/{id}', { methods: ['GET'] }),
      route('put', '/users/*', { methods: ['PUT', 'OPTIONS'], hosts: ['h'] }),
      route('purge', '/users/7', { methods: ['PURGE'], headers: [exact('x-admin', '1')] }),
      route('post', '/forms', { methods: ['POST'] }),
    );
    assert.equal(outcome(table, request('POST h/users/7')), 'method-not-allowed GET, HEAD, PUT, OPTIONS');
    assert.equal(outcome(table, request('POST x/users/7')), 'method-not-allowed GET, HEAD, OPTIONS');
    assert.equal(
      outcome(table, request('POST x/users/7', { 'x-admin': '1' })),
      'method-not-allowed GET, HEAD, PURGE, OPTIONS',
    );
    assert.equal(outcome(table, request('BREW x/forms')), 'method-not-allowed POST, OPTIONS');
    assert.equal(outcome(table, request('OPTIONS h/users/7')), 'put');
    assert.equal(outcome(table, request('OPTIONS x/users/7')), 'options GET, HEAD, OPTIONS');
    assert.equal(outcome(table, request('OPTIONS x/nothing')), 'not-found');
    const out = newMatch();
    table.match(request('OPTIONS x/forms'), out);
    assert.equal(table.id(out.route), 'post');
  });

  it('gives HEAD to the route of GET, unless one as specific names HEAD', () => {
    const table = tableOf(
      route('a-get', '/a', { methods: ['GET'] }),
      route('z-head', '/a', { methods: ['HEAD'] }),
      route('any', '/a'),
      route('get', '/b', { methods: ['GET'] }),
      route('a-any', '/b'),
      route('get-x', '/c', { methods: ['GET'], headers: [exact('x', '1')] }),
      route('head', '/c', { methods: ['HEAD'] }),
    );
    assert.equal(outcome(table, request('GET h/a')), 'a-get');
    assert.equal(outcome(table, request('HEAD h/a')), 'z-head');
    assert.equal(outcome(table, request('POST h/a')), 'any');
    assert.equal(outcome(table, request('HEAD h/b')), 'get');
    assert.equal(outcome(table, request('HEAD h/c', { x: '1' })), 'get-x');
    assert.equal(outcome(table, request('HEAD h/c')), 'head');
  });

  it('reads parameters as they stand in the path, by the names of the route that was found', () => {
    const table = tableOf(
      route('r', '/{tenant}/files/{id}/*', { methods: ['GET'] }),
      route('s', '/{a}/files/{b}/*', { methods: ['PUT'] }),
      route('lit', '/lit'),
    );
    assert.deepEqual(table.paramNames(0), ['tenant', 'id', 'rest']);
    assert.deepEqual(table.params(0, '/acme%20x/files/7/a//b/'), ['acme%20x', '7', 'a//b/']);
    assert.deepEqual(table.params(0, '/acme/files/7/'), ['acme', '7', '']);
    assert.deepEqual(table.params(0, '/acme/files/7'), ['acme', '7', '']);
    assert.deepEqual(table.paramNames(1), ['a', 'b', 'rest']);
    assert.deepEqual(table.params(2, '/lit'), []);
  });

  it('gives back ids, paths and payloads of any text', () => {
    const routes = [route('é', '/café/{x}', { payload: '{"ü":"😀"}' }), route('b', '/b', { payload: '{}' })];
    const table = tableOf(...routes);
    assert.equal(table.size, 2);
    for (const [index, { id, path, payload }] of routes.entries()) {
      assert.deepEqual([table.id(index), table.path(index), table.payload(index)], [id, path, payload]);
    }
    assert.throws(() => table.payload(2), RangeError);
    assert.equal(outcome(table, request('GET h/caf%C3%A9/1')), 'é');
  });

  it('looks at 64 segments and lets only a rest reach beyond', () => {
    const long = '/a'.repeat(64);
    const table = tableOf(route('exact', long), route('prefix', `${long}/*`), route('short', '/a/*'));
    assert.equal(outcome(table, request(`GET h${long}`)), 'exact');
    assert.equal(outcome(table, request(`GET h${long}/b/c`)), 'prefix');
    assert.equal(outcome(table, request(`GET h${'/a'.repeat(63)}/b/c`)), 'short');
    assert.equal(outcome(table, request(`GET h${'/a'.repeat(20_000)}`)), 'prefix');
  });

  it('works without any route, and with nothing but a rest', () => {
    assert.equal(outcome(tableOf(), request('GET h/a/b')), 'not-found');
    const table = tableOf(route('all', '/*'));
    for (const path of ['/', '/a', '/a/b/']) assert.equal(outcome(table, request(`GET h${path}`)), 'all');
  });

  it('never remembers a result that a header had a say in', () => {
    const table = tableOf(route('plain', '/a'), route('canary', '/a', { headers: [exact('x', '1')] }));
    for (let round = 0; round < 4; round++) {
      assert.equal(outcome(table, request('GET h/a')), 'plain');
      assert.equal(outcome(table, request('GET h/a', { x: '1' })), 'canary');
    }
  });

  it('refuses a buffer that is no table', () => {
    assert.throws(() => openRouteTable(new SharedArrayBuffer(128)), /no route table/);
  });

  it('gives each path of a large table its own route', () => {
    const routes = Array.from({ length: 20_000 }, (_, index) =>
      route(`r${index}`, `/api/${index % 7}/s${index}/{id}`, { hosts: [`h${index % 997}.example`] }),
    );
    const table = tableOf(...routes);
    const out = newMatch();
    for (let index = 0; index < routes.length; index++) {
      table.match(request(`GET h${index % 997}.example/api/${index % 7}/s${index}/x`), out);
      assert.equal(out.route, index);
      table.match(request(`GET h${(index + 1) % 997}.example/api/${index % 7}/s${index}/x`), out);
      assert.equal(out.kind, 'not-found');
    }
  });
});
