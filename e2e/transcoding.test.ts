// A library of grpc-js behind the built program, and clients that know nothing of gRPC.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { libraryServer, type LibraryServer } from './library-server.ts';
import { runGateway, type RunningGateway } from './running-gateway.ts';

const SOURCE = new URL(
  '../packages/gateway/src/translate/grpc/transcode/fixtures/library.proto',
  import.meta.url,
).pathname;

describe('HTTP and JSON to a gRPC server', { timeout: 120_000 }, () => {
  let library: LibraryServer;
  let gateway: RunningGateway;
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${gateway.port}${path}`, init);
  const send = (path: string, body: unknown, method = 'POST'): Promise<Response> =>
    ask(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

  before(async () => {
    library = await libraryServer();
    gateway = await runGateway(`
listeners: { web: { address: 127.0.0.1:0 } }
services:
  library:
    endpoints: [grpc://127.0.0.1:${library.port}]
    grpc: { protos: [${SOURCE}] }
  gone:
    endpoints: [grpc://127.0.0.1:1]
    grpc: { protos: [${SOURCE}] }
routes:
  library: { match: { path: /* }, service: library, translate: { grpc: transcode } }
  api: { match: { path: /api/* }, service: library, rewrite: { stripPrefix: /api }, translate: { grpc: transcode }, policies: { timeout: 60s } }
  gone: { match: { path: /gone/* }, service: gone, rewrite: { stripPrefix: /gone }, translate: { grpc: transcode } }
  instead:
    match: { path: /instead/* }
    service: gone
    rewrite: { stripPrefix: /instead }
    translate: { grpc: transcode }
    policies: { fallback: { service: library } }
admin: { address: 127.0.0.1:0 }
runtime: { threads: 1 }
`);
  });
  after(async () => {
    await gateway?.[Symbol.asyncDispose]();
    library?.stop();
    if (library !== undefined) await rm(library.folder, { recursive: true, force: true });
  });

  it('calls methods by their paths, queries and bodies', async () => {
    const got = await ask('/v1/shelves/1/books/2', { headers: { 'x-mine': 'yes' } });
    assert.equal(got.status, 200);
    assert.deepEqual(
      [got.headers.get('content-type'), got.headers.get('x-shelf')],
      ['application/json', 'first'],
    );
    const book = {
      name: 'shelves/1/books/2',
      title: 'Ä',
      pages: '9007199254740993',
      genre: 'NOVEL',
      publishedAt: '1970-01-01T00:00:01Z',
    };
    assert.deepEqual(await got.json(), book);
    assert.deepEqual(library.last.metadata.get('x-mine'), ['yes']);

    await ask('/api/v1/books?page_size=5&years=9007199254740993&genres=POETRY&filter.text=a%20b');
    assert.deepEqual(library.last.request, {
      page_size: 5,
      years: ['9007199254740993'],
      genres: ['POETRY'],
      filter: { text: 'a b' },
    });

    const updated = await send(
      '/v1/shelves/1/books/2?update_mask=title',
      { name: 'other', title: 'T' },
      'PATCH',
    );
    assert.deepEqual(await updated.json(), { name: 'shelves/1/books/2', title: 'T' });
    const moved = await send('/v1/books/0:move', { id: 7 });
    assert.deepEqual(await moved.json(), { name: '0' });
    const counted = await send('/library.v1.Library/CountBooks', {});
    assert.deepEqual(await counted.json(), { count: '3' });
  });

  it('tells the service how long the route waits', async () => {
    await ask('/v1/shelves/1/books/2');
    assert.equal(library.last.deadline, Infinity);
    const before = Date.now();
    await ask('/api/v1/shelves/1/books/2');
    const deadline = Number(String(library.last.deadline));
    assert.ok(deadline > before && deadline <= Date.now() + 60_000, `${deadline - before}`);
  });

  it('answers failures with problems', async () => {
    const missing = await ask('/v1/shelves/missing/books/2');
    assert.equal(missing.status, 404);
    const { detail, code } = (await missing.json()) as Record<string, unknown>;
    assert.deepEqual([detail, code], ['No shelves/missing/books/2 100 %', 'NOT_FOUND']);
    const broken = await ask('/v1/shelves/broken/books/2');
    const { errors } = (await broken.json()) as Record<string, unknown>;
    assert.deepEqual(
      [broken.status, errors],
      [400, [{ detail: 'is empty', field: 'title', pointer: '#/title' }]],
    );
    const unimplemented = await ask('/v1/shelves/1/books/2', { method: 'DELETE' });
    assert.equal(unimplemented.status, 501);
  });

  it('answers what it refuses itself as everywhere', async () => {
    for (const [path, method, status, code] of [
      ['/v1/nothing', 'GET', 404, 'NO_ROUTE'],
      ['/v1/books', 'DELETE', 405, 'METHOD_NOT_ALLOWED'],
      ['/v1/books?x=1', 'GET', 400, 'INVALID_REQUEST'],
      ['/gone/v1/books', 'GET', 502, 'CONNECT_FAILED'],
    ] as const) {
      const response = await ask(path, { method });
      const problem = (await response.json()) as Record<string, unknown>;
      assert.deepEqual([response.status, problem['code']], [status, code], path);
      assert.equal(response.headers.get('content-type'), 'application/problem+json');
    }
  });

  it('lets another service answer, with the same request', async () => {
    const response = await send('/instead/v1/shelves/1/books?request_id=r', { title: 'T' });
    assert.deepEqual([response.status, await response.json()], [200, { title: 'T' }]);
  });

  it('carries bodies of any media type', async () => {
    const cover = await ask('/v1/shelves/1/books/2/cover');
    assert.equal(cover.headers.get('content-type'), 'image/png');
    assert.deepEqual(Buffer.from(await cover.arrayBuffer()), Buffer.of(0, 255));
    const body = Buffer.from('GIF\xff', 'latin1');
    const put = await ask('/v1/shelves/1/books/2/cover', {
      method: 'PUT',
      body,
      headers: { 'content-type': 'image/gif' },
    });
    assert.equal(put.headers.get('content-type'), 'image/gif');
    assert.deepEqual(Buffer.from(await put.arrayBuffer()), body);
  });

  it('streams replies in each form', async () => {
    const watch = '/v1/shelves/1/books:watch';
    assert.deepEqual(await (await ask(watch)).json(), [{ title: '0' }, { title: '1' }]);
    const lines = await ask(`${watch}?page_size=3`, { headers: { accept: 'application/x-ndjson' } });
    assert.equal(await lines.text(), '{"title":"0"}\n{"title":"1"}\n{"title":"2"}\n');
    const events = await ask(`${watch}?page_size=1&order_by=fail`, {
      headers: { accept: 'text/event-stream' },
    });
    assert.match(
      await events.text(),
      /^data: \{"title":"0"\}\n\nevent: error\ndata: \{"code":15,.*"lost"\}\n\n$/,
    );
    await assert.rejects(async () => (await ask(`${watch}?page_size=1&order_by=fail`)).text());
    const many = await ask(`${watch}?page_size=20000`);
    assert.equal(((await many.json()) as unknown[]).length, 20_000);
  });

  it('streams requests', async () => {
    const sent = await ask('/v1/shelves/1/books:add', {
      method: 'POST',
      body: '{"book":{"title":"a"}}\n{"book":{"title":"b"}}\n',
      headers: { 'content-type': 'application/x-ndjson' },
    });
    assert.deepEqual(await sent.json(), { count: '2' });
    assert.deepEqual(library.last.request, [
      ['shelves/1', 'a'],
      ['shelves/1', 'b'],
    ]);
    const wrong = await ask('/v1/shelves/1/books:add', {
      method: 'POST',
      body: new ReadableStream({
        async start(controller) {
          controller.enqueue(Buffer.from('[{},'));
          await new Promise(setImmediate);
          controller.enqueue(Buffer.from('{"nothing":1}]'));
          controller.close();
        },
      }),
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    });
    const problem = (await wrong.json()) as { code: string; detail: string };
    assert.deepEqual([wrong.status, problem.code], [400, 'INVALID_REQUEST'], JSON.stringify(problem));
    assert.match(problem.detail, /^Message 2 of the stream at \/nothing/);
  });

  it('goes both ways at once', async () => {
    const socket = connect(gateway.port, '127.0.0.1');
    const say = (text: string): void =>
      void socket.write(`${(text.length + 1).toString(16)}\r\n${text}\n\r\n`);
    let heard = '';
    const hears = async (text: string): Promise<void> => {
      while (!heard.includes(text)) {
        const [chunk] = (await once(socket, 'data')) as [Buffer];
        heard += chunk.toString();
      }
    };
    socket.write(
      'POST /v1/discussion HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nAccept: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    say('{"title":"one"}');
    await hears('{"title":"re: one"}');
    say('{"title":"two"}');
    await hears('{"title":"re: two"}');
    socket.write('0\r\n\r\n');
    await hears('\r\n0\r\n\r\n');
    socket.destroy();
  });
});
