import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  answer,
  byPath,
  chunkedReply,
  early,
  fieldOf,
  hangUp,
  IncompleteMessage,
  inTurn,
  partial,
  reply,
  reset,
  scriptedUpstream,
  stall,
  type ScriptedUpstream,
  type Step,
} from '@turnpike/testkit';
import { codeOf, gateway, get, request } from './fixture.ts';

/** An upstream on a port where nothing listens any more. */
async function refusing(): Promise<ScriptedUpstream> {
  const upstream = await scriptedUpstream(stall);
  await upstream.close();
  return upstream;
}

/** These are about one attempt; what follows a failed one is in `test/upstream`. */
const ONCE = { retry: null };

/** Responses that must not be believed. */
const INVALID: Readonly<Record<string, string>> = {
  'no HTTP at all': '\x16\x03\x01\x02\x00garbage\r\n\r\n',
  'another protocol': 'ICY 200 OK\r\n\r\n',
  'a version that is none': 'HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n',
  'HTTP/2': 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n',
  'a status out of range': 'HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n',
  'Content-Length and Transfer-Encoding':
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
  'two equal lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello',
  'a list of lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello',
  'a signed length': 'HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello',
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'an unknown coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
  'a bare LF after the status line': 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n',
  'a bare LF after a field': 'HTTP/1.1 200 OK\r\nContent-Length: 0\nX: y\r\n\r\n',
  'a bare CR in a value': 'HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n',
  'a NUL in a value': 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n',
  'a folded line': 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
  'white space before the colon': 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n',
  'a field without a name': 'HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 0\r\n\r\n',
  'a head without end': `HTTP/1.1 200 OK\r\n${`X-Padding: ${'x'.repeat(4000)}\r\n`.repeat(20)}`,
  'too many fields': `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(300)}Content-Length: 0\r\n\r\n`,
  'a protocol that nobody asked for':
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n',
};

/** Bodies that must not look complete. */
const BROKEN_BODIES: Readonly<Record<string, string>> = {
  'no chunk size': 'zz\r\nhello\r\n0\r\n\r\n',
  'a chunk size with a sign': '+5\r\nhello\r\n0\r\n\r\n',
  'a chunk size in C': '0x5\r\nhello\r\n0\r\n\r\n',
  'a chunk extension that is none': '5;a=\r\nhello\r\n0\r\n\r\n',
  'a chunk size with white space': '5 \r\nhello\r\n0\r\n\r\n',
  'a chunk size that overflows': 'fffffffff\r\nhello\r\n0\r\n\r\n',
  'a bare LF after a chunk size': '5\nhello\r\n0\r\n\r\n',
  'no CRLF after a chunk': '5\r\nhelloXX0\r\n\r\n',
  'a trailer that frames': '5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n',
};

