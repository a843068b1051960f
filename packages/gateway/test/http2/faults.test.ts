// Calls over HTTP/2 to real servers that fail, stall and misbehave.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { constants, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, it } from 'node:test';
import { testAuthority } from '@turnpike/testkit';
import { BodyOfReads } from '../../src/core/body-testing.ts';
import { PLAIN_UPSTREAM_TLS } from '../../src/core/upstream-tls.ts';
import {
  ask,
  DATA,
  failsWith,
  frame,
  HEADERS,
  listen,
  poolOf,
  rawUpstream,
  RST_STREAM,
  upstream,
} from './fixture.ts';

const OK = (stream: ServerHttp2Stream): void => {
  stream.respond({ ':status': 200 });
  stream.end('ok');
};

const [END_STREAM, END_HEADERS] = [1, 4];
/** `:status: 200` in HPACK. */
const STATUS_200 = Buffer.of(0x88);

describe('streams that the service breaks off', () => {
  const before: readonly [number, string][] = [
    [constants.NGHTTP2_INTERNAL_ERROR, 'UPSTREAM_RESET'],
    [constants.NGHTTP2_CANCEL, 'UPSTREAM_RESET'],
    [constants.NGHTTP2_NO_ERROR, 'UPSTREAM_RESET'],
    [constants.NGHTTP2_PROTOCOL_ERROR, 'UPSTREAM_INVALID'],
    [constants.NGHTTP2_ENHANCE_YOUR_CALM, 'UPSTREAM_INVALID'],
    [constants.NGHTTP2_REFUSED_STREAM, 'UPSTREAM_REFUSED'],
  ];
  for (const [code, expected] of before) {
    it(`fail with ${expected} before the head, by code ${code}`, async (t) => {
      const { port } = await upstream(t, (stream) => stream.close(code));
      await failsWith(ask(poolOf(t, { port })), expected);
    });

    it(`fail with UPSTREAM_INCOMPLETE or the like within the body, by code ${code}`, async (t) => {
      const reason = Buffer.alloc(4);
      reason.writeUInt32BE(code);
      const port = await rawUpstream(t, (id) => [
        frame(HEADERS, END_HEADERS, id, STATUS_200),
        frame(DATA, 0, id, Buffer.from('half')),
        frame(RST_STREAM, 0, id, reason),
      ]);
      const reply = await ask(poolOf(t, { port }));
      const within = expected === 'UPSTREAM_INVALID' ? expected : 'UPSTREAM_INCOMPLETE';
      await failsWith(reply.text(), within);
    });
  }

  it('are not complete with less than their length', async (t) => {
    const { port } = await upstream(t, (stream) => {
      stream.respond({ ':status': 200, 'content-length': 10 });
      stream.end('half');
    });
    const reply = await ask(poolOf(t, { port }));
    await failsWith(reply.text(), 'UPSTREAM_INVALID');
  });

  it('are whole after a body that nobody was in a hurry to read', async (t) => {
    const { port } = await upstream(t, (stream) => {
      stream.respond({ ':status': 200 });
      stream.end('whole');
    });
    const pool = poolOf(t, { port });
    const first = await ask(pool);
    const second = await ask(pool);
    assert.equal(await second.text(), 'whole');
    assert.equal(await first.text(), 'whole');
  });
});

describe('a service that says goodbye', () => {
  it('gets nothing new, finishes what it has, and gives back what came too late', async (t) => {
    const streams: ServerHttp2Stream[] = [];
    const { port, sessions } = await upstream(t, (stream) => {
      streams.push(stream);
      if (streams.length === 2) {
        const [first] = streams;
        sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR, first?.id);
        first?.respond({ ':status': 200 });
        first?.end('finished');
      } else if (streams.length > 2) {
        OK(stream);
      }
    });
    const pool = poolOf(t, { port });
    const [first, second] = [ask(pool), ask(pool)];
    await failsWith(second, 'UPSTREAM_REFUSED');
    assert.equal(await (await first).text(), 'finished');
    assert.equal(await (await ask(pool)).text(), 'ok');
    assert.equal(sessions.length, 2);
  });

  it('with an error breaks off what it has, and still gives back the rest', async (t) => {
    let count = 0;
    const { port, sessions } = await upstream(t, (stream) => {
      if (++count === 2) sessions[0]?.goaway(constants.NGHTTP2_INTERNAL_ERROR, 1);
      else if (count > 2) OK(stream);
    });
    const pool = poolOf(t, { port });
    const [first, second] = [ask(pool), ask(pool)];
    await Promise.all([failsWith(first, 'UPSTREAM_RESET'), failsWith(second, 'UPSTREAM_REFUSED')]);
    assert.equal((await ask(pool)).status, 200);
  });
});

