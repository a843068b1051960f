import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, answerWhole, early, fieldOf, reply, stall, type RawResponse } from '@turnpike/testkit';
import { codeOf, gateway, get, request } from './fixture.ts';

/** Small enough to be reached. */
const LIMITS = { headerBytes: 2048, headerCount: 10, targetBytes: 100, bodyBytes: 1000 };

/** More than kernels hold for a connection. */
const SENT_BYTES = 24 * 1024 * 1024;

function assertRefused(response: RawResponse, status: number, code: string): void {
  assert.equal(response.status, status);
  assert.equal(codeOf(response), code);
  assert.equal(fieldOf(response, 'content-type'), 'application/problem+json');
  assert.equal(fieldOf(response, 'connection'), 'close');
  assert.notEqual(fieldOf(response, 'date'), undefined);
  assert.notEqual(fieldOf(response, 'x-request-id'), undefined);
  assert.equal(fieldOf(response, 'proxy-status'), undefined);
}

describe('limits', () => {
  const refusals: readonly (readonly [what: string, bytes: string, status: number, code: string])[] = [
    ['what is no HTTP', 'hello\r\n\r\n', 400, 'BAD_REQUEST'],
    ['a head with bare LF', 'GET / HTTP/1.1\nHost: a\n\n', 400, 'BAD_REQUEST'],
    ['a missing Host', 'GET / HTTP/1.1\r\n\r\n', 400, 'BAD_HOST'],
    ['two Hosts', get('/', 'Host: other'), 400, 'BAD_REQUEST'],
    ['an absolute target with another host', request('GET http://other/'), 400, 'BAD_HOST'],
    ['an ambiguous path', get('/a/%2e%2e/%2fb'), 400, 'BAD_PATH'],
    ['a GET with a body', request('GET /', [], 'x'), 400, 'BODY_NOT_ALLOWED'],
    ['another HTTP version', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505, 'HTTP_VERSION'],
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 501, 'NOT_IMPLEMENTED'],
    ['TRACE', request('TRACE /'), 405, 'METHOD_NOT_ALLOWED'],
    ['another expectation', request('POST /', ['Expect: magic'], 'x'), 417, 'EXPECTATION_FAILED'],
    ['another coding', request('POST /', ['Transfer-Encoding: gzip, chunked']), 501, 'NOT_IMPLEMENTED'],
    ['too long a target', get(`/${'x'.repeat(100)}`), 414, 'TARGET_TOO_LONG'],
    ['a target longer than a head', get(`/${'x'.repeat(5000)}`), 414, 'TARGET_TOO_LONG'],
    [
      'a method longer than a head',
      `${'X'.repeat(5000)} / HTTP/1.1\r\nHost: a.example\r\n\r\n`,
      400,
      'BAD_REQUEST',
    ],
    ['too large a head', get('/', `X: ${'x'.repeat(2048)}`), 431, 'HEAD_TOO_LARGE'],
    ['a head that does not end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(3000)}`, 431, 'HEAD_TOO_LARGE'],
    [
      'too many fields',
      get('/', ...Array.from({ length: 10 }, (_, i) => `X-${i}: y`)),
      431,
      'HEAD_TOO_LARGE',
    ],
    ['too long a declared body', request('POST /', ['Content-Length: 1001']), 413, 'BODY_TOO_LARGE'],
    ['too long a small body', request('POST /', [], 'x'.repeat(1001)), 413, 'BODY_TOO_LARGE'],
  ];
  for (const [what, bytes, status, code] of refusals) {
    it(`refuses ${what} with ${status}, logs it, and closes`, async (t) => {
      const { client, upstream, plane } = await gateway(t, {
        upstream: answer(reply('no')),
        listener: { limits: LIMITS },
      });
      const connection = await client();
      const response = await connection.ask(bytes, 'GET');
      if (code !== 'BODY_TOO_LARGE' || !bytes.endsWith('x')) assertRefused(response, status, code);
      assert.equal(response.status, status);
      if (fieldOf(response, 'connection') === 'close') assert.equal(await connection.closed(), 'fin');
      if (status === 405) assert.match(fieldOf(response, 'allow') ?? '', /GET/);
      assert.equal(connection.rest, '');
      const [line] = await plane.lines(1);
      assert.equal(line?.['code'], code);
      assert.equal(line?.['status'], status);
      assert.equal(upstream.requests.length, 0);
    });
  }

  it('sends no body with the refusal of a HEAD request', async (t) => {
    const { client } = await gateway(t, { upstream: stall });
    const connection = await client();
    const response = await connection.ask('HEAD / HTTP/1.1\r\n\r\n');
    assert.equal(response.status, 400);
    await connection.closed();
    assert.equal(connection.rest, '');
  });

  it('refuses a chunked body as soon as it is too long, and gives the attempt up', async (t) => {
    const { client, upstream, plane } = await gateway(t, {
      upstream: stall,
      listener: { limits: LIMITS },
    });
    const connection = await client();
    await connection.send(request('POST /', ['Transfer-Encoding: chunked']));
    await connection.send(`1f4\r\n${'x'.repeat(500)}\r\n`);
    await upstream.request(0);
    await connection.send(`1f5\r\n${'x'.repeat(501)}\r\n`);
    assertRefused(await connection.response(), 413, 'BODY_TOO_LARGE');
    assert.equal(await connection.closed(), 'fin');
    await upstream.whenIdle();
    assert.equal(plane.inflight(), 0);
  });

  it('lets a client that does not listen while it sends find the refusal afterwards', async (t) => {
    const { client } = await gateway(t, { upstream: stall, listener: { limits: LIMITS } });
    const connection = await client();
    connection.socket.pause();
    await connection.send(request('POST /', [`Content-Length: ${SENT_BYTES}`]));
    await connection.send(Buffer.alloc(SENT_BYTES));
    connection.socket.resume();
    assertRefused(await connection.response(), 413, 'BODY_TOO_LARGE');
    assert.equal(await connection.closed(), 'fin');
  });

  it('lets a route take longer bodies than its listener', async (t) => {
    const { client } = await gateway(t, {
      upstream: answerWhole((body) => reply(String(body.length))),
      listener: { limits: LIMITS },
      route: { policies: { limits: { bodyBytes: 5000 } } },
    });
    const response = await (await client()).ask(request('POST /', [], 'x'.repeat(5000)));
    assert.equal(response.body.toString(), '5000');
  });

  it('refuses malformed chunks with 400', async (t) => {
    const { client, upstream } = await gateway(t, { upstream: stall });
    const connection = await client();
    await connection.send(request('POST /', ['Transfer-Encoding: chunked']) + '5;x=y\r\nhello\r\n0\r\n\r\n');
    assertRefused(await connection.response(), 400, 'BAD_REQUEST');
    await upstream.whenIdle();
  });

  it('gives up on a head that does not come with 408', async (t) => {
    const { client } = await gateway(t, {
      upstream: stall,
      listener: { limits: { headerTimeout: '100ms' } },
    });
    const connection = await client();
    await connection.send('GET / HTTP/1.1\r\nHost: ');
    assertRefused(await connection.response(), 408, 'REQUEST_TIMEOUT');
    assert.equal(await connection.closed(), 'fin');
  });

  it('gives up on a head that comes too slowly, however steadily', async (t) => {
    const { client } = await gateway(t, {
      upstream: stall,
      listener: { limits: { headerTimeout: '200ms' } },
    });
    const connection = await client();
    const drip = setInterval(() => connection.socket.write('x'), 10);
    t.after(() => clearInterval(drip));
    assertRefused(await connection.response(), 408, 'REQUEST_TIMEOUT');
    clearInterval(drip);
  });

  it('gives up on a body that stops coming with 408', async (t) => {
    const { client, upstream, plane } = await gateway(t, {
      upstream: stall,
      listener: { limits: { bodyTimeout: '100ms' } },
    });
    const connection = await client();
    await connection.send(request('POST /', ['Content-Length: 100000']) + 'x'.repeat(20_000));
    assertRefused(await connection.response(), 408, 'REQUEST_TIMEOUT');
    await upstream.whenIdle();
    assert.equal(plane.inflight(), 0);
  });

  it('closes a connection on which nothing comes, before and after a request', async (t) => {
    const { client } = await gateway(t, {
      upstream: answer(reply('x')),
      listener: { limits: { idleTimeout: '100ms' } },
    });
    assert.equal(await (await client()).closed(), 'fin');
    const used = await client();
    assert.equal((await used.ask(get())).status, 200);
    assert.equal(await used.closed(), 'fin');
  });

  it('cuts a client that does not read', async (t) => {
    const { client, upstream, plane } = await gateway(t, {
      upstream: early(
        Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), Buffer.alloc(32 * 1024 * 1024)]),
      ),
      listener: { limits: { bodyTimeout: '150ms' } },
    });
    const connection = await client();
    connection.socket.pause();
    await connection.send(get());
    const [line] = await plane.lines(1);
    assert.equal(line?.['code'], 'CLIENT_CLOSED');
    await upstream.whenIdle();
    assert.equal(plane.inflight(), 0);
  });

  it('takes no more connections than it may, altogether and of one client', async (t) => {
    for (const limits of [{ connections: 2 }, { connectionsPerClient: 2 }]) {
      const { client } = await gateway(t, { upstream: answer(reply('x')), listener: { limits } });
      const [first, second, third] = [await client(), await client(), await client()];
      assert.equal((await first.ask(get())).status, 200);
      assert.equal((await second.ask(get())).status, 200);
      await third.closed();
      first.end();
      await first.closed();
      assert.equal((await (await client()).ask(get())).status, 200);
    }
  });

  it('does not hold against a client the connections that we have ended and it has not', async (t) => {
    const { client } = await gateway(t, {
      upstream: answer(reply('x')),
      listener: { limits: { connectionsPerClient: 2 } },
    });
    for (let round = 0; round < 2; round++) {
      const pair = [await client(), await client()];
      for (const connection of pair)
        assert.equal((await connection.ask(get('/', 'Connection: close'))).status, 200);
      await Promise.all(pair.map((connection) => connection.closed()));
    }
  });
});
