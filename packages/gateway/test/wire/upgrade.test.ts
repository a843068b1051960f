import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { answer, early, eventually, fieldOf, reply, within } from '@turnpike/testkit';
import { WebSocket, WebSocketServer } from 'ws';
import { codeOf, gateway, get, type Rig } from './fixture.ts';

/** A service that speaks WebSocket, and a gateway before it. */
async function webSockets(
  t: TestContext,
  talk: (socket: WebSocket) => void,
): Promise<Rig & { readonly server: Server; open(): Promise<WebSocket> }> {
  const server = createServer((_, response) => response.end('plain'));
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', talk);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients: WebSocket[] = [];
  t.after(() => {
    for (const client of [...clients, ...sockets.clients]) client.terminate();
    server.close();
    server.closeAllConnections();
  });
  const rig = await gateway(t, {
    upstream: answer(reply('unused')),
    services: { sockets: { endpoints: [`http://127.0.0.1:${port}`] } },
    route: { upgrade: ['websocket'], service: 'sockets' },
    routes: { plain: { match: { path: '/plain' }, service: 'sockets' } },
  });
  return {
    ...rig,
    server,
    async open() {
      const client = new WebSocket(`ws://127.0.0.1:${rig.plane.port}/socket`, { perMessageDeflate: false });
      clients.push(client);
      await within(once(client, 'open'), 'a WebSocket');
      return client;
    },
  };
}

/** The next message. */
async function message(socket: WebSocket): Promise<Buffer> {
  const [data] = (await within(once(socket, 'message'), 'a message')) as [Buffer];
  return data;
}

async function closing(socket: WebSocket): Promise<[code: number, reason: string]> {
  const [code, reason] = (await within(once(socket, 'close'), 'the end of a WebSocket')) as [number, Buffer];
  return [code, reason.toString()];
}

const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** The answer to that key (RFC 6455 §1.3). */
const ACCEPT = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