describe('connections that do not come about', () => {
  it('are those to nobody', async (t) => {
    const server = createTcpServer();
    const port = await listen(t, server);
    server.close();
    await failsWith(ask(poolOf(t, { port })), 'CONNECT_FAILED');
  });

  it('are those to a service that speaks HTTP/1.1 only', async (t) => {
    const port = await listen(
      t,
      createHttpServer((_, response) => response.end('no')),
    );
    await failsWith(ask(poolOf(t, { port })), 'CONNECT_FAILED');
  });

  it('are those to a service that says nothing', async (t) => {
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => sockets.push(socket.on('error', () => {})));
    const port = await listen(t, server, () => {
      for (const socket of sockets) socket.destroy();
    });
    await failsWith(ask(poolOf(t, { port, timeouts: { connectMs: 100 } })), 'CONNECT_TIMEOUT');
  });

  it('fail all calls that wait for one, which have sent nothing of their bodies', async (t) => {
    const server = createTcpServer((socket) => socket.on('error', () => {}).destroy());
    const port = await listen(t, server);
    const pool = poolOf(t, { port });
    const bodies = [new BodyOfReads([Buffer.from('a')]), new BodyOfReads([Buffer.from('b')])];
    await Promise.all(bodies.map((body) => failsWith(ask(pool, { method: 'POST', body }), 'CONNECT_FAILED')));
    assert.deepEqual(
      bodies.map(({ left }) => left),
      [1, 1],
    );
  });
});

describe('HTTP/2 over TLS', () => {
  const authority = testAuthority();
  const names = ['127.0.0.1'];
  const tls = { ...PLAIN_UPSTREAM_TLS, authorities: authority.cert };

  it('is asked for by ALPN', async (t) => {
    const server = createSecureServer({ ...authority.issue({ names }) });
    server.on('stream', OK);
    const sessions = new Set<{ destroy(): void }>();
    server.on('session', (session) => sessions.add(session));
    const port = await listen(t, server, () => {
      for (const session of sessions) session.destroy();
    });
    const reply = await ask(poolOf(t, { port, tls }));
    assert.equal(await reply.text(), 'ok');
    await failsWith(ask(poolOf(t, { port, tls: PLAIN_UPSTREAM_TLS })), 'UPSTREAM_CERTIFICATE');
  });

  for (const [what, ALPNProtocols] of [
    ['refuses it', ['http/1.1']],
    ['knows no ALPN', undefined],
  ] as const) {
    it(`fails with a service that ${what}`, async (t) => {
      const options = ALPNProtocols === undefined ? {} : { ALPNProtocols: [...ALPNProtocols] };
      const server = createTlsServer({ ...authority.issue({ names }), ...options });
      server.on('secureConnection', (socket) => socket.on('error', () => {}));
      server.on('tlsClientError', () => {});
      const port = await listen(t, server);
      await failsWith(ask(poolOf(t, { port, tls })), 'UPSTREAM_TLS_FAILED');
    });
  }
});

