// Active checks against real servers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { HealthCheckConfig } from '@turnpike/config';
import {
  answer,
  early,
  hangUp,
  partial,
  reply,
  reset,
  scriptedUpstream,
  stall,
  eventually,
  type ScriptedUpstream,
  type Step,
} from '@turnpike/testkit';
import { systemClock } from '../../src/core/ports.ts';
import { PLAIN_UPSTREAM_TLS } from '../../src/core/upstream-tls.ts';
import { random } from '../../src/core/random.ts';
import { systemTimers } from '../../src/identity/providers/clockwork.ts';
import { EndpointStates } from '../../src/upstream/balance/endpoint-states.ts';
import { check } from '../../src/upstream/health/checks.ts';
import { HealthChecks } from '../../src/upstream/health/health-checks.ts';

const HTTP: HealthCheckConfig = {
  probe: {
    kind: 'http',
    method: 'GET',
    path: '/healthz?full',
    host: null,
    statuses: [{ from: 200, to: 299 }],
  },
  port: null,
  intervalMs: 50,
  timeoutMs: 5000,
  healthyAfter: 2,
  unhealthyAfter: 2,
};
const TCP: HealthCheckConfig = { ...HTTP, probe: { kind: 'tcp' } };
const GRPC: HealthCheckConfig = { ...HTTP, probe: { kind: 'grpc', service: 'shop.Orders' } };

async function upstream(t: TestContext, step: Step): Promise<ScriptedUpstream> {
  const server = await scriptedUpstream(step);
  t.after(() => server.close());
  return server;
}

