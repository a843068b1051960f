import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { apiRoute, TEXTS, users } from './api.ts';
import { modern, plane, post, sdkClient } from './fixture.ts';

type Text = { readonly content: readonly { readonly text?: string }[]; readonly isError?: boolean };

function textOf(result: unknown): string {
  return (result as Text).content[0]?.text ?? '';
}

for (const era of ['modern', 'legacy'] as const) {
  describe(`the operations of an API, for a ${era} client of the official SDK`, () => {
    it('are listed by name, with schemas without references', async (t) => {
      const client = await sdkClient(t, await plane(t, apiRoute(await users(t)), TEXTS), { era });
      const { tools } = await client.listTools();
      assert.deepEqual(
        tools.map(({ name }) => name),
        ['addUser', 'deleteUser', 'getUser', 'listUsers'],
      );
      const [addUser, deleteUser] = tools;
      assert.deepEqual(addUser?.inputSchema, {
        type: 'object',
        properties: {
          name: { type: 'string' },
          body_name: { type: 'string', minLength: 1 },
          manager: { type: 'object' },
        },
        required: ['body_name'],
        additionalProperties: false,
      });
      assert.deepEqual(deleteUser?.annotations, { idempotentHint: true, destructiveHint: true });
    });

    it('become requests, and their answers results', async (t) => {
      const service = await users(t);
      const client = await sdkClient(t, await plane(t, apiRoute(service), TEXTS), { era });
      const added = await client.callTool({
        name: 'addUser',
        arguments: { name: 'a&b', body_name: 'Zoë', manager: {} },
      });
      assert.deepEqual(added.structuredContent, { name: 'Zoë', manager: {} });
      const found = await client.callTool({ name: 'getUser', arguments: { id: 'a/b?c' } });
      assert.deepEqual(found.structuredContent, { id: 'a/b?c', name: 'Jörg' });
      const listed = await client.callTool({
        name: 'listUsers',
        arguments: { limit: 2, tag: ['x', 'y z'], 'X-Tenant': 'acme' },
      });
      assert.match(textOf(listed), /user number 1/);
      const deleted = await client.callTool({ name: 'deleteUser', arguments: { id: '7' } });
      assert.notEqual(deleted.isError, true);
      assert.deepEqual(
        service.seen.map(({ method, url, body }) => `${method} ${url} ${body}`.trim()),
        [
          'POST /users?name=a%26b {"name":"Zoë","manager":{}}',
          'GET /users/a%2Fb%3Fc',
          'GET /users?limit=2&tag=x&tag=y%20z',
          'DELETE /users/7',
        ],
      );
      assert.equal(service.seen[2]?.headers['x-tenant'], 'acme');
      assert.equal(service.seen[0]?.headers['content-type'], 'application/json');
    });

    it('tell a model what went wrong', async (t) => {
      const service = await users(t);
      const client = await sdkClient(t, await plane(t, apiRoute(service), TEXTS), { era });
      const missing = await client.callTool({ name: 'getUser', arguments: { id: 'nobody' } });
      assert.equal(missing.isError, true);
      assert.match(textOf(missing), /status 404[^]*No such user/);
      const wrong = await client.callTool({ name: 'listUsers', arguments: { limit: 'many', page: 1 } });
      assert.match(textOf(wrong), /\/page must not be there[^]*\/limit must be integer/);
      const other = await client.callTool({ name: 'getUser', arguments: { id: 'broken' } });
      assert.equal(other.isError, true);
      const large = await client.callTool({ name: 'listUsers', arguments: { limit: 1000 } });
      assert.equal(large.isError, true);
      assert.match(textOf(large), /larger than the 25600 bytes[^]*limit/);
      assert.ok(Buffer.byteLength(textOf(large)) < 26_000);
      assert.equal(service.seen.length, 3, 'what does not fit the schema is not asked');
      await assert.rejects(client.callTool({ name: 'nothing', arguments: {} }), /Unknown tool/);
    });

    it('are never told the token or the cookies of the client', async (t) => {
      const service = await users(t);
      const headers = { authorization: 'Bearer secret', cookie: 'sid=secret', 'x-other': 'secret' };
      const client = await sdkClient(t, await plane(t, apiRoute(service), TEXTS), { era, headers });
      await client.callTool({ name: 'getUser', arguments: { id: '1' } });
      assert.ok(!JSON.stringify(service.seen).includes('secret'));
    });
  });
}

describe('a tool of an API', () => {
  it('says that its service is gone', async (t) => {
    const gateway = await plane(t, apiRoute({ url: 'http://127.0.0.1:1', seen: [] }), TEXTS);
    const [body, headers] = modern('tools/call', { name: 'getUser', arguments: { id: '1' } });
    const { status, json } = await post(gateway, body, headers);
    assert.equal(status, 200);
    assert.match(textOf(json.result), /CONNECT_FAILED/);
  });

  it('lets no argument become another header or path', async (t) => {
    const service = await users(t);
    const gateway = await plane(t, apiRoute(service), TEXTS);
    for (const args of [
      { name: 'listUsers', arguments: { 'X-Tenant': 'a\r\nX-Admin: 1' } },
      { name: 'getUser', arguments: { id: '..' } },
      { name: 'getUser', arguments: { id: '' } },
    ]) {
      const { json } = await post(gateway, ...modern('tools/call', args));
      assert.equal(json.result.isError, true, JSON.stringify(args));
    }
    assert.deepEqual(service.seen, []);
  });

  it('is chosen, renamed and counted', async (t) => {
    const service = await users(t);
    const mcp = { include: ['*User'], exclude: ['delete*'], prefix: 'crm_', basePath: '/v1' };
    const gateway = await plane(t, apiRoute(service, mcp), TEXTS);
    const { json } = await post(gateway, ...modern('tools/list'));
    assert.deepEqual(
      json.result.tools.map(({ name }: { name: string }) => name),
      ['crm_addUser', 'crm_getUser'],
    );
    await post(gateway, ...modern('tools/call', { name: 'crm_getUser', arguments: { id: '1' } }));
    await post(gateway, ...modern('tools/call', { name: 'made-up', arguments: {} }));
    assert.equal(service.seen[0]?.url, '/v1/users/1');
    const counted = gateway.metrics().match(/turnpike_mcp_calls_total\{.*/g);
    assert.deepEqual(counted, [
      'turnpike_mcp_calls_total{route="tools",tool="crm_getUser",outcome="ok"} 1',
      'turnpike_mcp_calls_total{route="tools",tool="",outcome="refused"} 1',
    ]);
    const line = (await gateway.lines(3)).find(({ operation }) => operation === 'crm_getUser');
    assert.equal(line?.['service'], 'users');
  });
});
