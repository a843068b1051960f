import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSpecType } from '@modelcontextprotocol/server';
import * as fc from '@turnpike/testkit/fast-check';
import { apiRoute, TEXTS, users } from './api.ts';
import { META, modern, plane, post, type PostReply } from './fixture.ts';

function legacy(method: string, params: object = {}, id: unknown = 1): object {
  return { jsonrpc: '2.0', id, method, params };
}

const HELLO = legacy('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
});

/** Status and code, in short. */
function verdict({ status, json }: PostReply): string {
  return `${status} ${json?.error?.code ?? (json === null ? '' : 'ok')}`.trim();
}

describe('an endpoint without sessions', () => {
  it('says what it is', async (t) => {
    const route = apiRoute(await users(t));
    const gateway = await plane(t, route, TEXTS);
    const { json } = await post(gateway, ...modern('server/discover'));
    assert.ok(isSpecType.DiscoverResult(json.result));
    assert.deepEqual(json.result, {
      resultType: 'complete',
      supportedVersions: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'],
      capabilities: { tools: {} },
      ttlMs: 300_000,
      cacheScope: 'public',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'tools', version: '1.0.0' } },
    });
  });

  it('answers each fault in the way that the specification wants', async (t) => {
    const gateway = await plane(t, apiRoute(await users(t)), TEXTS);
    const [list, headers] = modern('tools/list');
    const call = modern('tools/call', { name: 'getUser', arguments: { id: '1' } });
    const without = (name: string) =>
      Object.fromEntries(Object.entries(call[1]).filter(([key]) => key !== name));
    const claims = (version: string) => ({
      ...list,
      params: { _meta: { ...META, 'io.modelcontextprotocol/protocolVersion': version } },
    });
    const table: readonly (readonly [
      what: string,
      body: unknown,
      headers: Record<string, string>,
      is: string,
    ])[] = [
      ['a good one', list, headers, '200 ok'],
      ['no JSON', '{', headers, '400 -32700'],
      [
        'a name twice',
        JSON.stringify(list).replace('"id":1', '"id":1,"method":"ping"'),
        headers,
        '400 -32700',
      ],
      ['a deep one', `${'['.repeat(100)}${']'.repeat(100)}`, headers, '400 -32700'],
      ['a batch', [list], headers, '400 -32600'],
      ['no message', { id: 1, method: 'tools/list' }, headers, '400 -32600'],
      ['a null id', { ...list, id: null }, headers, '400 -32600'],
      ['a notification', { jsonrpc: '2.0', method: 'notifications/cancelled' }, headers, '400 -32020'],
      [
        'a notification of its kind',
        { jsonrpc: '2.0', method: 'notifications/cancelled' },
        { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'notifications/cancelled' },
        '202',
      ],
      [
        'a response',
        { jsonrpc: '2.0', id: 1, result: {} },
        { 'mcp-protocol-version': '2026-07-28' },
        '400 -32600',
      ],
      ['an unknown method', ...modern('tools/forget'), '404 -32601'],
      ['the ping of older revisions', ...modern('ping'), '404 -32601'],
      [
        'a later revision',
        claims('2027-01-01'),
        { ...headers, 'mcp-protocol-version': '2027-01-01' },
        '400 -32022',
      ],
      [
        'another revision in the header',
        list,
        { ...headers, 'mcp-protocol-version': '2025-11-25' },
        '400 -32020',
      ],
      ['no revision in the header', call[0], without('mcp-protocol-version'), '400 -32020'],
      ['no method in the header', call[0], without('mcp-method'), '400 -32020'],
      ['no name in the header', call[0], without('mcp-name'), '400 -32020'],
      ['another method in the header', list, { ...headers, 'mcp-method': 'tools/call' }, '400 -32020'],
      ['another name in the header', call[0], { ...call[1], 'mcp-name': 'listUsers' }, '400 -32020'],
      ['a name in base64', call[0], { ...call[1], 'mcp-name': '=?base64?Z2V0VXNlcg==?=' }, '200 ok'],
      ['a name in bad base64', call[0], { ...call[1], 'mcp-name': '=?base64?Z2V0VXNlcg?=' }, '400 -32020'],
      ['no envelope', legacy('tools/list'), headers, '400 -32602'],
      [
        'an envelope that is not whole',
        { ...list, params: { _meta: { ...META, [CAPABILITIES]: 1 } } },
        headers,
        '400 -32602',
      ],
      ['initialize', HELLO, { 'mcp-protocol-version': '2026-07-28' }, '400 -32020'],
      ['a made up cursor', ...modern('tools/list', { cursor: 'xyz' }), '200 -32602'],
      ['arguments that are none', ...modern('tools/call', { name: 'getUser', arguments: [] }), '200 -32602'],
    ];
    for (const [what, body, fields, expected] of table)
      assert.equal(verdict(await post(gateway, body, fields)), expected, what);
    const unsupported = await post(gateway, claims('2027-01-01'));
    assert.deepEqual(unsupported.json.error.data, {
      supported: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'],
      requested: '2027-01-01',
    });
  });

  it('takes POST only, of JSON only, up to 1 MiB', async (t) => {
    const { port } = await plane(t, apiRoute(await users(t)), TEXTS);
    const url = `http://127.0.0.1:${port}/mcp`;
    for (const method of ['GET', 'DELETE', 'PUT', 'HEAD']) {
      const { status, headers } = await fetch(url, { method });
      assert.deepEqual([status, headers.get('allow')], [405, 'POST'], method);
    }
    const [body, headers] = modern('tools/list');
    assert.equal((await post({ port }, body, { ...headers, 'content-type': 'text/plain' })).status, 415);
    const padded = { ...body, params: { ...body.params, text: 'x'.repeat(1024 * 1024) } };
    assert.equal(verdict(await post({ port }, padded, headers)), '413 -32000');
  });

  it('answers no pages of others', async (t) => {
    const mcp = { tools: [{ openapi: '/api.json', service: 'users' }], origins: ['https://*.example.com'] };
    const route = apiRoute(await users(t), {}, { translate: { mcp } });
    const gateway = await plane(t, route, TEXTS);
    const [body, headers] = modern('tools/list');
    const from = async (value: string, host = '127.0.0.1') => {
      const { status } = await post(gateway, body, { ...headers, origin: value, host });
      return status;
    };
    assert.equal(await from('https://app.example.com'), 200);
    assert.equal(await from('http://localhost:3000'), 200);
    for (const other of [
      'https://evil.example',
      'https://example.com.evil',
      'null',
      'https://a/.example.com',
    ])
      assert.equal(await from(other), 403, other);
  });

  it('gives long lists in pages that fit together', async (t) => {
    const operations = Array.from({ length: 450 }, (_, index) => [
      `/o${index}`,
      { get: { operationId: `o${index}`, responses: { 200: { description: '' } } } },
    ]);
    const document = {
      openapi: '3.1.0',
      info: { title: '', version: '1' },
      paths: Object.fromEntries(operations),
    };
    const gateway = await plane(t, apiRoute(await users(t)), { '/api.json': JSON.stringify(document) });
    const names: string[] = [];
    for (let cursor: string | undefined; ;) {
      const { json } = await post(
        gateway,
        ...modern('tools/list', { ...(cursor !== undefined && { cursor }) }),
      );
      names.push(...json.result.tools.map(({ name }: { name: string }) => name));
      cursor = json.result.nextCursor;
      if (cursor === undefined) break;
    }
    assert.equal(new Set(names).size, 450);
    assert.deepEqual(names, names.toSorted());
  });
});

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