describe('a service that stalls', () => {
  it('has so long until the head', async (t) => {
    const { port, sessions } = await upstream(t, () => {});
    const pool = poolOf(t, { port, timeouts: { requestMs: 100 } });
    await failsWith(ask(pool), 'UPSTREAM_TIMEOUT');
    assert.equal(sessions.length, 1);
  });

  it('has so long between two pieces of a body', async (t) => {
    const { port } = await upstream(t, (stream) => {
      stream.respond({ ':status': 200 });
      stream.write('half');
    });
    const reply = await ask(poolOf(t, { port, timeouts: { idleMs: 100 } }));
    await failsWith(reply.text(), 'UPSTREAM_INCOMPLETE');
  });

  it('has so long to take a body', async (t) => {
    const { port } = await upstream(t, () => {}, { settings: { initialWindowSize: 0 } });
    const body = new BodyOfReads(...Array.from({ length: 20 }, () => [Buffer.alloc(100_000)]));
    await failsWith(
      ask(poolOf(t, { port, timeouts: { idleMs: 100 } }), { method: 'POST', body }),
      'UPSTREAM_TIMEOUT',
    );
    assert.ok(body.isCancelled);
    assert.ok(body.left > 0, 'it was not read to its end');
  });

  it('keeps its connection as long as it answers pings', async (t) => {
    let count = 0;
    const { port, sessions } = await upstream(t, (stream) => {
      if (++count > 1) OK(stream);
    });
    const pool = poolOf(t, { port, timeouts: { requestMs: 100 }, maxConnections: 1 });
    await failsWith(ask(pool), 'UPSTREAM_TIMEOUT');
    assert.equal((await ask(pool)).status, 200);
    assert.equal(sessions.length, 1);
  });

  it('loses its connection when it is gone without a word', async (t) => {
    const { port: behind, sessions } = await upstream(t, (stream) => {
      if (sessions.length > 1) OK(stream);
    });
    const sockets: Socket[] = [];
    const between = createTcpServer((near) => {
      const far = connect(behind, '127.0.0.1');
      sockets.push(
        near.on('error', () => {}),
        far.on('error', () => {}),
      );
      near.pipe(far);
      far.pipe(near);
    });
    const port = await listen(t, between, () => {
      for (const socket of sockets) socket.destroy();
    });
    const pool = poolOf(t, { port, timeouts: { requestMs: 200, connectMs: 200 }, maxConnections: 1 });
    const call = ask(pool);
    const [near, far] = await reached(sessions, sockets);
    near?.unpipe(far);
    near?.pause();
    await failsWith(call, 'UPSTREAM_TIMEOUT');
    for (;;) {
      const status = await ask(pool).then(
        (reply) => reply.status,
        () => 0,
      );
      if (status === 200) break;
    }
    assert.equal(sessions.length, 2);
  });
});

/** Resolves with both ends of the connection when a stream has come. */
async function reached(
  sessions: readonly { on(event: 'stream', listener: () => void): unknown }[],
  sockets: readonly Socket[],
): Promise<readonly Socket[]> {
  while (sessions[0] === undefined) await new Promise((resolve) => setImmediate(resolve));
  const [session] = sessions;
  await new Promise<void>((resolve) => session?.on('stream', resolve));
  return sockets;
}

describe('a service that sends too much', () => {
  it('is not heard to the end of a head with too many fields', async (t) => {
    const { port } = await upstream(t, (stream) => {
      const fields: Record<string, string> = {};
      for (let i = 0; i < 1000; i++) fields[`x-${i}`] = 'y';
      stream.respond(fields);
      stream.end();
    });
    await failsWith(ask(poolOf(t, { port })), 'UPSTREAM_INVALID');
  });

  it('is not heard to the end of a head that is too large', async (t) => {
    const { port } = await upstream(t, (stream) => {
      for (let i = 0; i < 20; i++) stream.additionalHeaders({ ':status': 103, link: '</a>' });
      OK(stream);
    });
    await failsWith(ask(poolOf(t, { port })), 'UPSTREAM_INVALID');
  });

  it('has to wait with a body that nobody reads', async (t) => {
    let sent = 0;
    const { port } = await upstream(t, (stream) => {
      if (sent > 0) return OK(stream);
      stream.respond({ ':status': 200 });
      const piece = Buffer.alloc(64 * 1024);
      const write = (): void => {
        sent += piece.length;
        stream.write(piece, () => sent < 20_000_000 && write());
      };
      write();
    });
    const pool = poolOf(t, { port });
    const slow = await ask(pool);
    assert.equal(await (await ask(pool)).text(), 'ok', 'one that is not read holds up no other');
    assert.ok(sent < 1_000_000, `${sent} bytes`);
    if (typeof slow.body === 'object') slow.body?.cancel();
  });

  it('is understood when it informs', async (t) => {
    const { port } = await upstream(t, (stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a>' });
      OK(stream);
    });
    const informed: string[] = [];
    const reply = await ask(poolOf(t, { port }), {
      informed: (status, headers) => informed.push(`${status} ${headers.get('link')}`),
    });
    assert.equal(await reply.text(), 'ok');
    assert.deepEqual(informed, ['103 </a>']);
  });
});

