import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createSecureServer, type ClientHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { startPlane, testAuthority, within } from '@turnpike/testkit';
import { identityProvider } from '@turnpike/testkit/identity-provider';
import { certificateStore } from './fixture.ts';

/** A gateway for a.test and b.test before a service, both of which speak HTTP/2 over TLS. */
async function world(t: TestContext) {
  const provider = await identityProvider();
  const store = await certificateStore(t);
  const clients = testAuthority('Clients');
  const own = clients.issue({ commonName: 'own' });
  const seen: (string | undefined)[] = [];
  const service = createSecureServer(store.authority.issue({ names: ['127.0.0.1'] }));
  service.on('stream', (stream: ServerHttp2Stream, headers) => {
    seen.push(String(headers['client-cert']));
    stream.respond({ ':status': 200 });
    stream.end('ok');
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const ca = await store.write('ca.pem', store.authority.cert);
  const plane = await startPlane({
    listeners: {
      web: {
        address: '127.0.0.1:0',
        tls: {
          certificates: [
            await store.issue('a', { names: ['a.test'] }),
            await store.issue('b', { names: ['b.test'] }),
          ],
          clientCertificates: {
            authorities: await store.write('clients.pem', clients.cert),
            required: false,
            forward: true,
          },
        },
      },
    },
    identityProviders: { provider: { issuer: provider.issuer, audiences: ['orders'] } },
    services: {
      main: {
        endpoints: [`https://127.0.0.1:${(service.address() as AddressInfo).port}`],
        connections: { http2: 'always' },
        tls: { authorities: ca },
      },
    },
    routes: {
      all: { match: { path: '/*' }, service: 'main' },
      tokens: {
        match: { path: '/tokens' },
        service: 'main',
        policies: { authenticate: { with: ['provider'] } },
      },
    },
  });
  const sessions: ClientHttp2Session[] = [];
  t.after(async () => {
    for (const session of sessions) session.destroy();
    await plane.close();
    service.close();
    await provider.close();
  });
  const client = (certificate: { cert: string; key: string } | null): ClientHttp2Session => {
    const trust = { ca: store.authority.cert, servername: 'a.test', ...certificate };
    const session = connect(`https://127.0.0.1:${plane.port}`, trust);
    sessions.push(session);
    return session;
  };
  return { provider, own, clients, seen, client };
}

/** The status of an answer. */
async function ask(
  session: ClientHttp2Session,
  authority: string,
  path = '/',
  fields: Readonly<Record<string, string>> = {},
): Promise<number> {
  const stream = session.request({ ':authority': authority, ':path': path, ...fields });
  const [headers] = (await within(once(stream, 'response'), 'an answer')) as [Record<string, unknown>];
  stream.resume();
  await within(once(stream, 'close'), 'the end of an answer');
  return Number(headers[':status']);
}

describe('a client certificate over HTTP/2', () => {
  it('is told to a service that speaks HTTP/2, in place of what the client writes', async (t) => {
    const { client, own, seen } = await world(t);
    const told = `:${new X509Certificate(own.cert).raw.toString('base64')}:`;
    assert.equal(await ask(client(own), 'a.test', '/', { 'client-cert': ':AAAA:' }), 200);
    assert.equal(await ask(client(null), 'a.test', '/', { 'client-cert': ':AAAA:' }), 200);
    assert.deepEqual(seen, [told, 'undefined']);
  });

  it('is good for the names of one certificate of ours, on a connection that goes on', async (t) => {
    const { client, own } = await world(t);
    const session = client(own);
    const hosts = ['a.test', 'b.test', 'a.test'];
    const found = [];
    for (const host of hosts) found.push(await ask(session, host));
    assert.deepEqual(found, [200, 421, 200]);
    assert.equal(await ask(client(null), 'b.test'), 200);
  });

  it('is what a token is bound to', async (t) => {
    const { client, clients, own, provider } = await world(t);
    const certificate = new X509Certificate(own.cert).raw;
    const token = await provider.accessToken({ audience: 'orders', certificate });
    const fields = { authorization: `Bearer ${token}` };
    const others = [own, clients.issue({ commonName: 'other' }), null];
    const found = [];
    for (const one of others) found.push(await ask(client(one), 'a.test', '/tokens', fields));
    assert.deepEqual(found, [200, 401, 401]);
  });
});
