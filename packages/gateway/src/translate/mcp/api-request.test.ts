import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiTool, ToolBody, ToolParameter } from '@turnpike/config/validation';
import * as fc from '@turnpike/testkit/fast-check';
import type { Json } from '../../core/identity.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { apiRequest } from './api-request.ts';
import { exactArguments } from './exact-json.ts';

function tool(
  template: string,
  parameters: readonly Partial<ToolParameter>[],
  body: ToolBody | null = null,
): ApiTool {
  return {
    name: 't',
    title: '',
    description: '',
    method: 'POST',
    template,
    inputSchema: {},
    outputSchema: null,
    annotations: {},
    parameters: parameters.map((one) => ({
      argument: one.name ?? '',
      name: '',
      in: 'query',
      style: one.in === undefined || one.in === 'query' ? 'form' : 'simple',
      explode: one.in === undefined || one.in === 'query',
      isJson: false,
      ...one,
    })),
    body,
  };
}

describe('the request of an operation', () => {
  const table: readonly (readonly [what: string, Partial<ToolParameter>, Json, string])[] = [
    ['a list', { name: 'a' }, ['x', 'y'], '?a=x&a=y'],
    ['a list in one', { name: 'a', explode: false }, ['x', 'y'], '?a=x%2Cy'],
    ['a list with pipes', { name: 'a', explode: false, style: 'pipeDelimited' }, ['x', 'y'], '?a=x%7Cy'],
    ['an object', { name: 'a' }, { x: 1, y: true }, '?x=1&y=true'],
    ['a deep object', { name: 'a', style: 'deepObject' }, { x: 1 }, '?a%5Bx%5D=1'],
    ['JSON', { name: 'a', isJson: true }, { x: [1] }, '?a=%7B%22x%22%3A%5B1%5D%7D'],
    ['null', { name: 'a' }, null, '?a='],
    ['what looks like more', { name: 'a' }, 'x&b=1#c', '?a=x%26b%3D1%23c'],
  ];
  for (const [what, parameter, value, query] of table) {
    it(`writes ${what} into the query`, () => {
      const made = apiRequest(tool('/p', [parameter]), '/', { a: value });
      assert.equal(made.ok && made.request.query, query);
    });
  }

  it('never leaves its path, whatever the arguments are', () => {
    const operation = tool('/users/{id}/files/{name}', [
      { name: 'id', in: 'path' },
      { name: 'name', in: 'path' },
    ]);
    const text = fc.string({
      unit: fc.constantFrom('.', '/', '\\', '%', '2', 'f', 'F', 'e', '?', '#', 'a', '\n', 'é'),
    });
    fc.assert(
      fc.property(text, text, (id, name) => {
        const made = apiRequest(operation, '/v1', { id, name });
        if (!made.ok) return;
        assert.match(made.request.path, /^\/v1\/users\/[^/?#\s\\]+\/files\/[^/?#\s\\]+$/);
        const { pathname } = new URL(made.request.path, 'http://a');
        assert.equal(pathname, made.request.path, 'nobody can read another path into it');
      }),
      { numRuns: 2000 },
    );
  });

  for (const id of [
    '..',
    '../admin',
    'a/../b',
    '..\\admin',
    '%2e%2e/b',
    'a%2f..%2fb',
    '..;/b',
    './b',
    'a\u0000',
    'a%00',
    '\n',
  ])
    it(`refuses ${JSON.stringify(id)} in a path`, () => {
      const made = apiRequest(tool('/users/{id}', [{ name: 'id', in: 'path' }]), '/', { id });
      assert.equal(made.ok, false);
    });

  it('lets a name have a slash, which stays one segment', () => {
    const made = apiRequest(tool('/b/{id}', [{ name: 'id', in: 'path' }]), '/', { id: 'feature/..x' });
    assert.equal(made.ok && made.request.path, '/b/feature%2F..x');
  });

  it('refuses members of an object that are named like another parameter', () => {
    const operation = tool('/p', [{ name: 'filter' }, { name: 'role' }]);
    assert.equal(apiRequest(operation, '/', { filter: { role: 'admin' } }).ok, false);
    assert.equal(apiRequest(operation, '/', { filter: { team: 'a' } }).ok, true);
  });

  it('takes nothing for an argument that objects inherit', () => {
    const operation = tool('/p', [
      { name: 'constructor' },
      { name: '__proto__' },
      { name: 'toString', in: 'header' },
    ]);
    const made = apiRequest(operation, '/', {});
    assert.equal(made.ok && made.request.query, '');
    assert.equal(made.ok && made.request.headers.get('tostring'), undefined);
  });

  it('writes numbers as they came, which no double holds', () => {
    const body: ToolBody = { contentType: 'x', form: 'json', argument: 'body', fields: [] };
    const operation = tool('/p/{id}', [{ name: 'id', in: 'path' }, { name: 'q' }], body);
    const text =
      '{"params":{"arguments":{"id":9007199254740993,"q":[1e2,0.10000000000000000001],"body":{"n":-9007199254740993}}}}';
    const args = { id: 9007199254740992, q: [100, 0.1], body: { n: -9007199254740992 } };
    const made = apiRequest(operation, '/', exactArguments(exchangeFrom({ body: text }), args));
    assert.ok(made.ok);
    assert.equal(made.request.path, '/p/9007199254740993');
    assert.equal(made.request.query, '?q=100&q=0.10000000000000000001');
    assert.equal(made.request.body, '{"n":-9007199254740993}');
  });

  it('never has a header that an argument has made', () => {
    const operation = tool('/p', [{ name: 'X-A', in: 'header' }]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const made = apiRequest(operation, '/', { 'X-A': value });
        if (made.ok) assert.doesNotMatch(made.request.headers.get('x-a') ?? '', /[^\t\x20-\x7e]/);
      }),
    );
  });

  it('writes forms, texts and parts of objects', () => {
    const body = (form: ToolBody['form'], more: Partial<ToolBody> = {}): ToolBody => {
      return { contentType: 'x', form, argument: 'body', fields: [], ...more };
    };
    const fields = [
      { argument: 'body_a', name: 'a' },
      { argument: 'b', name: 'b' },
    ];
    for (const [plan, args, expected] of [
      [body('urlencoded'), { body: { a: 'x y', b: ['1', '2'] } }, 'a=x+y&b=1&b=2'],
      [body('text'), { body: 'Zoë' }, Buffer.from('Zoë').toString('latin1')],
      [body('json', { argument: null, fields }), { body_a: 1 }, '{"a":1}'],
      [body('json'), {}, null],
    ] as const) {
      const made = apiRequest(tool('/p', [], plan), '/', args);
      assert.equal(made.ok && made.request.body, expected);
    }
  });
});
