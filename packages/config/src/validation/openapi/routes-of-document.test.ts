import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routesOfDocument } from './routes-of-document.ts';

function routes(paths: object, basePath = '/') {
  return routesOfDocument(JSON.stringify({ openapi: '3.1.0', paths }), { basePath });
}

const inShort = (paths: object, basePath?: string) =>
  routes(paths, basePath).routes.map(({ id, path, methods }) => `${id}: ${methods.join()} ${path}`);

describe('routesOfDocument', () => {
  it('makes a route of each operation', () => {
    const paths = {
      '/users/{id}': { parameters: [], get: { operationId: 'getUser' }, delete: {} },
      'x-more': { get: {} },
    };
    assert.deepEqual(inShort(paths), [
      'getUser: GET,HEAD /users/{id}',
      'delete-users-id: DELETE /users/{id}',
    ]);
  });

  it('puts the base path in front', () => {
    assert.deepEqual(inShort({ '/': { get: { operationId: 'a' } }, '/b': { put: {} } }, '/v1/'), [
      'a: GET,HEAD /v1/',
      'put-b: PUT /v1/b',
    ]);
  });

  it('leaves HEAD to an operation of its own', () => {
    assert.deepEqual(inShort({ '/a': { get: {}, head: {} } }), ['get-a: GET /a', 'head-a: HEAD /a']);
  });

  it('has methods that no field is named after', () => {
    assert.deepEqual(inShort({ '/a': { query: {}, additionalOperations: { COPY: {} } } }), [
      'query-a: QUERY /a',
      'copy-a: COPY /a',
    ]);
  });

  it('names parameters so that patterns may have them, and spells literals as normalised paths do', () => {
    assert.deepEqual(inShort({ '/a b/{user-id}/ü%7e/{1}': { get: { operationId: 'get user!' } } }), [
      'get-user: GET,HEAD /a%20b/{user_id}/%C3%BC~/{_1}',
    ]);
  });

  it('follows path items that are elsewhere in the document', () => {
    const paths = { '/a': { $ref: '#/paths/~1b' }, '/b': { get: {} } };
    assert.deepEqual(inShort(paths), ['get-a: GET,HEAD /a', 'get-b: GET,HEAD /b']);
  });

  const problems: readonly (readonly [what: string, paths: object, pointer: string])[] = [
    ['a parameter that is a part of a segment', { '/a/{b}.json': { get: {} } }, '/paths/~1a~1{b}.json'],
    ['two parameters in a segment', { '/{a}-{b}': { get: {} } }, '/paths/~1{a}-{b}'],
    ['a parameter twice', { '/{a-b}/{a_b}': { get: {} } }, '/paths/~1{a-b}~1{a_b}'],
    ['an empty segment', { '/a//b': { get: {} } }, '/paths/~1a~1~1b'],
    ['a wildcard inside', { '/*/a': { get: {} } }, '/paths/~1*~1a'],
    [
      'an operationId of another',
      { '/a': { get: { operationId: 'x' } }, '/b': { get: { operationId: 'x' } } },
      '/paths/~1b/get',
    ],
    ['a reference to another file', { '/a': { $ref: 'other.yaml#/a' } }, '/paths/~1a'],
    ['a reference in a circle', { '/a': { $ref: '#/paths/~1a' } }, '/paths/~1a'],
  ];
  for (const [what, paths, pointer] of problems) {
    it(`tells of ${what}`, () =>
      assert.deepEqual(
        routes(paths).problems.map((problem) => problem.pointer),
        [pointer],
      ));
  }

  it('makes nothing of what is no description', () => {
    for (const text of ['null', '[]', '1', '{}', '{"paths":[]}']) {
      assert.deepEqual(routesOfDocument(text, { basePath: '/' }), { routes: [], problems: [] });
    }
  });
});
