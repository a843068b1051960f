import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { answer, answerWhole, eventually, partial, rawClient, within } from '@turnpike/testkit';
import { get, gateway, type GatewayPlan } from '../wire/fixture.ts';
import { certificateStore, endsWith, failureOf, talk, tlsClient } from './fixture.ts';

/** A gateway with certificates for a.test (the default), b.test and *.c.test, and an upstream that shows what it got. */
async function secure(t: TestContext, plan: { tls?: object; listener?: object } & Partial<GatewayPlan> = {}) {
  const store = await certificateStore(t);
  const certificates = [
    await store.issue('a', { commonName: 'a', names: ['a.test'] }),
    await store.issue('b', { commonName: 'b', names: ['b.test', 'x.c.test'] }),
    await store.issue('c', { commonName: 'c', names: ['*.c.test'] }),
  ];
  const { tls = {}, listener = {}, ...rest } = plan;
  const rig = await gateway(t, {
    upstream: answer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    ...rest,
    listener: { ...listener, tls: { certificates, ...tls } },
  });
  return { ...rig, store, certificates, ca: store.authority.cert, port: rig.plane.port };
}

function handshakes(metrics: string): Record<string, number> {
  const found = metrics.matchAll(
    /^turnpike_tls_handshakes_total\{listener="web",result="([\w-]+)"\} (\d+)$/gm,
  );
  return Object.fromEntries(Array.from(found, ([, result = '', count]) => [result, Number(count)]));
}

