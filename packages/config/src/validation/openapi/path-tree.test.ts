import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PathTree } from './path-tree.ts';

const TEMPLATES = [
  '/',
  '/users',
  '/users/',
  '/users/me',
  '/users/{id}',
  '/users/{id}/posts/{post}',
  '/users/me/likes',
  '/files/{name}.json',
  '/files/{name}.{extension}',
  '/files/{file}',
  '/map/{x},{y}',
  '/caf%c3%a9/~a',
  '/{any}/{thing}',
];

const tree = new PathTree<string>();
for (const template of TEMPLATES) tree.add(template, template);

describe('PathTree', () => {
  const table: readonly (readonly [path: string, template: string | null, params?: readonly string[]])[] = [
    ['/', '/', []],
    ['/users', '/users', []],
    ['/users/', '/users/', []],
    ['/users/me', '/users/me', []],
    ['/users/7', '/users/{id}', ['7']],
    ['/users/me/posts/1', '/users/{id}/posts/{post}', ['me', '1']],
    ['/users/7/posts/', null],
    ['/users/me/likes', '/users/me/likes', []],
    ['/files/a.json', '/files/{name}.json', ['a']],
    ['/files/a.b.json', '/files/{name}.json', ['a.b']],
    ['/files/a.xml', '/files/{name}.{extension}', ['a', 'xml']],
    ['/files/a', '/files/{file}', ['a']],
    ['/files/.json', '/files/{file}', ['.json']],
    ['/map/1,2,3', '/map/{x},{y}', ['1', '2,3']],
    ['/map/1,', '/{any}/{thing}', ['map', '1,']],
    ['/caf%C3%A9/~a', '/caf%c3%a9/~a', []],
    ['/a/b', '/{any}/{thing}', ['a', 'b']],
    ['/a//b', null],
    ['/a', null],
    ['/a/b/c', null],
  ];
  for (const [path, template, params] of table) {
    it(`finds ${template ?? 'nothing'} for ${path}`, () => {
      assert.deepEqual(tree.find(path), template === null ? null : { value: template, params });
    });
  }
});
