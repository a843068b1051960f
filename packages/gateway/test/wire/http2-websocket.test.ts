import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { answer, early, eventually, reply, within, type Step } from '@turnpike/testkit';
import { WebSocketServer, type WebSocket } from 'ws';
import { gateway, type Rig } from './fixture.ts';
import { http2Client, read } from './http2-client.ts';

const HANDSHAKE = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'http',
  ':path': '/socket',
  ':authority': 'gateway.test',
  'sec-websocket-version': '13',
};

/** A text frame with a mask of nothing, as clients have to send it; up to 125 bytes. */
function text(message: string): Buffer {
  return Buffer.concat([Buffer.of(0x81, 0x80 | message.length, 0, 0, 0, 0), Buffer.from(message)]);
}

async function webSockets(t: TestContext, talk: (socket: WebSocket) => void): Promise<Rig> {
  const server = createServer((_, response) => response.writeHead(403).end('no'));
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', talk);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const client of sockets.clients) client.terminate();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return gateway(t, {
    upstream: answer(reply('unused')),
    services: { sockets: { endpoints: [`http://127.0.0.1:${port}`] } },
    route: { upgrade: ['websocket'], service: 'sockets' },
  });
}

/** The service behind a route that lets WebSocket through. */
function scripted(t: TestContext, upstream: Step): Promise<Rig> {
  return gateway(t, { upstream, route: { upgrade: ['websocket'] } });
}

async function open(
  session: ClientHttp2Session,
): Promise<{ stream: ClientHttp2Stream; head: IncomingHttpHeaders }> {
  assert.equal(session.remoteSettings.enableConnectProtocol, true);
  const stream = session.request(HANDSHAKE, { endStream: false });
  stream.on('error', () => {});
  const [head] = (await within(once(stream, 'response'), 'a head')) as [IncomingHttpHeaders];
  return { stream, head };
}

/** The bytes that come, as many as there are. */
async function take(stream: ClientHttp2Stream, count: number): Promise<Buffer> {
  let all = Buffer.alloc(0);
  stream.on('data', (bytes: Buffer) => (all = Buffer.concat([all, bytes])));
  await eventually(() => all.length >= count, `${count} bytes`);
  return all;
}

describe('WebSocket over HTTP/2', () => {
  it('carries messages both ways, many on one connection', async (t) => {
    const { plane } = await webSockets(t, (socket) =>
      socket.on('message', (data: Buffer) => socket.send(`${data.toString()}!`)),
    );
    const session = await http2Client(t, plane.port);
    for (let i = 0; i < 3; i++) {
      const { stream, head } = await open(session);
      assert.equal(head[':status'], 200);
      for (const name of ['sec-websocket-accept', 'connection', 'upgrade'])
        assert.equal(head[name], undefined);
      stream.write(text(`hello ${i}`));
      assert.equal((await take(stream, 10)).subarray(2).toString(), `hello ${i}!`);
    }
    session.destroy();
    const lines = await plane.lines(3);
    assert.deepEqual(
      lines.map(({ protocol, path, method }) => [protocol, path, method]),
      Array.from({ length: 3 }, () => ['HTTP/2', '/socket', 'GET']),
    );
  });

  it('ends when both sides have', async (t) => {
    const { plane } = await webSockets(t, (socket) => socket.on('message', () => socket.close(1000, 'bye')));
    const { stream } = await open(await http2Client(t, plane.port));
    const closed = read(stream);
    stream.write(text('x'));
    // The answer to a close frame.
    stream.end(Buffer.of(0x88, 0x80, 0, 0, 0, 0));
    const { body, rstCode } = await closed;
    assert.deepEqual([body.subarray(0, 4).toString('hex'), rstCode], ['880503e8', 0]);
    const [line] = await plane.lines(1);
    assert.equal(line?.['code'], undefined);
  });

  it('is ended at the service when the client resets it', async (t) => {
    const sockets: WebSocket[] = [];
    const { plane } = await webSockets(t, (socket) => sockets.push(socket));
    const { stream } = await open(await http2Client(t, plane.port));
    stream.close(8);
    await eventually(() => sockets[0]?.readyState === 3, 'the end at the service');
  });

  it('is ended at the service when the client has ended its side with the head', async (t) => {
    const sockets: WebSocket[] = [];
    const { plane } = await webSockets(t, (socket) => sockets.push(socket));
    const session = await http2Client(t, plane.port);
    session.request(HANDSHAKE, { endStream: true }).on('error', () => {});
    await eventually(() => sockets[0]?.readyState === 3, 'the end at the service');
  });

  it('is closed with a code when the service breaks off', async (t) => {
    const sockets: WebSocket[] = [];
    const { plane } = await webSockets(t, (socket) => sockets.push(socket));
    const { stream } = await open(await http2Client(t, plane.port));
    const closed = read(stream);
    const [socket] = sockets as unknown as [{ _socket: { resetAndDestroy(): void } }];
    stream.once('data', () => stream.end(text('answer')));
    socket._socket.resetAndDestroy();
    const { body, rstCode } = await closed;
    // A close frame of the server: 1011.
    assert.deepEqual([body[0], body.subarray(2, 4).toString('hex'), rstCode], [0x88, '03f3', 0]);
    const [line] = await plane.lines(1);
    assert.equal(line?.['code'], 'UPSTREAM_INCOMPLETE');
  });

  it('gets the refusal of a service as it is', async (t) => {
    const { plane } = await scripted(t, early(reply('no', [], '403 Forbidden')));
    const { stream, head } = await open(await http2Client(t, plane.port));
    assert.equal(head[':status'], 403);
    assert.equal((await take(stream, 2)).toString(), 'no');
  });

  it('is not believed of a service that did not answer the key', async (t) => {
    const wrong = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: wrong'];
    const head101 = `HTTP/1.1 101 Switching Protocols\r\n${wrong.join('\r\n')}\r\n\r\n`;
    const { plane, upstream } = await scripted(t, early(head101));
    const { head } = await open(await http2Client(t, plane.port));
    assert.equal(head[':status'], 502);
    await upstream.whenIdle();
  });
});