describe('a listener with TLS', () => {
  it('serves requests on a kept connection and tells the service that it was HTTPS', async (t) => {
    const { port, ca, upstream } = await secure(t);
    const client = await tlsClient(t, port, { ca, ALPNProtocols: ['http/1.1', 'other'] });
    assert.equal(client.alpnProtocol, 'http/1.1');
    for (const path of ['/1', '/2']) assert.match(await talk(client, get(path), /ok$/), /^HTTP\/1\.1 200 /);
    const [first] = upstream.requests;
    assert.match(first?.head ?? '', /^X-Forwarded-Proto: https\r?$/m);
  });

  for (const [name, expected] of [
    ['a.test', 'a'],
    ['b.test', 'b'],
    ['B.TEST', 'b'],
    ['x.c.test', 'b'],
    ['y.c.test', 'c'],
    ['z.y.c.test', 'a'],
    ['unknown.test', 'a'],
    ['', 'a'],
  ] as const) {
    it(`shows certificate ${expected} for the name "${name}"`, async (t) => {
      const { port, ca } = await secure(t);
      const client = await tlsClient(t, port, { ca, servername: name, checkServerIdentity: () => undefined });
      assert.equal(client.getPeerX509Certificate()?.subject, `CN=${expected}`);
    });
  }

  for (const [what, options, code] of [
    [
      'TLS 1.1',
      { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      /PROTOCOL_VERSION/,
    ],
    [
      'a cipher without forward secrecy',
      { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' },
      /HANDSHAKE_FAILURE/,
    ],
    [
      'a cipher without authentication',
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' },
      /HANDSHAKE_FAILURE/,
    ],
    ['a protocol that nobody knows', { ALPNProtocols: ['other'] }, /NO_APPLICATION_PROTOCOL/],
  ] as const) {
    it(`refuses ${what}`, async (t) => {
      const { port, ca, plane } = await secure(t);
      assert.match(await failureOf(t, port, { ca, ...options, ALPNProtocols: undefined, ...options }), code);
      await eventually(() => Object.keys(handshakes(plane.metrics())).length === 1, 'a count');
      assert.deepEqual(
        plane.log.filter(({ level }) => level === 'error'),
        [],
      );
    });
  }

  it('speaks TLS 1.2 with what is left, and refuses it where 1.3 is wanted', async (t) => {
    const { port, ca } = await secure(t);
    const client = await tlsClient(t, port, { ca, maxVersion: 'TLSv1.2' });
    assert.equal(client.getProtocol(), 'TLSv1.2');
    assert.match(await talk(client, get('/'), /ok$/), / 200 /);
    const strict = await secure(t, { tls: { minVersion: 'TLSv1.3' } });
    assert.match(
      await failureOf(t, strict.port, { ca: strict.ca, maxVersion: 'TLSv1.2' }),
      /PROTOCOL_VERSION/,
    );
  });

  it('does not renegotiate', async (t) => {
    const { port, ca } = await secure(t);
    const client = await tlsClient(t, port, { ca, maxVersion: 'TLSv1.2' });
    const refused = new Promise<Error | null>((resolve) => {
      client.on('error', resolve);
      client.renegotiate({}, (error) => resolve(error));
    });
    assert.match(String(await within(refused, 'a refusal')), /NO_RENEGOTIATION|no renegotiation/i);
  });

  it('resumes sessions', async (t) => {
    const { port, ca, plane } = await secure(t);
    const first = connect({ port, host: '127.0.0.1', servername: 'a.test', ca });
    const [session] = (await within(once(first, 'session'), 'a ticket')) as [Buffer];
    first.destroy();
    const second = await tlsClient(t, port, { ca, session });
    assert.equal(second.isSessionReused(), true);
    await eventually(() => handshakes(plane.metrics())['resumed'] === 1, 'a count');
  });

  it('ends a connection properly that speaks plain HTTP', async (t) => {
    const { port, plane } = await secure(t);
    const client = await rawClient(port);
    await client.send(get('/'));
    assert.equal(await client.closed(), 'fin');
    await eventually(() => handshakes(plane.metrics())['plain-http'] === 1, 'a count');
  });

  it('carries large bodies in both directions', async (t) => {
    const bytes = 8 * 1024 * 1024;
    const { port, ca } = await secure(t, {
      listener: { limits: { bodyBytes: '64MiB' } },
      upstream: answerWhole((body) =>
        Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`), body]),
      ),
    });
    const client = await tlsClient(t, port, { ca });
    const piece = Buffer.alloc(1024 * 1024, 'turnpike');
    client.write(`POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: ${bytes}\r\n\r\n`);
    const sent = createHash('sha256');
    const received = createHash('sha256');
    let count = 0;
    let headLeft = '';
    client.on('data', (chunk: Buffer) => {
      if (!headLeft.includes('\r\n\r\n')) {
        headLeft += chunk.toString('latin1');
        const end = headLeft.indexOf('\r\n\r\n');
        if (end === -1) return;
        chunk = Buffer.from(headLeft.slice(end + 4), 'latin1');
      }
      count += chunk.length;
      received.update(chunk);
    });
    for (let at = 0; at < bytes; at += piece.length) {
      sent.update(piece);
      if (!client.write(piece)) await once(client, 'drain');
    }
    await eventually(() => count === bytes, 'the whole body');
    assert.equal(received.digest('hex'), sent.digest('hex'));
  });

  it('breaks off where no framing could tell that the body is incomplete', async (t) => {
    const { port, ca } = await secure(t, {
      upstream: partial('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'fin'),
    });
    const client = connect({ port, host: '127.0.0.1', servername: 'a.test', ca });
    endsWith(t, client);
    let code = '';
    client.on('error', (error: NodeJS.ErrnoException) => (code = error.code ?? ''));
    client.resume();
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.write('GET / HTTP/1.0\r\nHost: a.test\r\n\r\n');
    await within(closed, 'the end of the connection');
    assert.equal(code, 'ECONNRESET');
  });

  it('lets go of clients that go away before their last message of the handshake', async (t) => {
    const { port, ca, plane } = await secure(t);
    for (let count = 0; count < 20; count++) {
      const client = connect({ port, host: '127.0.0.1', servername: 'a.test', ca, minVersion: 'TLSv1.3' });
      endsWith(t, client);
      // For the client the handshake is over now; what it has to say is not on its way yet.
      const isGone = new Promise<void>((resolve) => {
        client.once('close', () => resolve()).once('secureConnect', () => client.destroy());
      });
      await within(isGone, 'a handshake');
    }
    const isOver = () => plane.metrics().includes('turnpike_connections_closed_total{listener="web"} 20');
    await eventually(isOver, 'the end of all connections');
    assert.equal(handshakes(plane.metrics())['timeout'], undefined);
  });

  it('switches protocols', async (t) => {
    const { port, ca } = await secure(t, {
      route: { upgrade: ['websocket'] },
      upstream: async (talking) => {
        await talking.write(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
            'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello',
        );
        const before = talking.bytesReceived();
        await eventually(() => talking.bytesReceived() >= before + 4, 'a ping');
        await talking.write('pong');
        await talking.closed();
        talking.socket.end();
      },
    });
    const client = await tlsClient(t, port, { ca });
    const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    const handshake = get('/', 'Connection: Upgrade', 'Upgrade: websocket', ...key);
    const head = await talk(client, handshake, /hello$/);
    assert.match(head, /^HTTP\/1\.1 101 /);
    assert.equal(await talk(client, 'ping', /pong$/), 'pong');
    client.end();
  });

  it('reads who is behind a proxy before the handshake', async (t) => {
    const { port, ca, upstream } = await secure(t, {
      listener: { proxyProtocol: true, trustedProxies: ['127.0.0.1/32'] },
    });
    for (const [index, together] of [true, false].entries()) {
      const raw = connectPlain(port, '127.0.0.1');
      await once(raw, 'connect');
      if (!together) raw.setNoDelay(true);
      raw.write(`PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n`);
      if (!together) await new Promise((resolve) => setImmediate(resolve));
      const client = connect({ socket: raw, servername: 'a.test', ca });
      endsWith(t, client);
      await talk(client, get('/'), /ok$/);
      assert.match(upstream.requests[index]?.head ?? '', /^X-Forwarded-For: 192\.0\.2\.7\r?$/m);
    }
  });
});