describe('how many streams there are', () => {
  it('is what the service allows, on as many connections as are needed', async (t) => {
    let underWay = 0;
    let most = 0;
    const streams: ServerHttp2Stream[] = [];
    const { port, sessions } = await upstream(
      t,
      (stream) => {
        most = Math.max(most, ++underWay);
        stream.on('close', () => underWay--);
        streams.push(stream);
        if (streams.length === 2) for (const each of streams) OK(each);
        if (streams.length > 2) OK(stream);
      },
      { settings: { maxConcurrentStreams: 1 } },
    );
    const pool = poolOf(t, { port, maxConnections: 2 });
    const replies = await Promise.all(Array.from({ length: 6 }, async () => (await ask(pool)).text()));
    assert.deepEqual(
      replies,
      Array.from({ length: 6 }, () => 'ok'),
    );
    assert.equal(sessions.length, 2);
    assert.equal(most, 2);
  });

  it('has a bound for those who wait', async (t) => {
    const { port } = await upstream(t, () => {}, { settings: { maxConcurrentStreams: 1 } });
    const pool = poolOf(t, { port, maxConnections: 1, timeouts: { connectMs: 200 } });
    const calls = Array.from({ length: 9 }, () => ask(pool));
    const outcomes = await Promise.allSettled([...calls.slice(1), ask(pool)]);
    for (const outcome of outcomes) {
      assert.equal(outcome.status, 'rejected');
      assert.equal((outcome.reason as { code?: string }).code, 'CONNECTION_LIMIT');
    }
    calls[0]?.abandon();
  });

  it('is one connection for many calls', async (t) => {
    const { port, sessions } = await upstream(t, OK);
    const pool = poolOf(t, { port });
    await Promise.all(Array.from({ length: 90 }, async () => (await ask(pool)).text()));
    assert.equal(sessions.length, 1);
    assert.equal(pool.size.open, 1);
    while (pool.size.idle === 0) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('the end of calls and connections', () => {
  it('tells the service what was given up', async (t) => {
    const codes: number[] = [];
    const { port } = await upstream(t, (stream) => {
      stream.on('close', () => codes.push(stream.rstCode ?? -1));
      arrived();
      if (codes.length > 0) OK(stream);
    });
    let arrived = (): void => {};
    const pool = poolOf(t, { port });
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const call = ask(pool);
    await arrival;
    call.abandon();
    while (codes.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(codes, [constants.NGHTTP2_CANCEL]);
    assert.equal((await ask(pool)).status, 200, 'others may use the connection');
    assert.equal(pool.size.open, 1);
  });

  it('is stale when the connection had served and nobody answers any more', async (t) => {
    let count = 0;
    const answer = (id: number): Buffer[] => [frame(HEADERS, END_HEADERS | END_STREAM, id, STATUS_200)];
    const port = await rawUpstream(t, (id) => (++count === 2 ? null : answer(id)));
    const pool = poolOf(t, { port });
    const { status } = await ask(pool);
    const error = await failsWith(ask(pool), 'UPSTREAM_RESET');
    assert.ok(error.isStale);
    const fresh = await ask(pool, { isFresh: true });
    assert.deepEqual([status, fresh.status, count], [200, 200, 3]);
  });

  it('comes to connections that nobody uses, and to all when the pool is closed', async (t) => {
    const { port, sessions } = await upstream(t, OK);
    const pool = poolOf(t, { port, timeouts: { pooledMs: 50 } });
    await (await ask(pool)).text();
    const [session] = sessions;
    assert.ok(session !== undefined);
    if (!session.destroyed) await once(session, 'close');
    const patient = poolOf(t, { port });
    await (await ask(patient)).text();
    const second = sessions[1];
    assert.ok(second !== undefined);
    const closed = once(second, 'close');
    patient.close();
    await closed;
  });
});
