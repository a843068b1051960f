// Services over HTTP/2 as the configuration has them, for clients of HTTP/1.1.
import assert from 'node:assert/strict';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import { describe, it, type TestContext } from 'node:test';
import { rawClient, startPlane } from '@turnpike/testkit';
import { get, request } from '../wire/fixture.ts';
import { certificateStore } from '../tls/fixture.ts';
import { listen, upstream } from './fixture.ts';

/** Answers with what it got. */
function echo(stream: ServerHttp2Stream, headers: Record<string, unknown>): void {
  stream.respond({
    ':status': 200,
    'x-scheme': String(headers[':scheme']),
    'x-authority': String(headers[':authority']),
  });
  stream.pipe(stream);
}

async function clientOf(t: TestContext, service: object) {
  const plane = await startPlane({
    listeners: { web: { address: '127.0.0.1:0' } },
    services: { main: service },
    routes: { main: { match: { path: '/*' }, service: 'main' } },
  });
  const client = await rawClient(plane.port);
  t.after(async () => {
    client.destroy();
    await plane.close();
  });
  return client;
}

describe('endpoints that speak HTTP/2', () => {
  for (const [what, scheme, more] of [
    ['with grpc://', 'grpc', {}],
    ['with http:// where the service says so', 'http', { connections: { http2: 'always' } }],
  ] as const) {
    it(`are reached ${what}`, async (t) => {
      const { port } = await upstream(t, echo);
      const client = await clientOf(t, { endpoints: [`${scheme}://127.0.0.1:${port}`], ...more });
      for (const size of [0, 10, 1_000_000]) {
        const answer = await client.ask(request('POST /', [], 'x'.repeat(size)));
        assert.equal(answer.status, 200);
        assert.equal(answer.body.length, size);
        assert.match(answer.head, /x-scheme: http\r\nx-authority: gateway.test/);
      }
    });
  }

  it('are reached over TLS with grpcs://, and have to prove who they are', async (t) => {
    const store = await certificateStore(t);
    const server: Http2SecureServer = createSecureServer(store.authority.issue({ names: ['127.0.0.1'] }));
    const sessions = new Set<{ destroy(): void }>();
    server.on('session', (session) => sessions.add(session));
    server.on('stream', echo);
    const port = await listen(t, server, () => {
      for (const session of sessions) session.destroy();
    });
    const endpoints = [`grpcs://127.0.0.1:${port}`];
    const tls = { authorities: await store.write('ca.pem', store.authority.cert) };
    const client = await clientOf(t, { endpoints, tls });
    const answer = await client.ask(get());
    assert.equal(answer.status, 200);
    assert.match(answer.head, /x-scheme: https\r\n/);
    const mistrusting = await clientOf(t, { endpoints });
    const refused = await mistrusting.ask(get());
    assert.equal(refused.status, 502);
    assert.match(String(refused.body), /UPSTREAM_CERTIFICATE/);
  });
});
