import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { McpServer } from '@modelcontextprotocol/server';
import { fromJsonSchema } from '@modelcontextprotocol/server';
import { federation, modern, origin, plane, post, sdkClient, sdkServer, type Origin } from './fixture.ts';

const INPUT = fromJsonSchema<{ text?: string }>({ type: 'object', properties: { text: { type: 'string' } } });

/** A server that says what it is told, in its own voice. */
function echoing(voice: string) {
  return (server: McpServer): void => {
    for (const name of ['echo', 'shout']) {
      server.registerTool(
        name,
        { description: `${name} of ${voice}`, inputSchema: INPUT },
        ({ text = '' }) => ({
          content: [{ type: 'text', text: `${voice}: ${text}` }],
        }),
      );
    }
    server.registerTool('slow', { inputSchema: INPUT }, async (_args, { mcpReq }) => {
      await mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken: mcpReq._meta?.progressToken ?? 0, progress: 1, total: 2 },
      });
      return { content: [{ type: 'text', text: 'done' }] };
    });
  };
}

async function twoServers(t: TestContext): Promise<{ a: Origin; b: Origin }> {
  const a = await sdkServer(t, 'a', { tools: echoing('A') });
  const b = await sdkServer(t, 'b', { tools: echoing('B') });
  return { a, b };
}

for (const era of ['modern', 'legacy'] as const) {
  describe(`several servers behind one endpoint, for a ${era} client`, () => {
    it('are one list, and each call finds its server', async (t) => {
      const servers = await twoServers(t);
      const client = await sdkClient(t, await plane(t, federation(servers)), { era });
      const { tools } = await client.listTools();
      assert.deepEqual(
        tools.map(({ name }) => name),
        ['a__echo', 'a__shout', 'a__slow', 'b__echo', 'b__shout', 'b__slow'],
      );
      const result = await client.callTool({ name: 'b__shout', arguments: { text: 'Zoë' } });
      assert.deepEqual(result.content, [{ type: 'text', text: 'B: Zoë' }]);
    });

    it('pass on progress as it comes', async (t) => {
      const client = await sdkClient(t, await plane(t, federation(await twoServers(t))), { era });
      const heard: number[] = [];
      const options = { onprogress: ({ progress }: { progress: number }) => void heard.push(progress) };
      await client.callTool({ name: 'a__slow', arguments: {} }, options);
      assert.deepEqual(heard, [1]);
    });

    it('may be of older revisions', async (t) => {
      const { a } = await twoServers(t);
      const old = await sdkServer(t, 'old', { tools: echoing('Old'), legacy: 'stateless' });
      const client = await sdkClient(t, await plane(t, federation({ a, old })), { era });
      const result = await client.callTool({ name: 'old__echo', arguments: { text: 'x' } });
      assert.deepEqual(result.content, [{ type: 'text', text: 'Old: x' }]);
    });

    it('lose nobody but the one that is gone', async (t) => {
      const { a } = await twoServers(t);
      const gone = { url: 'http://127.0.0.1:1', seen: [] };
      const gateway = await plane(t, federation({ gone, a }));
      const client = await sdkClient(t, gateway, { era });
      const { tools } = await client.listTools();
      assert.deepEqual(
        tools.map(({ name }) => name),
        ['a__echo', 'a__shout', 'a__slow'],
      );
      assert.match(gateway.metrics(), /policy="mcp",reason="server",decision="failed"\} 1/);
    });
  });
}

describe('several servers behind one endpoint', () => {
  it('are told no token of the client, and nothing that is not for them', async (t) => {
    const servers = await twoServers(t);
    const gateway = await plane(t, federation(servers));
    const [body, headers] = modern('tools/call', { name: 'a__echo', arguments: { text: 'x' } });
    const secret = { authorization: 'Bearer secret', cookie: 'a=secret', origin: 'http://localhost' };
    const { status } = await post(gateway, body, { ...headers, ...secret });
    assert.equal(status, 200);
    assert.ok(!JSON.stringify(servers.a.seen).includes('secret'));
    const call = servers.a.seen.find(({ headers: fields }) => fields['mcp-method'] === 'tools/call');
    assert.equal(call?.headers['mcp-name'], 'echo');
    assert.equal(call?.headers.origin, undefined);
  });

  it('keep numbers as they were written', async (t) => {
    const servers = await twoServers(t);
    const gateway = await plane(t, federation(servers));
    const [body, headers] = modern('tools/call', { name: 'a__echo', arguments: { n: 'N' } });
    await post(gateway, JSON.stringify(body).replace('"N"', '12345678901234567890'), headers);
    assert.match(servers.a.seen.at(-1)?.body ?? '', /"n":12345678901234567890\b/);
  });
});