describe('faults of the service', () => {
  it('tries the next endpoint when one refuses the connection, whatever the method', async (t) => {
    const [first, second] = [await refusing(), await refusing()];
    const up = await scriptedUpstream(async (talk) => {
      const { body } = await talk.whole();
      await talk.write(reply(`${talk.method} ${body.toString('latin1')}`));
    });
    t.after(() => up.close());
    const { client } = await gateway(t, {
      upstream: stall,
      service: { endpoints: [first.url, second.url, up.url], balancer: 'round-robin' },
    });
    const connection = await client();
    const large = 'x'.repeat(100_000);
    for (let i = 0; i < 4; i++) {
      assert.equal((await connection.ask(get())).body.toString(), 'GET ');
      assert.equal((await connection.ask(request('POST /', [], 'small'))).body.toString(), 'POST small');
      assert.equal((await connection.ask(request('POST /', [], large))).body.toString(), `POST ${large}`);
    }
  });

  it('answers 502 when every endpoint refuses', async (t) => {
    const [first, second] = [await refusing(), await refusing()];
    const { client, plane } = await gateway(t, {
      upstream: stall,
      service: { endpoints: [first.url, second.url] },
    });
    const response = await (await client()).ask(get());
    assert.equal(response.status, 502);
    assert.equal(codeOf(response), 'CONNECT_FAILED');
    assert.equal(fieldOf(response, 'proxy-status'), 'turnpike; error=connection_refused');
    const [line] = await plane.lines(1);
    // Both at once, and after a pause the first again.
    assert.equal(line?.['attempts'], 3);
    assert.equal(line?.['code'], 'CONNECT_FAILED');
  });

  it('answers 504 when the service does not answer, and closes that connection', async (t) => {
    const { client, upstream, plane } = await gateway(t, {
      upstream: stall,
      service: { timeouts: { request: '100ms' } },
    });
    const connection = await client();
    const response = await connection.ask(get());
    assert.equal(response.status, 504);
    assert.equal(codeOf(response), 'UPSTREAM_TIMEOUT');
    assert.equal(fieldOf(response, 'proxy-status'), 'turnpike; error=http_response_timeout');
    await upstream.whenIdle();
    assert.equal(plane.inflight(), 0);
    upstream.script(answer(reply('better')));
    assert.equal((await connection.ask(get())).body.toString(), 'better');
  });

  it('does not count the time that a client needs for its upload', async (t) => {
    const { client } = await gateway(t, {
      upstream: answer(reply('got it')),
      service: { timeouts: { request: '150ms' } },
    });
    const connection = await client();
    await connection.send(request('POST /', ['Content-Length: 100000']));
    for (let i = 0; i < 10; i++) {
      await connection.send('x'.repeat(10_000));
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    assert.equal((await connection.response()).status, 200);
  });

  it('counts the time from the end of the upload, also after an interim response', async (t) => {
    const { client } = await gateway(t, {
      upstream: async (talk) => {
        await talk.write('HTTP/1.1 100 Continue\r\n\r\n');
        await talk.closed();
      },
      service: { timeouts: { request: '100ms' } },
    });
    const connection = await client();
    const response = await connection.ask(request('POST /', [], 'x'.repeat(100_000)));
    assert.equal(codeOf(response), 'UPSTREAM_TIMEOUT');
  });

  it('answers 504 when the route has no more time, and gives the attempt up', async (t) => {
    const { client, upstream, plane } = await gateway(t, {
      upstream: stall,
      route: { policies: { timeout: '100ms' } },
    });
    const response = await (await client()).ask(get());
    assert.equal(response.status, 504);
    assert.equal(codeOf(response), 'DEADLINE_EXCEEDED');
    await upstream.whenIdle();
    assert.equal(plane.inflight(), 0);
  });

  it('breaks the connection when the time of the route is over in the middle of the reply', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: partial('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'stall'),
      route: { policies: { timeout: '100ms' } },
    });
    await assert.rejects((await client()).ask(get()), IncompleteMessage);
    await upstream.whenIdle();
  });

  it('answers 502 when the connection ends before a head is complete', async (t) => {
    const ends: Readonly<Record<string, Step>> = {
      '/reset': reset,
      '/close': hangUp,
      '/half-reset': partial('HTTP/1.1 200 OK\r\nConte', 'reset'),
      '/half-close': partial('HTTP/1.1 200 OK\r\nConte', 'fin'),
    };
    const { client, upstream, plane } = await gateway(t, { upstream: byPath(ends), policies: ONCE });
    const connection = await client();
    for (const path of Object.keys(ends)) {
      const response = await connection.ask(get(path));
      assert.equal(response.status, 502, path);
      assert.equal(codeOf(response), 'UPSTREAM_RESET');
      assert.equal(fieldOf(response, 'proxy-status'), 'turnpike; error=connection_terminated');
    }
    await upstream.whenIdle();
    assert.equal(upstream.requests.length, 4);
    assert.equal(plane.inflight(), 0);
  });

  it('repeats a GET, and no POST, when the service closes an idle connection at the moment of reuse', async (t) => {
    for (const end of [reset, hangUp]) {
      const { client, upstream } = await gateway(t, {
        upstream: inTurn(answer(reply('one')), end, answer(reply('three')), end),
      });
      const connection = await client();
      assert.equal((await connection.ask(get('/1'))).body.toString(), 'one');
      assert.equal((await connection.ask(get('/2'))).body.toString(), 'three');
      assert.equal(upstream.connections, 2);
      const refused = await connection.ask(request('POST /3', [], 'x'));
      assert.equal(refused.status, 502);
      assert.equal(codeOf(refused), 'UPSTREAM_RESET');
      assert.equal(upstream.requests.length, 4);
    }
  });

  it('repeats a request once on a fresh connection, also when there may be one only', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: inTurn(answer(reply('one')), reset, reset, answer(reply('late'))),
      policies: ONCE,
      service: { connections: { perEndpoint: 1 } },
    });
    const connection = await client();
    assert.equal((await connection.ask(get())).status, 200);
    assert.equal((await connection.ask(get())).status, 502);
    assert.equal(upstream.requests.length, 3);
  });

  it('lets no broken answer look complete', async (t) => {
    const large = 'x'.repeat(50_000);
    const heads: Readonly<Record<string, string>> = {
      length: `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${large}`,
      'a short length': `HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello`,
      chunks: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc350\r\n${large}\r\n`,
      'the end of a chunk': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n',
    };
    for (const [name, head] of Object.entries(heads)) {
      for (const end of ['reset', 'fin'] as const) {
        const { client, upstream, plane } = await gateway(t, { upstream: partial(head, end) });
        const connection = await client();
        await assert.rejects(connection.ask(get()), IncompleteMessage, `${name}, ${end}`);
        await upstream.whenIdle();
        const [line] = await plane.lines(1);
        assert.equal(line?.['code'], 'UPSTREAM_INCOMPLETE');
        assert.equal(plane.inflight(), 0);
      }
    }
  });

  it('resets the connection of a client that reads until the end, when the answer breaks off', async (t) => {
    const chunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';
    for (const end of ['reset', 'fin'] as const) {
      const { client } = await gateway(t, { upstream: partial(chunks, end) });
      const connection = await client();
      await assert.rejects(connection.ask('GET / HTTP/1.0\r\n\r\n'), IncompleteMessage);
      assert.equal(await connection.closed(), 'reset');
    }
  });

  it('gives up when the body stops coming', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: partial('HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\nhello', 'stall'),
      service: { timeouts: { idle: '100ms' } },
    });
    await assert.rejects((await client()).ask(get()), IncompleteMessage);
    await upstream.whenIdle();
  });

  for (const [what, bytes] of Object.entries(INVALID)) {
    it(`answers 502 to ${what}, and drops the connection`, async (t) => {
      const { client, upstream } = await gateway(t, {
        upstream: inTurn(early(bytes), answer(reply('clean'))),
        policies: ONCE,
        service: { timeouts: { request: '2s' } },
      });
      const connection = await client();
      const response = await connection.ask(get());
      assert.equal(response.status, 502);
      assert.equal(codeOf(response), 'UPSTREAM_INVALID');
      assert.equal(fieldOf(response, 'proxy-status'), 'turnpike; error=http_protocol_error');
      await upstream.whenIdle();
      assert.equal((await connection.ask(get())).body.toString(), 'clean');
    });
  }

  for (const [what, body] of Object.entries(BROKEN_BODIES)) {
    it(`breaks off at ${what}`, async (t) => {
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
      const { client, upstream } = await gateway(t, { upstream: early(head + body) });
      await assert.rejects((await client()).ask(get()), IncompleteMessage);
      await upstream.whenIdle();
    });
  }

  it('gives nobody the bytes that follow a response', async (t) => {
    const stray = reply('poison');
    const tails: Readonly<Record<string, string>> = {
      length: reply('clean') + stray,
      large: reply('clean'.repeat(10_000)) + stray,
      chunks: chunkedReply(['cl', 'ean']) + stray,
      '204': `HTTP/1.1 204 No Content\r\n\r\n${stray}`,
      '304': `HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello`,
    };
    for (const [name, bytes] of Object.entries(tails)) {
      const { client, upstream } = await gateway(t, {
        upstream: inTurn(answer(bytes), answer(reply('next'))),
      });
      const connection = await client();
      assert.ok((await connection.ask(get())).status < 400, name);
      assert.equal((await connection.ask(get())).body.toString(), 'next');
      assert.equal(upstream.connections, 2);
    }
  });

  it('gives nobody the body that follows a response to HEAD', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: inTurn(answer(reply('poison')), answer(reply('next'))),
    });
    const connection = await client();
    assert.equal((await connection.ask(request('HEAD /'))).status, 200);
    assert.equal((await connection.ask(get())).body.toString(), 'next');
    assert.equal(upstream.connections, 2);
  });

  it('drops an idle connection on which something comes unasked', async (t) => {
    const { client, upstream } = await gateway(t, { upstream: answer(reply('clean')) });
    const connection = await client();
    assert.equal((await connection.ask(get())).body.toString(), 'clean');
    const [first] = upstream.requests;
    await first?.write(reply('poison'));
    await upstream.whenIdle();
    assert.equal((await connection.ask(get())).body.toString(), 'clean');
    assert.equal(upstream.connections, 2);
  });
});