describe('an endpoint for older clients', () => {
  it('greets them, and knows their sessions, of which it keeps nothing', async (t) => {
    const gateway = await plane(t, apiRoute(await users(t)), TEXTS);
    const hello = await post(gateway, HELLO);
    assert.ok(isSpecType.InitializeResult(hello.json.result));
    assert.equal(hello.json.result.protocolVersion, '2025-11-25');
    const session = { 'mcp-session-id': hello.headers.get('mcp-session-id') ?? '' };
    const fields = { ...session, 'mcp-protocol-version': '2025-11-25' };
    assert.equal(
      verdict(await post(gateway, { jsonrpc: '2.0', method: 'notifications/initialized' }, fields)),
      '202',
    );
    const { json } = await post(gateway, legacy('tools/list'), fields);
    assert.ok(isSpecType.ListToolsResult(json.result));
    assert.ok(!('resultType' in json.result));
    assert.deepEqual((await post(gateway, legacy('ping'), fields)).json.result, {});
    assert.equal(verdict(await post(gateway, legacy('tools/forget'), fields)), '200 -32601');
    const forged = { ...fields, 'mcp-session-id': `${session['mcp-session-id'].slice(0, -1)}x` };
    assert.equal(verdict(await post(gateway, legacy('ping'), forged)), '404 -32000');
    const bye = await fetch(`http://127.0.0.1:${gateway.port}/mcp`, { method: 'DELETE', headers: fields });
    assert.equal(bye.status, 204);
  });

  it('speaks the revision that they ask for, or else its latest', async (t) => {
    const gateway = await plane(t, apiRoute(await users(t)), TEXTS);
    for (const [asked, given] of [
      ['2025-06-18', '2025-06-18'],
      ['2024-11-05', '2025-11-25'],
    ]) {
      const { json } = await post(gateway, legacy('initialize', { protocolVersion: asked }));
      assert.equal(json.result.protocolVersion, given);
    }
  });
});

describe('headers and body of a message', () => {
  it('are never taken when they disagree, whatever they are', async (t) => {
    const service = await users(t);
    const gateway = await plane(t, apiRoute(service), TEXTS);
    const method = fc.constantFrom(
      'tools/call',
      'tools/list',
      'tools/Call',
      ' tools/call',
      'tools/call,',
      '',
    );
    const name = fc.oneof(
      fc.constantFrom('getUser', 'getuser', 'deleteUser', 'getUser, getUser', '=?base64?Z2V0VXNlcg==?='),
      fc.string({ unit: fc.constantFrom('a', 'Z', '_', '.', '-', '=', '?', ' ') }),
    );
    await fc.assert(
      fc.asyncProperty(method, name, method, name, async (bodyMethod, bodyName, headerMethod, headerName) => {
        const [body, headers] = modern(bodyMethod, { name: bodyName, arguments: { id: '1' } });
        const { status } = await post(gateway, body, {
          ...headers,
          'mcp-method': headerMethod,
          'mcp-name': headerName,
        });
        const decoded = headerName.trim() === '=?base64?Z2V0VXNlcg==?=' ? 'getUser' : headerName.trim();
        const agree =
          bodyMethod === headerMethod.trim() && (bodyMethod !== 'tools/call' || bodyName === decoded);
        if (!agree) assert.equal(status, 400);
        else assert.notEqual(status, 400);
      }),
      { numRuns: 300 },
    );
    assert.ok(service.seen.every(({ url }) => url === '/users/1'));
  });
});
