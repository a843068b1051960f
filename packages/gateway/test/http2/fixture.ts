import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import type { TestContext } from 'node:test';
import { TAKEN, type Body } from '../../src/core/body.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Headers } from '../../src/core/headers.ts';
import { systemClock } from '../../src/core/ports.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import type { Call } from '../../src/core/transport.ts';
import type { UpstreamTls } from '../../src/core/upstream-tls.ts';
import { SharedPool } from '../../src/upstream/pool/shared-pool.ts';
import { Http2ClientConnection } from '../../src/wire/http2/client-connection.ts';

/** What a stream of a server does. */
export type OnStream = (stream: ServerHttp2Stream, headers: Record<string, unknown>, raw: string[]) => void;

/** A server that answers as the test says, and what it has seen. */
export interface Upstream {
  readonly server: Http2Server;
  readonly port: number;
  readonly sessions: ServerHttp2Session[];
}

/** Starts a cleartext HTTP/2 server; it ends with the test. */
export async function upstream(
  t: TestContext,
  onStream: OnStream,
  options: Parameters<typeof createServer>[0] = {},
): Promise<Upstream> {
  const server = createServer(options);
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream: ServerHttp2Stream, headers, _, raw) => {
    stream.on('error', () => {});
    onStream(stream, headers, raw);
  });
  const port = await listen(t, server, () => {
    for (const session of sessions) session.destroy();
  });
  return { server, port, sessions };
}

/** Opens a server on a free port; it ends with the test. */
export async function listen(t: TestContext, server: Server, end: () => void = () => {}): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    end();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** How a pool of a test differs. */
export interface PoolWish {
  readonly port: number;
  readonly tls?: UpstreamTls;
  readonly maxConnections?: number;
  readonly timeouts?: Partial<SharedPool['timeouts']>;
}

/** A pool over real connections; it ends with the test. */
export function poolOf(
  t: TestContext,
  { port, tls, maxConnections = 4, timeouts = {} }: PoolWish,
): SharedPool {
  const wheel = new TimingWheel(systemClock.now);
  const stop = wheel.start();
  const connections = new Set<Http2ClientConnection>();
  const plan = {
    host: '127.0.0.1',
    port,
    tls: tls ?? null,
    wheel,
    maxConnections,
    timeouts: { connectMs: 5000, requestMs: 5000, idleMs: 5000, pooledMs: 5000, ...timeouts },
  };
  const pool = new SharedPool(plan, (home) => {
    const connection = new Http2ClientConnection(home);
    connections.add(connection);
    return connection;
  });
  t.after(() => {
    stop();
    for (const { session } of connections) session.destroy();
  });
  return pool;
}

/** What came of a call. */
export interface Outcome {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  /** All of the body; rejects when it breaks off. */
  text(): Promise<string>;
  /** After the text. */
  trailers: Headers | null;
}

/** A call that a test makes. */
export type CallWish = Partial<Omit<Call, 'listener'>> & {
  readonly isFresh?: boolean;
  readonly informed?: (status: number, headers: Headers) => void;
};

/** Sends a call; rejects with the error that its listener hears. */
export function ask(pool: SharedPool, wish: CallWish = {}): Promise<Outcome> & { abandon: () => void } {
  let abandon = (): void => {};
  const { isFresh = false, informed = () => {}, ...fields } = wish;
  const promise = new Promise<Outcome>((resolve, reject) => {
    const call: Call = {
      method: 'GET',
      target: '/',
      authority: 'service.example',
      fields: '',
      body: null,
      upgrade: '',
      takesTrailers: false,
      ...fields,
      listener: {
        informed,
        replied: (status, headers, { body }) => resolve(outcomeOf(status, headers, body)),
        failed: reject,
      },
    };
    ({ abandon } = pool.send(call, isFresh));
  });
  return Object.assign(promise, { abandon: () => abandon() });
}

function outcomeOf(status: number, headers: Headers, body: Body): Outcome {
  const outcome: Outcome = { status, headers, body, trailers: null, text: () => textOf(body, outcome) };
  return outcome;
}

function textOf(body: Body, outcome: Outcome): Promise<string> {
  if (body === null || typeof body === 'string') return Promise.resolve(body ?? '');
  return new Promise((resolve, reject) => {
    let text = '';
    body.readTo({
      write(chunk) {
        text += chunk.toString('latin1');
        return TAKEN;
      },
      flush() {},
      end(trailers) {
        outcome.trailers = trailers;
        resolve(text);
      },
      fail: reject,
    });
  });
}

/** Asserts that a call fails with that code. */
export async function failsWith(call: Promise<unknown>, code: string): Promise<GatewayError> {
  const error = await call.then(
    () => assert.fail(`no ${code}`),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof GatewayError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}
