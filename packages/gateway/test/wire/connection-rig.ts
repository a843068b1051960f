import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import type { Exchange, Reply } from '../../src/core/exchange.ts';
import { Headers } from '../../src/core/headers.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import { acceptInto } from '../../src/wire/accept.ts';
import { EitherConnection } from '../../src/wire/either-connection.ts';
import { ServerConnection } from '../../src/wire/http1/server-connection.ts';
import { Http2Connection } from '../../src/wire/http2/server-connection.ts';

const LIMITS = {
  headerBytes: 32_768,
  headerCount: 100,
  targetBytes: 8192,
  headerTimeoutMs: 10_000,
  bodyTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
  requestsPerConnection: 1_000_000,
  http2: { maxConcurrentStreams: 3 },
};

/** An exchange that nobody has answered. */
export interface Working {
  readonly exchange: Exchange;
  answer(reply: Reply): void;
}

/** Connections without a gateway behind them: the test answers itself. */
export interface ConnectionRig {
  readonly port: number;
  readonly working: Working[];
  /** Our ends of the connections. */
  readonly sockets: Socket[];
  readonly abused: string[];
  /** What was logged as an error. */
  readonly errors: string[];
  /** Lets time pass. */
  advance(ms: number): void;
  /** Hears of an abuse when it is found. */
  whenAbused: () => void;
  /** Hears of an exchange when it begins. */
  whenBegun: (work: Working) => void;
}

/** A reply with that body. */
export const replyOf = (body: string): Reply => ({
  status: 200,
  headers: new Headers(),
  body,
  code: '',
  tunnel: null,
});

/** Starts to listen; it ends with the test. */
export async function connectionRig(t: TestContext): Promise<ConnectionRig> {
  const clock = manualClock();
  const wheel = new TimingWheel(() => clock.now());
  const rig = {
    port: 0,
    working: [] as Working[],
    sockets: [] as Socket[],
    abused: [] as string[],
    errors: [] as string[],
    whenAbused: () => {},
    whenBegun: (() => {}) as ConnectionRig['whenBegun'],
    advance(ms: number) {
      clock.advance(ms);
      wheel.advance();
    },
  };
  const ports = {
    handle: (exchange: Exchange) =>
      new Promise<Reply>((resolve) => {
        const work = { exchange, answer: resolve };
        rig.working.push(work);
        rig.whenBegun(work);
      }),
    isExhausted: () => false,
    clock,
    wheel,
    log: { debug() {}, info() {}, warn() {}, error: (message: string) => rig.errors.push(message) },
    newRequestId: () => 'id',
    ended: () => {},
    abused: (kind: string) => {
      rig.abused.push(kind);
      rig.whenAbused();
    },
  };
  const arrival = {
    listener: 'web',
    scheme: 'http',
    port: 0,
    bodyBytes: 1000,
    forwardedClientCert: false,
    forwardsClientCert: false,
  } as const;
  const plan = { arrival, limits: LIMITS, isTrusted: () => false };
  const origin = { peer: null, clientCertificate: null };
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  acceptInto(server, (socket) => {
    rig.sockets.push(socket);
    return new EitherConnection({
      http1: (preface) => new ServerConnection(socket, plan, ports, { ...origin, preface }),
      http2: () => new Http2Connection(socket, plan, ports, origin),
    });
  });
  rig.port = (server.address() as AddressInfo).port;
  return rig;
}
