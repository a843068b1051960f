// Prompts and resources of several servers behind one endpoint, and of one server that the gateway stands before.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/server';
import { federation, modern, plane, post, sdkClient, sdkServer } from './fixture.ts';

/** A server with a prompt, a resource of its own, one that both have, a template, and a resource that it does not list. */
function library(name: string) {
  return (server: McpServer): void => {
    server.registerPrompt('greet', { description: `greets as ${name}` }, () => ({
      messages: [{ role: 'user', content: { type: 'text', text: `${name} says hello` } }],
    }));
    const text = (uri: URL, what: string) => ({ contents: [{ uri: uri.href, text: `${name}: ${what}` }] });
    server.registerResource('own', `file:///${name}/readme`, {}, (uri) => text(uri, 'readme'));
    server.registerResource('same', 'file:///same', {}, (uri) => text(uri, 'same'));
    const template = new ResourceTemplate(`file:///${name}/notes/{n}`, { list: undefined });
    server.registerResource('notes', template, {}, (uri, { n }) => text(uri, `note ${String(n)}`));
    const hidden = new ResourceTemplate(`${name}:{+path}`, { list: undefined });
    server.registerResource('hidden', hidden, {}, (uri) => text(uri, 'hidden'));
  };
}

async function twoLibraries(t: TestContext, legacy: 'stateless' | 'reject' = 'reject') {
  const a = await sdkServer(t, 'a', { tools: library('a'), legacy });
  const b = await sdkServer(t, 'b', { tools: library('b'), legacy });
  return { a, b };
}

function textOf(result: { contents: readonly object[] }): unknown {
  const [first] = result.contents;
  return first !== undefined && 'text' in first ? first.text : undefined;
}

for (const era of ['modern', 'legacy'] as const) {
  describe(`prompts and resources of several servers, for a ${era} client`, () => {
    it('are one list each, and each request finds its server', async (t) => {
      const client = await sdkClient(t, await plane(t, federation(await twoLibraries(t))), { era });
      const { prompts } = await client.listPrompts();
      assert.deepEqual(
        prompts.map(({ name }) => name),
        ['a__greet', 'b__greet'],
      );
      const { messages } = await client.getPrompt({ name: 'b__greet' });
      assert.deepEqual(messages[0]?.content, { type: 'text', text: 'b says hello' });

      const { resources } = await client.listResources();
      assert.deepEqual(
        resources.map(({ uri }) => uri),
        ['file:///a/readme', 'file:///b/readme', 'file:///same'],
      );
      assert.equal(textOf(await client.readResource({ uri: 'file:///b/readme' })), 'b: readme');
      assert.equal(textOf(await client.readResource({ uri: 'file:///same' })), 'a: same', 'the first has it');

      const { resourceTemplates } = await client.listResourceTemplates();
      assert.deepEqual(
        resourceTemplates.map(({ uriTemplate }) => uriTemplate),
        ['a:{+path}', 'b:{+path}', 'file:///a/notes/{n}', 'file:///b/notes/{n}'],
      );
      assert.equal(textOf(await client.readResource({ uri: 'file:///b/notes/7' })), 'b: note 7');
      await assert.rejects(client.readResource({ uri: 'file:///nowhere' }), /not found/i);
      await assert.rejects(client.getPrompt({ name: 'c__greet' }), /Unknown prompt/);
    });

    it('may be of servers of older revisions', async (t) => {
      const old = await sdkServer(t, 'old', { tools: library('old'), legacy: 'stateless' });
      const client = await sdkClient(t, await plane(t, federation({ old })), { era });
      assert.equal((await client.listPrompts()).prompts.length, 1);
      assert.equal(textOf(await client.readResource({ uri: 'file:///old/readme' })), 'old: readme');
    });
  });
}

