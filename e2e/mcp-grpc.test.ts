// Methods of a grpc-js server as MCP tools: the built program between it and the official SDK.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Client } from '@modelcontextprotocol/client';
import { eventually } from '@turnpike/testkit';
import {
  startReflectingServer,
  type ReflectingServer,
} from '../packages/gateway/test/grpc/reflecting-server.ts';
import { sdkClient } from '../packages/gateway/test/mcp/fixture.ts';
import { libraryServer, type LibraryServer } from './library-server.ts';
import { runGateway, type RunningGateway } from './running-gateway.ts';

const SOURCE = new URL(
  '../packages/gateway/src/translate/grpc/transcode/fixtures/library.proto',
  import.meta.url,
).pathname;
const READER = { 'x-api-key': 'reader-reader-reader-reader-01' };
const WRITER = { 'x-api-key': 'writer-writer-writer-writer-01' };

type Result = Awaited<ReturnType<Client['callTool']>>;

function textOf({ content }: Result): string {
  return content.map((one) => (one.type === 'text' ? one.text : one.type)).join('\n');
}

function namesOf({ tools }: Awaited<ReturnType<Client['listTools']>>): string[] {
  return tools.map(({ name }) => name);
}

describe('methods of gRPC servers as tools', { timeout: 120_000 }, () => {
  let library: LibraryServer;
  let reflecting: ReflectingServer;
  let gateway: RunningGateway;

  before(async () => {
    library = await libraryServer();
    reflecting = await startReflectingServer();
    gateway = await runGateway(`
listeners: { web: { address: 127.0.0.1:0 } }
services:
  library:
    endpoints: [grpc://127.0.0.1:${library.port}]
    grpc: { protos: [${SOURCE}] }
  itself:
    endpoints: [grpc://127.0.0.1:${reflecting.port}]
    grpc: { reflection: true }
  gone:
    endpoints: [grpc://127.0.0.1:1]
    grpc: { protos: [${SOURCE}] }
consumers:
  reader: { keys: [reader-reader-reader-reader-01], scopes: [books] }
  writer: { keys: [writer-writer-writer-writer-01], scopes: [books, books:write] }
routes:
  mcp:
    match: { path: /mcp }
    translate: { mcp: { tools: [{ grpc: library }] } }
    policies: { eventStream: { heartbeat: 100ms } }
  itself: { match: { path: /itself }, translate: { mcp: { tools: [{ grpc: itself }, { grpc: gone, prefix: gone_, include: ["*/GetBook"] }] } } }
  scopes:
    match: { path: /scopes }
    translate:
      mcp:
        tools: [{ grpc: library, include: ["library.v1.Library/*Book"] }]
        access: { "*": { scopes: [books] }, "Library.CreateBook": { scopes: [books:write] } }
    policies: { authenticate: { with: [consumers] }, authorize: { scopes: [books] } }
admin: { address: 127.0.0.1:0 }
runtime: { threads: 1 }
`);
  });
  after(async () => {
    await gateway?.[Symbol.asyncDispose]();
    library?.stop();
    reflecting?.close();
    if (library !== undefined) await rm(library.folder, { recursive: true, force: true });
  });

  for (const era of ['modern', 'legacy'] as const) {
    const connect = (t: TestContext, path = '/mcp', headers: Readonly<Record<string, string>> = {}) =>
      sdkClient(t, gateway, { era, path, headers });

    describe(`for a ${era} client of the official SDK`, () => {
      it('are listed with what they take', async (t) => {
        const list = await (await connect(t)).listTools();
        assert.deepEqual(
          namesOf(list),
          [
            'CountBooks',
            'CreateBook',
            'DeleteBook',
            'GetBook',
            'GetCover',
            'ListBooks',
            'MoveBook',
            'PurgeBooks',
            'PutCover',
            'ReadPages',
            'UpdateBook',
            'WatchBooks',
          ].map((name) => `Library.${name}`),
        );
        const getBook = list.tools.find(({ name }) => name === 'Library.GetBook');
        assert.equal(getBook?.description, 'One book.');
        assert.deepEqual(getBook?.inputSchema.properties, { name: { type: 'string' } });
      });

      it('are called with all of the message, whatever their annotations say', async (t) => {
        const client = await connect(t);
        const got = await client.callTool({
          name: 'Library.GetBook',
          arguments: { name: 'shelves/1/books/2' },
        });
        const { authors, author, ...book } = got.structuredContent as Readonly<Record<string, unknown>>;
        assert.deepEqual([authors, author], [[], undefined]);
        assert.deepEqual(book, {
          name: 'shelves/1/books/2',
          title: 'Ä',
          pages: '9007199254740993',
          genre: 'NOVEL',
          publishedAt: '1970-01-01T00:00:01Z',
        });
        assert.deepEqual(library.last.metadata.get('authorization'), []);
        await client.callTool({
          name: 'Library.ListBooks',
          arguments: {
            pageSize: 5,
            years: ['9007199254740993'],
            genres: ['POETRY'],
            filter: { text: 'a b' },
          },
        });
        assert.deepEqual(library.last.request, {
          page_size: 5,
          years: ['9007199254740993'],
          genres: ['POETRY'],
          filter: { text: 'a b' },
        });
      });

      it('give media as they are', async (t) => {
        const client = await connect(t);
        const { content } = await client.callTool({ name: 'Library.GetCover', arguments: { name: 'a' } });
        assert.deepEqual(content, [{ type: 'image', mimeType: 'image/png', data: 'AP8=' }]);
      });

      it('tell who asks how a stream goes on, and give all of it at the end', async (t) => {
        const client = await connect(t);
        const heard: unknown[] = [];
        const call = { name: 'Library.WatchBooks', arguments: { pageSize: 3 } };
        const result = await client.callTool(call, {
          onprogress: ({ progress, message }) =>
            void heard.push([progress, (JSON.parse(message ?? '') as { title: string }).title]),
        });
        assert.deepEqual(heard, [
          [1, '0'],
          [2, '1'],
          [3, '2'],
        ]);
        const { messages } = result.structuredContent as { messages: { title: string }[] };
        assert.deepEqual(
          messages.map(({ title }) => title),
          ['0', '1', '2'],
        );
        const unasked = await client.callTool(call);
        assert.deepEqual(unasked.structuredContent, result.structuredContent);
        const failed = await client.callTool({ ...call, arguments: { orderBy: 'fail' } });
        assert.match(textOf(failed), /after 2 messages.*lost/s);
        const large = await client.callTool({ ...call, arguments: { pageSize: 5000 } });
        assert.match(textOf(large), /larger than the 25600 bytes/);
      });

      it('tell a model their status, with its details', async (t) => {
        const client = await connect(t);
        const missing = await client.callTool({ name: 'Library.GetBook', arguments: { name: 'missing' } });
        assert.equal(missing.isError, true);
        assert.match(textOf(missing), /status 404.*No missing 100 %.*"code":"NOT_FOUND"/s);
        const broken = await client.callTool({ name: 'Library.GetBook', arguments: { name: 'broken' } });
        assert.equal(broken.isError, true);
        assert.match(textOf(broken), /INVALID_ARGUMENT.*#\/title/s);
      });

      it('are not called with what their message does not have', async (t) => {
        const client = await connect(t);
        const { calls } = library.last;
        const wrong = await client.callTool({ name: 'Library.GetBook', arguments: { nome: 'a' } });
        assert.equal(wrong.isError, true);
        assert.match(textOf(wrong), /#\/nome/);
        assert.equal(library.last.calls, calls);
      });

      it('are shown and called by scope', async (t) => {
        const reader = await connect(t, '/scopes', READER);
        const writer = await connect(t, '/scopes', WRITER);
        const all = ['CreateBook', 'DeleteBook', 'GetBook', 'MoveBook', 'UpdateBook'].map(
          (name) => `Library.${name}`,
        );
        assert.deepEqual(namesOf(await writer.listTools()), all);
        assert.deepEqual(
          namesOf(await reader.listTools()),
          all.filter((name) => name !== 'Library.CreateBook'),
        );
        const { calls } = library.last;
        const call = {
          name: 'Library.CreateBook',
          arguments: { parent: 'shelves/1', book: { title: 'New' } },
        };
        await assert.rejects(reader.callTool(call));
        assert.equal(library.last.calls, calls);
        const created = await writer.callTool(call);
        assert.equal((created.structuredContent as { title: string }).title, 'New');
      });

      it('may describe themselves, and one that is gone says so', async (t) => {
        const client = await connect(t, '/itself');
        // Its first answer to reflection may still be on its way.
        let names = namesOf(await client.listTools());
        while (!names.includes('Library.Get')) names = namesOf(await client.listTools());
        assert.deepEqual(names, ['Library.Get', 'gone_Library.GetBook']);
        const got = await client.callTool({ name: 'Library.Get', arguments: { name: 'x' } });
        assert.equal((got.structuredContent as { pages: string }).pages, '9007199254740993');
        const gone = await client.callTool({ name: 'gone_Library.GetBook', arguments: {} });
        assert.equal(gone.isError, true);
        assert.match(textOf(gone), /CONNECT_FAILED/);
      });
    });
  }

  it('end a stream when the client has heard enough', async (t) => {
    const client = await sdkClient(t, gateway, { era: 'modern', path: '/mcp', headers: {} });
    const { cancelled } = library.last;
    const left = new AbortController();
    const call = client.callTool(
      { name: 'Library.WatchBooks', arguments: { orderBy: 'never' } },
      { signal: left.signal, onprogress: ({ progress }) => void (progress === 2 && left.abort()) },
    );
    await assert.rejects(call);
    await eventually(() => library.last.cancelled > cancelled, 'the end of the call');
  });

  it('are counted by tool, and by the status of gRPC', async () => {
    const { body } = await gateway.admin('/metrics');
    assert.match(
      body,
      /turnpike_mcp_calls_total\{route="mcp",tool="Library.GetBook",outcome="error"\} [1-9]/,
    );
    assert.match(
      body,
      /turnpike_mcp_calls_total\{route="scopes",tool="Library.CreateBook",outcome="refused"\} 2/,
    );
    assert.match(body, /route="mcp".*status="5"|route="mcp".*NOT_FOUND/);
  });
});
