// Calls over HTTP/2 to real servers that behave.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, failsWith, poolOf, upstream } from './fixture.ts';
import { BodyOfReads } from '../../src/core/body-testing.ts';

/** The example of RFC 6455 §1.3. */
const HANDSHAKE = {
  upgrade: 'websocket',
  target: '/chat',
  fields: 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n',
};

describe('WebSockets over HTTP/2 (RFC 8441)', () => {
  it('are tunnels, whose directions end on their own', async (t) => {
    let seen: unknown[] = [];
    const { port } = await upstream(
      t,
      (stream, headers) => {
        seen = [headers[':method'], headers[':protocol'], headers[':path'], headers['content-length']];
        stream.respond({ ':status': 200 });
        stream.pipe(stream);
      },
      { settings: { enableConnectProtocol: true } },
    );
    const reply = await ask(poolOf(t, { port }), HANDSHAKE);
    assert.equal(reply.status, 101);
    assert.equal(reply.headers.get('sec-websocket-accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    assert.deepEqual(seen, ['CONNECT', 'websocket', '/chat', undefined]);
    const text = reply.text();
    reply.tunnel?.start(new BodyOfReads([Buffer.from('one ')], [Buffer.from('two')]));
    assert.equal(await text, 'one two');
  });

  it('may be refused', async (t) => {
    const { port } = await upstream(t, (stream) => stream.respond({ ':status': 403 }, { endStream: true }), {
      settings: { enableConnectProtocol: true },
    });
    const reply = await ask(poolOf(t, { port }), HANDSHAKE);
    assert.deepEqual([reply.status, reply.tunnel], [403, null]);
  });

  it('are not tried with a service that has none, nor are other protocols', async (t) => {
    const { port, sessions } = await upstream(t, () => {});
    await failsWith(ask(poolOf(t, { port }), HANDSHAKE), 'NOT_IMPLEMENTED');
    await failsWith(ask(poolOf(t, { port }), { ...HANDSHAKE, upgrade: 'h2c' }), 'NOT_IMPLEMENTED');
    assert.equal(sessions.length, 2);
  });
});

describe('calls over HTTP/2', () => {
  it('sends the head as it was, in lower case and without fields of a connection', async (t) => {
    let seen: string[] = [];
    const { port } = await upstream(t, (stream, _, raw) => {
      seen = raw;
      stream.respond({ ':status': 200, 'x-a': '1' }, { endStream: true });
    });
    const reply = await ask(poolOf(t, { port }), {
      target: '/a?b=c',
      fields: 'User-Agent: one\r\nX-Two: a: b\r\nX-Two: c\r\nUser-Agent: two\r\nX-Empty: \r\n',
      takesTrailers: true,
    });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('x-a'), '1');
    assert.equal(reply.body, null);
    const pairs = [];
    for (let at = 0; at < seen.length; at += 2) pairs.push(`${seen[at]}=${seen[at + 1]}`);
    assert.deepEqual(pairs, [
      ':method=GET',
      ':scheme=http',
      ':authority=service.example',
      ':path=/a?b=c',
      'user-agent=one',
      'x-two=a: b',
      'x-two=c',
      'user-agent=two',
      'x-empty=',
      'te=trailers',
    ]);
  });

  it('carries bodies both ways, and trailers', async (t) => {
    const { port } = await upstream(t, (stream, headers) => {
      const chunks: Buffer[] = [];
      let trailers: unknown = null;
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('trailers', (fields: Record<string, unknown>) => (trailers = fields['x-sum']));
      stream.on('end', () => {
        stream.respond(
          { ':status': 200, 'x-length': String(headers['content-length']) },
          { waitForTrailers: true },
        );
        stream.on('wantTrailers', () =>
          stream.sendTrailers({ 'x-echo': String(trailers), 'content-type': 'no' }),
        );
        stream.end(Buffer.concat(chunks));
      });
    });
    const pool = poolOf(t, { port });
    const whole = await ask(pool, { method: 'POST', body: 'h\u00e9llo' });
    assert.equal(await whole.text(), 'h\u00e9llo');
    assert.equal(whole.headers.get('x-length'), '5');
    const big = Buffer.alloc(300_000, 'x');
    const body = new BodyOfReads([Buffer.from('a')], [big, big], [Buffer.from('b')]);
    const streamed = await ask(pool, { method: 'POST', body });
    assert.equal((await streamed.text()).length, 600_002);
    assert.equal(streamed.headers.get('x-length'), 'undefined');
    assert.equal(streamed.trailers?.get('x-echo'), 'null');
    assert.equal(streamed.trailers?.has('content-type'), false);
  });
});
