import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { it } from 'node:test';
import { eventually, manualClock } from '@turnpike/testkit';
import type { Reply } from '../../src/core/exchange.ts';
import { Headers } from '../../src/core/headers.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import { acceptInto } from '../../src/wire/accept.ts';
import { EitherConnection } from '../../src/wire/either-connection.ts';
import { ServerConnection } from '../../src/wire/http1/server-connection.ts';
import { Http2Connection } from '../../src/wire/http2/server-connection.ts';
import { frame, frameClient, get, TYPE, uint32 } from './http2-frames.ts';

const CANCEL = uint32(8);
const REFUSED_STREAM = 7;
const ENHANCE_YOUR_CALM = 11;
const LIMITS = {
  headerBytes: 32_768,
  headerCount: 100,
  targetBytes: 8192,
  headerTimeoutMs: 10_000,
  bodyTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
  requestsPerConnection: 1000,
  http2: { maxConcurrentStreams: 3 },
};

it('counts streams that were reset until their work has ended', async (t) => {
  const clock = manualClock();
  const working: ((reply: Reply) => void)[] = [];
  const abused: string[] = [];
  const ports = {
    handle: () => new Promise<Reply>((resolve) => working.push(resolve)),
    isExhausted: () => false,
    clock,
    wheel: new TimingWheel(() => clock.now()),
    log: { debug() {}, info() {}, warn() {}, error: (message: string) => assert.fail(message) },
    newRequestId: () => 'id',
    ended: () => {},
    abused: (kind: string) => abused.push(kind),
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
  const origin = { peer: null, clientCertificate: null, ownsReads: false };
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  acceptInto(
    server,
    (socket) =>
      new EitherConnection({
        http1: (preface) => new ServerConnection(socket, plan, ports, { ...origin, preface }),
        http2: () => new Http2Connection(socket, plan, ports, origin),
      }),
  );
  const client = await frameClient(t, (server.address() as AddressInfo).port);
  // What comes together with the preface is read in one go, and what was reset by then never begins.
  await client.frame('settings', ({ type }) => type === TYPE.settings);
  for (const stream of [1, 3, 5]) client.send(get(stream), frame(TYPE.rst, 0, stream, CANCEL));
  client.send(get(7));
  // Node.js refuses as well, for as long as it has not forgotten the three.
  assert.ok([REFUSED_STREAM, ENHANCE_YOUR_CALM].includes(await client.reset(7)));
  assert.equal(working.length, 3);

  const reply: Reply = { status: 200, headers: new Headers(), body: 'late', code: '', tunnel: null };
  for (const answer of working.splice(0)) answer(reply);
  await new Promise((resolve) => setImmediate(resolve));
  client.send(get(9));
  await eventually(() => working.length === 1, 'a request, when there is room again');
  working[0]?.(reply);
  await client.whole(9);

  // Nobody does this for long.
  for (const stream of [11, 13, 15]) client.send(get(stream), frame(TYPE.rst, 0, stream, CANCEL));
  for (let stream = 17; !client.isClosed && stream < 1000; stream += 2) {
    client.send(get(stream));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await client.ended(), ENHANCE_YOUR_CALM);
  assert.equal(abused.length, 1);
});
