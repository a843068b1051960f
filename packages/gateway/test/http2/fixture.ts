import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { TAKEN, type Body, type BodyOutlet } from '../../src/core/body.ts';
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
    service: 'test',
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
  readonly tunnel: BodyOutlet | null;
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
        replied: (status, headers, { body, tunnel }) => {
          const outcome: Outcome = {
            status,
            headers,
            body,
            tunnel,
            trailers: null,
            text: () => textOf(body, outcome),
          };
          resolve(outcome);
        },
        failed: reject,
        brokeOff: () => {},
      },
    };
    const holder = pool.send(call, isFresh);
    abandon = () => holder.abandon(call);
  });
  return Object.assign(promise, { abandon: () => abandon() });
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

/** Frames that a raw server sends on the stream of a request; null: it closes the connection. */
export type RawAnswer = (id: number) => readonly Buffer[] | null;

/** A server that speaks HTTP/2 badly: answers every request with frames of the test. */
export async function rawUpstream(t: TestContext, answer: RawAnswer): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.write(frame(SETTINGS, 0, 0));
    let input = Buffer.alloc(0);
    let isPrefaceRead = false;
    socket.on('data', (chunk: Buffer) => {
      input = Buffer.concat([input, chunk]);
      if (!isPrefaceRead) {
        if (input.length < PREFACE_BYTES) return;
        isPrefaceRead = true;
        input = input.subarray(PREFACE_BYTES);
      }
      while (input.length >= 9 && input.length >= 9 + input.readUIntBE(0, 3)) {
        const [type, flags, id] = [input[3], input[4], input.readUInt32BE(5)];
        if (type === SETTINGS && flags === 0) socket.write(frame(SETTINGS, 1, 0));
        if (type === HEADERS) {
          const pieces = answer(id);
          for (const piece of pieces ?? []) socket.write(piece);
          if (pieces === null) socket.destroy();
        }
        input = input.subarray(9 + input.readUIntBE(0, 3));
      }
    });
  });
  return listen(t, server, () => {
    for (const socket of sockets) socket.destroy();
  });
}

/** RFC 9113 §4.1. */
export function frame(type: number, flags: number, id: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

export const [DATA, HEADERS, RST_STREAM, SETTINGS] = [0, 1, 3, 4];
const PREFACE_BYTES = 24;