describe('prompts and resources of several servers', () => {
  it('are nothing of a server that has none, and its list counts as whole', async (t) => {
    const { a } = await twoLibraries(t);
    const bare = await sdkServer(t, 'bare', { tools: (server) => void server.registerTool('x', {}, none) });
    const gateway = await plane(t, federation({ bare, a }));
    const { json } = await post(gateway, ...modern('prompts/list'));
    assert.deepEqual(
      json.result.prompts.map(({ name }: { name: string }) => name),
      ['a__greet'],
    );
    assert.ok(!/reason="server",decision="failed"\} [1-9]/.test(gateway.metrics()));
  });

  it('are shown only as far as the configuration says', async (t) => {
    const { a, b } = await twoLibraries(t);
    const servers = [
      { service: 'a', offers: ['prompts'] },
      { service: 'b', offers: ['tools'] },
    ];
    const gateway = await plane(t, federation({ a, b }, { servers }));
    const { json } = await post(gateway, ...modern('server/discover'));
    assert.deepEqual(json.result.capabilities, { tools: {}, prompts: {} });
    assert.equal((await post(gateway, ...modern('prompts/get', { name: 'a__greet' }))).status, 200);
    assert.equal((await post(gateway, ...modern('resources/list'))).status, 404);
  });

  it('are asked for one after the other where none has listed it', async (t) => {
    const { a } = await twoLibraries(t);
    const secretive = await sdkServer(t, 'b', { tools: library('b') });
    const gateway = await plane(t, federation({ a, secretive }));
    const { json } = await post(gateway, ...modern('resources/read', { uri: 'b:anything' }));
    assert.equal(json.result.contents[0].text, 'b: hidden');
  });

  it('are for whom the rules of their names let through', async (t) => {
    const { a, b } = await twoLibraries(t);
    const consumers = {
      quiet: { keys: ['quiet-quiet-quiet-quiet-quiet-1'] },
      loud: { keys: ['loud-loud-loud-loud-loud-loud-1'], scopes: ['b'] },
    };
    const access = { 'b__*': { scopes: ['b'] } };
    const policies = { authenticate: { with: ['consumers'] } };
    const gateway = await plane(t, { ...federation({ a, b }, { access }, { policies }), consumers });
    const ask = (key: string, method: string, params: Readonly<Record<string, unknown>> = {}) => {
      const [body, headers] = modern(method, params);
      return post(gateway, body, { ...headers, 'x-api-key': key });
    };
    const [quiet, loud] = ['quiet-quiet-quiet-quiet-quiet-1', 'loud-loud-loud-loud-loud-loud-1'];
    const few = (await ask(quiet, 'resources/list')).json.result;
    assert.deepEqual(
      few.resources.map(({ uri }: { uri: string }) => uri),
      ['file:///a/readme', 'file:///same'],
    );
    assert.equal(few.cacheScope, 'private');
    assert.equal((await ask(quiet, 'prompts/get', { name: 'b__greet' })).status, 403);
    assert.equal((await ask(quiet, 'resources/read', { uri: 'file:///b/readme' })).status, 403);
    assert.equal((await ask(loud, 'resources/read', { uri: 'file:///b/readme' })).status, 200);
    const asked = b.seen.filter(({ headers }) => headers['mcp-method'] === 'resources/read');
    assert.equal(asked.length, 1, 'the server heard of nothing that was refused');
  });
});

describe('the proxy of one server', () => {
  it('holds prompts and resources against the rules, and lists what may be had', async (t) => {
    const main = await sdkServer(t, 'main', { tools: library('main') });
    const consumers = { quiet: { keys: ['quiet-quiet-quiet-quiet-quiet-1'] } };
    const access = { 'file:///main/*': { scopes: ['files'] }, greet: { scopes: ['prompts'] } };
    const policies = { authenticate: { with: ['consumers'] } };
    const routes = {
      one: { match: { path: '/mcp' }, service: 'main', translate: { mcp: { access } }, policies },
    };
    const gateway = await plane(t, { services: { main: { endpoints: [main.url] } }, routes, consumers });
    const ask = (method: string, params: Readonly<Record<string, unknown>> = {}) => {
      const [body, headers] = modern(method, params);
      return post(gateway, body, { ...headers, 'x-api-key': 'quiet-quiet-quiet-quiet-quiet-1' });
    };
    assert.deepEqual((await ask('prompts/list')).json.result.prompts, []);
    const { resources } = (await ask('resources/list')).json.result;
    assert.deepEqual(
      resources.map(({ uri }: { uri: string }) => uri),
      ['file:///same'],
    );
    assert.equal((await ask('prompts/get', { name: 'greet' })).status, 403);
    assert.equal((await ask('resources/read', { uri: 'file:///main/readme' })).status, 403);
    assert.equal((await ask('resources/read', { uri: 'file:///same' })).status, 200);
  });
});

function none() {
  return { content: [] };
}
