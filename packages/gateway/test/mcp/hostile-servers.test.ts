// Servers behind one endpoint that answer garbage, endlessly, or with more than anybody can use.
import assert from 'node:assert/strict';
import { createServer, request as httpRequest, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { modern, plane, post, type Seen } from './fixture.ts';

/** A server that does what it likes with each request. */
async function server(
  t: TestContext,
  answer: (seen: Seen, response: ServerResponse) => void,
): Promise<string> {
  const listener = createServer((request, response) => {
    let body = '';
    response.on('error', () => {});
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () =>
      answer(
        { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body },
        response,
      ),
    );
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

function rpc(response: ServerResponse, result: object, id: unknown = 2): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } }));
}

const TOOL = { inputSchema: { type: 'object' } };

/** A server as it should be. */
function good(t: TestContext): Promise<string> {
  return server(t, (seen, response) => {
    const { id } = JSON.parse(seen.body) as { id: unknown };
    rpc(response, { tools: [{ ...TOOL, name: 'hello' }], ttlMs: 0, cacheScope: 'public' }, id);
  });
}

async function both(t: TestContext, bad: string, mcp: object = {}) {
  const services = { bad: { endpoints: [bad] }, good: { endpoints: [await good(t)] } };
  const servers = [{ service: 'bad' }, { service: 'good' }];
  return plane(t, {
    services,
    routes: { all: { match: { path: '/mcp' }, translate: { mcp: { servers, ...mcp } } } },
  });
}

/** All pages of the list. */
async function namesOf(gateway: Awaited<ReturnType<typeof both>>): Promise<string[]> {
  const names: string[] = [];
  for (let cursor: string | undefined; ;) {
    const { json } = await post(gateway, ...modern('tools/list', cursor === undefined ? {} : { cursor }));
    names.push(...(json.result.tools as { name: string }[]).map(({ name }) => name));
    cursor = json.result.nextCursor;
    if (cursor === undefined) return names;
  }
}

const GARBAGE: readonly (readonly [what: string, (response: ServerResponse) => void])[] = [
  ['a page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>')],
  [
    'no JSON',
    (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":'),
  ],
  [
    'no UTF-8',
    (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.of(0xff)),
  ],
  [
    'a list of nothing',
    (response) =>
      rpc(response, {
        tools: [
          null,
          1,
          'x',
          { name: 7 },
          { name: 'no-schema' },
          { ...TOOL, name: 'a b' },
          { ...TOOL, name: 'x'.repeat(200) },
        ],
      }),
  ],
  ['another answer', (response) => rpc(response, { tools: [{ ...TOOL, name: 'x' }] }, 99)],
  [
    'deep nesting',
    (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`{"jsonrpc":"2.0","id":2,"result":{"tools":${'['.repeat(200_000)}`),
  ],
  ['nothing at all', (response) => response.socket?.destroy()],
  ['an error', (response) => response.writeHead(500).end('no')],
];

describe('a server among several that answers a list with', () => {
  for (const [what, answer] of GARBAGE) {
    it(`${what} takes nothing from the others`, async (t) => {
      const gateway = await both(t, await server(t, (_, response) => answer(response)));
      assert.deepEqual(await namesOf(gateway), ['good__hello']);
    });
  }

  it('100,000 tools shows no more than 2,000', async (t) => {
    const tools = Array.from({ length: 100_000 }, (_, i) => ({ name: `t${i}`, inputSchema: {} }));
    const gateway = await both(
      t,
      await server(t, (_, response) => rpc(response, { tools, ttlMs: 60_000, cacheScope: 'public' })),
      { serverTimeout: '20s' },
    );
    const names = await namesOf(gateway);
    assert.equal(names.length, 2001);
    assert.ok(names.includes('good__hello'));
  });

  it('more than 4 MiB is left out', async (t) => {
    const tools = [{ ...TOOL, name: 'x', description: 'x'.repeat(5 * 1024 * 1024) }];
    const gateway = await both(t, await server(t, (_, response) => rpc(response, { tools })), {
      serverTimeout: '20s',
    });
    assert.deepEqual(await namesOf(gateway), ['good__hello']);
  });

  it('the same page for ever is asked for no more than 20 times', async (t) => {
    let pages = 0;
    const bad = await server(t, (_, response) => {
      pages++;
      rpc(response, {
        tools: [{ ...TOOL, name: 'x' }],
        nextCursor: 'again',
        ttlMs: 60_000,
        cacheScope: 'public',
      });
    });
    const gateway = await both(t, bad, { serverTimeout: '20s' });
    assert.deepEqual(await namesOf(gateway), ['bad__x', 'good__hello']);
    assert.equal(pages, 20);
  });

  it('a stream without end is left when its time is over, however often something comes', async (t) => {
    const bad = await server(t, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(': still here\n\n'), 10);
      response.on('close', () => clearInterval(timer));
    });
    const gateway = await both(t, bad, { serverTimeout: '2s' });
    assert.deepEqual(await namesOf(gateway), ['good__hello']);
  });

  it('pages that each take a while has one time for all of them', async (t) => {
    let pages = 0;
    const bad = await server(t, (_, response) => {
      pages++;
      setTimeout(() => rpc(response, { tools: [], nextCursor: 'again' }), 700);
    });
    const gateway = await both(t, bad, { serverTimeout: '2s' });
    assert.deepEqual(await namesOf(gateway), ['good__hello']);
    assert.ok(pages <= 3, `${pages} pages`);
  });
});