describe('connections that switch to WebSocket', () => {
  it('carries text and binary messages of any size both ways', async (t) => {
    const { open, plane } = await webSockets(t, (socket) => {
      socket.on('message', (data: Buffer, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const client = await open();
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 1024 * 1024]) {
      const data = Buffer.alloc(size, 'grüße');
      const echoed = message(client);
      client.send(data);
      assert.ok((await echoed).equals(data));
    }
    const text = message(client);
    client.send('grüße');
    assert.equal((await text).toString(), 'grüße');
    client.close();
    await closing(client);
    const [line] = await plane.lines(1);
    assert.equal(line?.['status'], 101);
    assert.equal(plane.inflight(), 0);
  });

  it('carries a thousand messages that nobody waits for, in order', async (t) => {
    const { open } = await webSockets(t, (socket) => {
      socket.on('message', (data: Buffer) => socket.send(data));
    });
    const client = await open();
    const got: string[] = [];
    const all = new Promise<void>((resolve) => {
      client.on('message', (data: Buffer) => {
        if (got.push(data.toString()) === 1000) resolve();
      });
    });
    const sent = Array.from({ length: 1000 }, (_, i) => `${i} ${'x'.repeat(i)}`);
    for (const text of sent) client.send(text);
    await within(all, 'a thousand messages');
    assert.deepEqual(got, sent);
  });

  it('holds back a sender whose receiver does not read, and loses nothing', async (t) => {
    const receiver = Promise.withResolvers<WebSocket>();
    const { open } = await webSockets(t, (socket) => receiver.resolve(socket));
    const client = await open();
    const server = await receiver.promise;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      to.pause();
      const chunk = Buffer.alloc(1024 * 1024);
      let isHeld = false;
      let sent = 0;
      // Kernel buffers take some megabytes; a gateway without back-pressure would take all of it.
      while (sent < 64 && !isHeld) {
        from.send(chunk);
        sent++;
        await new Promise((resolve) => setTimeout(resolve, 2));
        isHeld = from.bufferedAmount > 8 * 1024 * 1024;
      }
      assert.ok(isHeld, `held back after ${sent} MiB`);
      let got = 0;
      const all = new Promise<void>((resolve) => {
        to.on('message', () => {
          if (++got === sent) resolve();
        });
      });
      to.resume();
      await within(all, 'the messages that were held back');
    }
  });

  it('carries close codes both ways', async (t) => {
    const codes: (readonly [number, string])[] = [];
    const { open, plane } = await webSockets(t, (socket) => {
      socket.on('close', (code, reason) => codes.push([code, reason.toString()]));
      socket.on('message', () => socket.close(4001, 'from the service'));
    });
    const first = await open();
    first.close(4000, 'from the client');
    assert.deepEqual(await closing(first), [4000, 'from the client']);
    const second = await open();
    const closed = closing(second);
    second.send('close');
    assert.deepEqual(await closed, [4001, 'from the service']);
    await plane.lines(2);
    assert.deepEqual(codes, [
      [4000, 'from the client'],
      [4001, 'from the service'],
    ]);
    assert.equal(plane.inflight(), 0);
  });

  it('ends the one side when the other is gone', async (t) => {
    const servers: WebSocket[] = [];
    const { open, plane } = await webSockets(t, (socket) => servers.push(socket));
    const first = await open();
    const [server] = servers;
    assert.ok(server !== undefined);
    const serverClosed = closing(server);
    first.terminate();
    assert.equal((await serverClosed)[0], 1006);
    const second = await open();
    const clientClosed = closing(second);
    servers[1]?.terminate();
    assert.deepEqual(await clientClosed, [1011, 'the service is gone']);
    await plane.lines(2);
    assert.equal(plane.inflight(), 0);
  });

  it('hands on the refusal of the service, and the connection persists', async (t) => {
    const { client } = await gateway(t, {
      upstream: answer(reply('no', [], '403 Forbidden')),
      route: { upgrade: ['websocket'] },
    });
    const connection = await client();
    for (let i = 0; i < 2; i++) {
      const response = await connection.ask(get('/', ...UPGRADE));
      assert.equal(response.status, 403);
      assert.equal(response.body.toString(), 'no');
    }
  });

  it('asks for no upgrade on a route that has none', async (t) => {
    const { client, upstream } = await gateway(t, { upstream: answer(reply('plain')) });
    const response = await (await client()).ask(get('/', ...UPGRADE));
    assert.equal(response.body.toString(), 'plain');
    const talk = await upstream.request(0);
    assert.equal(fieldOf(talk, 'upgrade'), undefined);
    assert.equal(fieldOf(talk, 'connection'), undefined);
  });

  it('switches to no other protocol', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: early('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'),
      route: { upgrade: ['websocket'] },
    });
    const response = await (await client()).ask(get('/', 'Connection: Upgrade', 'Upgrade: h2c'));
    assert.equal(response.status, 502);
    assert.equal(codeOf(response), 'UPSTREAM_INVALID');
    assert.equal(fieldOf(await upstream.request(0), 'upgrade'), undefined);
  });

  it('takes no 101 to another protocol than the one that was asked for', async (t) => {
    const { client } = await gateway(t, {
      upstream: early('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'),
      route: { upgrade: ['websocket'] },
    });
    const response = await (await client()).ask(get('/', ...UPGRADE));
    assert.equal(response.status, 502);
    assert.equal(codeOf(response), 'UPSTREAM_INVALID');
  });

  it('carries raw bytes that come with either head, and each FIN on its own', async (t) => {
    const { client, upstream, plane } = await gateway(t, {
      upstream: async (talk) => {
        await talk.write(
          `HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n${ACCEPT}\r\n\r\nfirst`,
        );
        const all = talk.head.length + 'ahead'.length;
        await eventually(() => talk.bytesReceived() >= all, 'what came with the head');
        await talk.write(`second ${talk.bytesReceived()}`);
        talk.socket.end();
      },
      route: { upgrade: ['websocket'] },
    });
    const connection = await client();
    await connection.send(`${get('/', ...UPGRADE)}ahead`);
    const response = await connection.response();
    assert.equal(response.status, 101);
    assert.equal(fieldOf(response, 'upgrade'), 'websocket');
    assert.equal(fieldOf(response, 'connection'), 'upgrade');
    assert.equal(await connection.closed(), 'fin');
    const talk = await upstream.request(0);
    assert.equal(connection.rest, `firstsecond ${talk.head.length + 'ahead'.length}`);
    // The service has finished; the client has not.
    await connection.send('after');
    connection.end();
    assert.equal(await talk.closed(), 'fin');
    assert.equal(talk.bytesReceived(), talk.head.length + 'aheadafter'.length);
    await upstream.whenIdle();
    await plane.lines(1);
    assert.equal(plane.inflight(), 0);
  });
});
