import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { describe, it, type TestContext } from 'node:test';
import { eventually, within } from '@turnpike/testkit';
import { closePayload, frameOf } from '../../src/stages/websocket/frames-testing.ts';
import { closeOf, socketRig } from './socket-rig.ts';

/** A stream of an extended CONNECT (RFC 8441), with what came back through it. */
interface Tunnel {
  readonly stream: ClientHttp2Stream;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  got(): Buffer;
}

async function session(t: TestContext, port: number): Promise<ClientHttp2Session> {
  const client = connect(`http://127.0.0.1:${port}`);
  client.on('error', () => {});
  t.after(() => client.destroy());
  await within(once(client, 'remoteSettings'), 'settings');
  assert.equal(client.remoteSettings.enableConnectProtocol, true);
  return client;
}

async function open(client: ClientHttp2Session, fields: OutgoingHttpHeaders = {}): Promise<Tunnel> {
  const stream = client.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'http',
    ':path': '/live',
    ':authority': 'gateway.test',
    'sec-websocket-version': '13',
    ...fields,
  });
  stream.on('error', () => {});
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [headers] = (await within(once(stream, 'response'), 'the answer to a CONNECT')) as [
    Record<string, unknown>,
  ];
  return { stream, status: Number(headers[':status']), headers, got: () => Buffer.concat(chunks) };
}

/** Waits until exactly these bytes have come. */
async function comes(tunnel: Tunnel, bytes: Buffer, what: string): Promise<void> {
  await eventually(() => tunnel.got().length >= bytes.length, what);
  assert.ok(tunnel.got().equals(bytes), `${tunnel.got().toString('hex')} is not ${bytes.toString('hex')}`);
}

const close = (code: number, reason: string) => frameOf({ opcode: 8, payload: closePayload(code, reason) });

describe('a WebSocket over HTTP/2', () => {
  it('carries messages beside others of its connection, and its close', async (t) => {
    const rig = await socketRig(t, { policies: { websocket: { subprotocols: ['chat'] } } });
    const client = await session(t, rig.plane.port);
    const [one, two] = await Promise.all([
      open(client, { 'sec-websocket-protocol': 'chat, other' }),
      open(client),
    ]);
    assert.deepEqual([one.status, two.status], [200, 200]);
    assert.equal(one.headers['sec-websocket-protocol'], 'chat');
    assert.equal(one.headers['sec-websocket-accept'], undefined);
    for (const tunnel of [one, two]) tunnel.stream.write(frameOf({ payload: 'hello', isMasked: true }));
    const echo = frameOf({ payload: 'hello' });
    await comes(one, echo, 'an echo');
    await comes(two, echo, 'an echo');
    one.stream.write(frameOf({ opcode: 8, payload: closePayload(4000), isMasked: true }));
    await comes(one, Buffer.concat([echo, close(4000, '')]), 'the answer to a close');
    one.stream.end();
    const [line] = await rig.plane.lines(1);
    assert.deepEqual([line?.['closed'], line?.['closeCode'], line?.['protocol']], ['client', 4000, 'HTTP/2']);
    two.stream.close();
    await rig.plane.lines(2);
    assert.equal(rig.plane.inflight(), 0);
  });

  it('is under the same limits', async (t) => {
    const rig = await socketRig(t, {
      policies: { websocket: { maxMessageBytes: 10, origins: ['https://a.example'] } },
    });
    const client = await session(t, rig.plane.port);
    assert.equal((await open(client, { origin: 'https://b.example' })).status, 403);
    assert.equal((await open(client, { 'sec-websocket-version': '8' })).status, 426);
    const tunnel = await open(client, { origin: 'https://a.example' });
    tunnel.stream.write(frameOf({ payload: 'far too long', isMasked: true }));
    await comes(tunnel, close(1009, 'a message has more than 10 bytes'), 'a close');
  });

  it('is told 1001 when the gateway stops, and its service too', async (t) => {
    const rig = await socketRig(t);
    const client = await session(t, rig.plane.port);
    const tunnel = await open(client);
    const [server] = rig.servers;
    assert.ok(server !== undefined);
    const serverClosed = closeOf(server);
    const isDone = rig.plane.close(4000);
    await comes(tunnel, close(1001, 'the gateway is about to stop'), 'a goodbye');
    tunnel.stream.end(frameOf({ opcode: 8, payload: closePayload(1001), isMasked: true }));
    assert.deepEqual(await serverClosed, [1001, 'the gateway is about to stop']);
    await isDone;
  });

  it('is told 1012 when its route is gone, and others of its connection live on', async (t) => {
    const rig = await socketRig(t);
    const { live = {} } = rig.document['routes'] as Record<string, object>;
    const other = { ...live, match: { path: '/other' } };
    await rig.plane.apply({ ...rig.document, routes: { live, other } });
    const client = await session(t, rig.plane.port);
    const [gone, kept] = [await open(client), await open(client, { ':path': '/other' })];
    await rig.plane.apply({ ...rig.document, routes: { other } });
    await comes(gone, close(1012, 'this is not served any more'), 'a goodbye');
    kept.stream.write(frameOf({ payload: 'still there', isMasked: true }));
    await comes(kept, frameOf({ payload: 'still there' }), 'an echo');
  });
});