const CALL = modern('tools/call', { name: 'bad__x', arguments: {} });

describe('a server among several that answers a call with', () => {
  const answering = async (t: TestContext, answer: (response: ServerResponse, id: unknown) => void) => {
    const bad = await server(t, (seen, response) => {
      const { id, method } = JSON.parse(seen.body) as { id: unknown; method: string };
      if (method === 'tools/call') answer(response, id);
      else rpc(response, { tools: [{ ...TOOL, name: 'x' }], ttlMs: 60_000, cacheScope: 'public' }, id);
    });
    return both(t, bad);
  };

  it('a page gives an error, and none of it', async (t) => {
    const gateway = await answering(t, (response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'a=b' }).end('<script>'),
    );
    const { status, headers, json } = await post(gateway, ...CALL);
    assert.equal(status, 502);
    assert.equal(json.error.code, -32603);
    assert.equal(headers.get('set-cookie'), null);
  });

  it('a challenge sends nobody to get a token elsewhere', async (t) => {
    const challenge = { 'www-authenticate': 'Bearer resource_metadata="https://evil.example"' };
    const gateway = await answering(t, (response) => response.writeHead(401, challenge).end());
    const { status, headers } = await post(gateway, ...CALL);
    assert.equal(status, 502);
    assert.equal(headers.get('www-authenticate'), null);
  });

  it('an error of its own tells it', async (t) => {
    const gateway = await answering(t, (response, id) =>
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32602, message: 'No such tool' } })),
    );
    const { status, json } = await post(gateway, ...CALL);
    assert.equal(status, 400);
    assert.deepEqual(json.error, { code: -32602, message: 'No such tool' });
  });

  it('a result passes it, without its cookies and sessions', async (t) => {
    const gateway = await answering(t, (response, id) => {
      response.setHeader('set-cookie', 'a=b');
      response.setHeader('mcp-session-id', 'mine');
      rpc(response, { content: [] }, id);
    });
    const { status, headers, json } = await post(gateway, ...CALL);
    assert.equal(status, 200);
    assert.deepEqual(json.result.content, []);
    assert.deepEqual([headers.get('set-cookie'), headers.get('mcp-session-id')], [null, null]);
  });

  it('"busy" says so, and when to come again', async (t) => {
    const gateway = await answering(t, (response) => response.writeHead(429, { 'retry-after': '7' }).end());
    const { status, headers } = await post(gateway, ...CALL);
    assert.deepEqual([status, headers.get('retry-after')], [429, '7']);
  });
});

describe('a client of several servers', () => {
  it('may send trailers, which end here', async (t) => {
    let seen = '';
    const bad = await server(t, (one, response) => {
      const { id, method } = JSON.parse(one.body) as { id: unknown; method: string };
      if (method === 'tools/call') seen = one.body;
      rpc(response, method === 'tools/call' ? { content: [] } : { tools: [{ ...TOOL, name: 'x' }] }, id);
    });
    const gateway = await both(t, bad);
    const [body, headers] = CALL;
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          port: gateway.port,
          path: '/mcp',
          method: 'POST',
          headers: {
            ...headers,
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            trailer: 'x-end',
            'transfer-encoding': 'chunked',
          },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      request.on('error', reject);
      request.addTrailers({ 'x-end': '1' });
      request.end(JSON.stringify(body));
    });
    assert.equal(status, 200);
    assert.equal((JSON.parse(seen) as { params: { name: string } }).params.name, 'x');
  });
});