function before({ url }: Origin, mcp: object = {}, policies: object = {}, more: object = {}) {
  return {
    services: { main: { endpoints: [url] } },
    routes: { one: { match: { path: '/mcp' }, service: 'main', translate: { mcp }, policies } },
    ...more,
  };
}

describe('the proxy of one server', () => {
  for (const era of ['modern', 'legacy'] as const) {
    it(`is not noticed by a ${era} client`, async (t) => {
      const server = await sdkServer(t, 'main', { tools: echoing('Main'), legacy: 'stateless' });
      const client = await sdkClient(t, await plane(t, before(server)), { era });
      const { tools } = await client.listTools();
      assert.equal(tools.length, 3);
      const heard: number[] = [];
      const options = { onprogress: ({ progress }: { progress: number }) => void heard.push(progress) };
      await client.callTool({ name: 'slow', arguments: {} }, options);
      assert.deepEqual(heard, [1]);
      const result = await client.callTool({ name: 'echo', arguments: { text: 'hi' } });
      assert.deepEqual(result.content, [{ type: 'text', text: 'Main: hi' }]);
    });

    it(`shows a ${era} client only what it may call`, async (t) => {
      const server = await sdkServer(t, 'main', { tools: echoing('Main'), legacy: 'stateless' });
      const access = { 's*': { scopes: ['tools:loud'] }, slow: { anyScope: ['tools:slow', 'admin'] } };
      const consumers = {
        quiet: { keys: ['quiet-quiet-quiet-quiet-quiet-1'], scopes: [] },
        loud: { keys: ['loud-loud-loud-loud-loud-loud-1'], scopes: ['tools:loud'] },
      };
      const policies = { authenticate: { with: ['consumers'] } };
      const gateway = await plane(t, before(server, { access }, policies, { consumers }));
      const seenBy = async (key: string) => {
        const client = await sdkClient(t, gateway, { era, headers: { 'x-api-key': key } });
        const { tools } = await client.listTools();
        return [client, tools.map(({ name }) => name).sort()] as const;
      };
      const [quiet, few] = await seenBy('quiet-quiet-quiet-quiet-quiet-1');
      assert.deepEqual(few, ['echo']);
      await assert.rejects(quiet.callTool({ name: 'shout', arguments: {} }));
      const [loud, more] = await seenBy('loud-loud-loud-loud-loud-loud-1');
      assert.deepEqual(more, ['echo', 'shout']);
      const result = await loud.callTool({ name: 'shout', arguments: { text: 'HI' } });
      assert.deepEqual(result.content, [{ type: 'text', text: 'Main: HI' }]);
      assert.ok(!server.seen.some(({ body }) => body.includes('"shout"') && !body.includes('HI')));
      assert.match(gateway.metrics(), /turnpike_mcp_calls_total\{route="one",tool="shout",outcome="ok"\} 1/);
    });
  }

  it('makes a list that depends on the caller private, and refuses with what is missing', async (t) => {
    const server = await sdkServer(t, 'main', { tools: echoing('Main') });
    const consumers = { quiet: { keys: ['quiet-quiet-quiet-quiet-quiet-1'] } };
    const access = { shout: { scopes: ['tools:loud', 'tools:all'] } };
    const policies = { authenticate: { with: ['consumers'] } };
    const gateway = await plane(t, before(server, { access }, policies, { consumers }));
    const key = { 'x-api-key': 'quiet-quiet-quiet-quiet-quiet-1' };
    const [list, fields] = modern('tools/list');
    const { json } = await post(gateway, list, { ...fields, ...key });
    assert.equal(json.result.cacheScope, 'private');
    const [call, headers] = modern('tools/call', { name: 'shout', arguments: {} });
    const refused = await post(gateway, call, { ...headers, ...key });
    assert.equal(refused.status, 403);
    assert.match(refused.json.error?.message ?? '', /tools:loud tools:all/);
    assert.equal(refused.headers.get('www-authenticate'), null, 'HTTP has no word for what a key lacks');
  });

  it('tells nobody of what is not for them, by no other way', async (t) => {
    const server = await origin(t, () => ({ body: '{"jsonrpc":"2.0","id":1,"result":{}}' }));
    const consumers = { quiet: { keys: ['quiet-quiet-quiet-quiet-quiet-1'] } };
    const access = { 'secret*': { scopes: ['secrets'] } };
    const policies = { authenticate: { with: ['consumers'] } };
    const gateway = await plane(t, before(server, { access }, policies, { consumers }));
    const headers = { 'x-api-key': 'quiet-quiet-quiet-quiet-quiet-1', 'mcp-protocol-version': '2025-11-25' };
    const answered = async (method: string, params: object) =>
      (await post(gateway, { jsonrpc: '2.0', id: 1, method, params }, headers)).status;
    for (const [method, paramsOf] of [
      ['resources/read', (uri: string) => ({ uri })],
      ['resources/subscribe', (uri: string) => ({ uri })],
      ['prompts/get', (name: string) => ({ name })],
      ['completion/complete', (name: string) => ({ ref: { type: 'ref/prompt', name, uri: 'open' } })],
      ['completion/complete', (uri: string) => ({ ref: { type: 'ref/resource', uri, name: 'open' } })],
    ] as const) {
      assert.equal(await answered(method, paramsOf('secret:1')), 403, method);
      assert.equal(await answered(method, paramsOf('open')), 200, method);
    }
    assert.equal(await answered('completion/complete', { ref: { name: 'open' } }), 400);
    const [body, fields] = modern('subscriptions/listen', {
      notifications: { resourceSubscriptions: ['open', 'secret:1'] },
    });
    assert.equal((await post(gateway, body, { ...headers, ...fields })).status, 403);
    assert.ok(server.seen.every(({ body }) => !body.includes('secret:1')));
  });

  it('lets limits go by the tool, for older clients as well', async (t) => {
    const server = await sdkServer(t, 'main', { tools: echoing('Main'), legacy: 'stateless' });
    const consumers = { one: { keys: ['key-key-key-key-key-key-key-key'] } };
    const rateLimit = [{ limit: 2, per: '1h', by: ['identity', 'header:mcp-name'], when: TOOL_CALL }];
    const policies = { authenticate: { with: ['consumers'] }, rateLimit };
    const gateway = await plane(t, before(server, {}, policies, { consumers }));
    const client = await sdkClient(t, gateway, {
      era: 'legacy',
      headers: { 'x-api-key': 'key-key-key-key-key-key-key-key' },
    });
    await client.callTool({ name: 'echo', arguments: {} });
    await client.callTool({ name: 'echo', arguments: {} });
    await client.callTool({ name: 'shout', arguments: {} });
    await assert.rejects(client.callTool({ name: 'echo', arguments: {} }), /429/);
  });

  it('gives nothing to the server that its headers and its body say differently', async (t) => {
    const server = await sdkServer(t, 'main', { tools: echoing('Main'), legacy: 'stateless' });
    const gateway = await plane(t, before(server));
    const [body, headers] = modern('tools/call', { name: 'shout', arguments: {} });
    assert.equal((await post(gateway, body, { ...headers, 'mcp-name': 'echo' })).status, 400);
    for (const name of [['shout'], '', null, { name: 'shout' }]) {
      const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } };
      assert.equal((await post(gateway, message)).status, 400, JSON.stringify(name));
    }
    assert.deepEqual(server.seen, []);
  });
});

const TOOL_CALL = "request.headers['mcp-method'] == 'tools/call'";