/** What is wrong with the endpoint on that port; the signal is never used unless a test gives one. */
function problemAt(port: number, config: HealthCheckConfig, signal = new AbortController().signal) {
  return check({ host: '127.0.0.1', port, authority: `127.0.0.1:${port}`, tls: null }, config, signal);
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a check over HTTP', () => {
  const answers: readonly [string, Step, string | RegExp | null][] = [
    ['200', answer(reply('fine')), null],
    ['204 without a body', answer('HTTP/1.1 204 No Content\r\n\r\n'), null],
    ['103 and then 200', answer(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${reply('fine')}`), null],
    ['503', answer(reply('', [], '503 Service Unavailable')), 'status 503'],
    ['302', answer(reply('', ['Location: /login'], '302 Found')), 'status 302'],
    ['a body without end', answer(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(500_000)}`), null],
    ['a body that breaks off', partial('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfin', 'reset'), null],
    ['a reset', reset, 'connection reset'],
    ['nothing', hangUp, /socket hang up|connection reset|without an answer/],
    ['garbage', early('\x16\x03\x01\x02\x00garbage\r\n\r\n'), /HPE_/],
    ['a head without end', early(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`), /HPE_/],
    [
      'another protocol that nobody asked for',
      early('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n'),
      /hang up|without an answer/,
    ],
  ];
  for (const [what, step, expected] of answers) {
    it(`that is answered with ${what} finds ${expected ?? 'nothing'} wrong`, async (t) => {
      const { port, whenIdle } = await upstream(t, step);
      const problem = await problemAt(port, HTTP);
      if (expected instanceof RegExp) assert.match(problem ?? '', expected);
      else assert.equal(problem, expected);
      await whenIdle();
    });
  }

  it('asks for what it is told to, under the name of the endpoint or its own', async (t) => {
    const server = await upstream(t, answer(reply('')));
    await problemAt(server.port, HTTP);
    const probe = {
      kind: 'http',
      method: 'HEAD',
      path: '/up',
      host: 'shop.example',
      statuses: [{ from: 404, to: 404 }],
    } as const;
    server.script(answer('HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\n'));
    assert.equal(await problemAt(server.port, { ...HTTP, probe }), null);
    const [first, second] = server.requests;
    assert.equal(first?.head.split('\r\n')[0], 'GET /healthz?full HTTP/1.1');
    assert.match(first?.head ?? '', new RegExp(`^host: 127\\.0\\.0\\.1:${server.port}\r$`, 'm'));
    assert.equal(second?.head.split('\r\n')[0], 'HEAD /up HTTP/1.1');
    assert.match(second?.head ?? '', /^host: shop\.example\r$/m);
  });

  it('finds a refused connection, and a black hole when it is called off', async (t) => {
    assert.equal(await problemAt(await unusedPort(), HTTP), 'connection refused');
    const { port, request, whenIdle } = await upstream(t, stall);
    const giveUp = new AbortController();
    const problem = problemAt(port, HTTP, giveUp.signal);
    await request(0);
    giveUp.abort();
    assert.equal(await problem, 'given up');
    await whenIdle();
  });
});

describe('a check by connecting', () => {
  it('finds whether somebody listens', async (t) => {
    const { port, whenIdle, requests } = await upstream(t, stall);
    assert.equal(await problemAt(port, TCP), null);
    await whenIdle();
    assert.equal(requests.length, 0);
    assert.equal(await problemAt(await unusedPort(), TCP), 'connection refused');
  });

  it('ends when it is called off', async (t) => {
    const { port } = await upstream(t, stall);
    assert.equal(await problemAt(port, TCP, AbortSignal.abort()), 'given up');
  });
});

describe('a check over gRPC', () => {
  const PATH = '/grpc.health.v1.Health/Check';
  const framed = (...bytes: number[]) => Buffer.of(0, 0, 0, 0, bytes.length, ...bytes);

  /** A server that answers with a message, a `grpc-status`, and a status of HTTP. */
  async function grpcServer(
    t: TestContext,
    serve: (stream: ServerHttp2Stream, asked: { path: string; body: Buffer }) => void,
  ): Promise<number> {
    const server = createHttp2Server();
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => sockets.add(socket));
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on('error', () => {});
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => serve(stream, { path: headers[':path'] ?? '', body: Buffer.concat(chunks) }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  function says(message: Buffer | null, grpcStatus: string, status = 200) {
    return (stream: ServerHttp2Stream): void => {
      const head = { ':status': status, 'content-type': 'application/grpc' };
      if (message === null) {
        stream.respond({ ...head, 'grpc-status': grpcStatus }, { endStream: true });
        return;
      }
      stream.respond(head, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': grpcStatus }));
      stream.end(message);
    };
  }

  it('asks for the service that it is told', async (t) => {
    const asked: { path: string; body: Buffer }[] = [];
    const port = await grpcServer(t, (stream, request) => {
      asked.push(request);
      says(framed(8, 1), '0')(stream);
    });
    assert.equal(await problemAt(port, GRPC), null);
    assert.deepEqual(asked, [{ path: PATH, body: framed(0x0a, 11, ...Buffer.from('shop.Orders')) }]);
  });

  const answers: readonly [string, (stream: ServerHttp2Stream) => void, string][] = [
    ['NOT_SERVING', says(framed(8, 2), '0'), 'NOT_SERVING'],
    ['UNKNOWN', says(framed(), '0'), 'UNKNOWN'],
    ['UNIMPLEMENTED', says(null, '12'), 'grpc-status 12'],
    ['SERVING that failed after all', says(framed(8, 1), '14'), 'grpc-status 14'],
    ['a status of HTTP', says(framed(8, 1), '0', 502), 'status 502'],
    ['nothing at all', says(Buffer.alloc(0), '0'), 'the answer is no message'],
    ['far too much', says(Buffer.alloc(100_000), '0'), 'the answer is too long'],
    ['a reset', (stream) => stream.close(2), 'ERR_HTTP2_STREAM_ERROR'],
  ];
  for (const [what, serve, expected] of answers) {
    it(`that is answered with ${what} finds it wrong`, async (t) => {
      assert.equal(await problemAt(await grpcServer(t, serve), GRPC), expected);
    });
  }

  it('finds a server that speaks another protocol, refuses, or is silent', async (t) => {
    const garbage = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(reply('this is HTTP/1.1'));
    });
    garbage.listen(0, '127.0.0.1');
    await once(garbage, 'listening');
    t.after(() => garbage.close());
    assert.notEqual(await problemAt((garbage.address() as AddressInfo).port, GRPC), null);
    assert.equal(await problemAt(await unusedPort(), GRPC), 'connection refused');
    const port = await grpcServer(t, () => {});
    const giveUp = new AbortController();
    const problem = problemAt(port, GRPC, giveUp.signal);
    setImmediate(() => giveUp.abort());
    assert.equal(await problem, 'given up');
    assert.equal(await problemAt(port, GRPC, AbortSignal.abort()), 'given up');
  });
});

describe('health checks of a service', () => {
  it('see an endpoint go down and come back', async (t) => {
    const server = await upstream(t, answer(reply('fine')));
    const states = new EndpointStates(EndpointStates.allocate(1, 1), 0);
    const heard: (string | null)[] = [];
    const checks = new HealthChecks({
      clock: systemClock,
      random: random(1),
      memory: states,
      timers: systemTimers,
      onResult: () => {},
      onChange: (_, problem) => heard.push(problem),
    });
    t.after(() => checks.close());
    const member = { slot: 0, url: server.url, host: '127.0.0.1', port: server.port };
    checks.use([{ id: 's', health: HTTP, upstreamTls: PLAIN_UPSTREAM_TLS, members: [member] }]);
    await eventually(() => checks.status[0]?.state === 'up', 'the first success');
    server.script(answer(reply('', [], '503 Service Unavailable')));
    await eventually(() => states.isDown(0, systemClock.now()), 'the endpoint is down');
    server.script(answer(reply('fine')));
    await eventually(() => !states.isDown(0, systemClock.now()), 'the endpoint is up');
    checks.use([
      { id: 's', health: { ...HTTP, timeoutMs: 50 }, upstreamTls: PLAIN_UPSTREAM_TLS, members: [member] },
    ]);
    server.script(stall);
    await eventually(() => states.isDown(0, systemClock.now()), 'the silent endpoint is down');
    assert.deepEqual(heard, ['status 503', null, 'no answer within 50 ms']);
    checks.close();
    await server.whenIdle();
  });
});
