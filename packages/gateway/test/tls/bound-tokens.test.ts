import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { answer, testAuthority } from '@turnpike/testkit';
import { identityProvider } from '@turnpike/testkit/identity-provider';
import { gateway, get } from '../wire/fixture.ts';
import { certificateStore, talk, tlsClient } from './fixture.ts';

/** A gateway that believes a provider, and asks clients for certificates; routes differ in what they demand. */
async function world(t: TestContext) {
  const provider = await identityProvider();
  t.after(() => provider.close());
  const store = await certificateStore(t);
  const clients = testAuthority('Clients');
  const authorities = await store.write('clients.pem', clients.cert);
  const certificates = [await store.issue('server', { names: ['a.test'] })];
  const rig = await gateway(t, {
    upstream: answer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    listener: { tls: { certificates, clientCertificates: { authorities, required: false } } },
    routes: {
      open: { match: { path: '/open' }, service: 'main' },
      tokens: {
        match: { path: '/tokens' },
        service: 'main',
        policies: { authenticate: { with: ['provider'] } },
      },
      certificates: {
        match: { path: '/certificates' },
        service: 'main',
        policies: {
          authenticate: { with: ['consumers'] },
          authorize: { rule: 'identity.method == "certificate"' },
        },
      },
      anyone: {
        match: { path: '/anyone' },
        service: 'main',
        policies: { authorize: { rule: 'request.certificate != ""' } },
      },
    },
    sections: {
      identityProviders: { provider: { issuer: provider.issuer, audiences: ['orders'] } },
      consumers: {
        warehouse: { certificates: [{ subject: 'CN=warehouse' }], keys: ['key-of-warehouse-0123'] },
      },
    },
  });
  const connect = (own: { cert: string; key: string } | null) =>
    tlsClient(t, rig.plane.port, { ca: store.authority.cert, ...own });
  return { provider, clients, connect };
}

type Client = Awaited<ReturnType<Awaited<ReturnType<typeof world>>['connect']>>;

async function status(client: Client, path: string, ...fields: string[]): Promise<number> {
  const [, code] = /^HTTP\/1\.1 (\d+)/.exec(await talk(client, get(path, ...fields), /\r\n\r\n[^]+$/)) ?? [];
  return Number(code);
}

describe('a token that is bound to a certificate (RFC 8705)', () => {
  it('is good on connections with that certificate, and on no others', async (t) => {
    const { provider, clients, connect } = await world(t);
    const [own, other] = [clients.issue({ commonName: 'own' }), clients.issue({ commonName: 'other' })];
    const certificate = new X509Certificate(own.cert).raw;
    const token = await provider.accessToken({ audience: 'orders', certificate });
    const [, payload = ''] = token.split('.');
    assert.ok('x5t#S256' in JSON.parse(Buffer.from(payload, 'base64url').toString()).cnf);
    for (const [client, expected] of [
      [own, 200],
      [other, 401],
      [null, 401],
      [own, 200],
    ] as const)
      assert.equal(
        await status(await connect(client), '/tokens', `Authorization: Bearer ${token}`),
        expected,
      );
  });
});

describe('a route on a listener where certificates are optional', () => {
  it('demands one, while others do not', async (t) => {
    const { clients, connect } = await world(t);
    const [known, unknown] = [clients.issue({ commonName: 'warehouse' }), clients.issue({ commonName: 'x' })];
    for (const [own, open, demanding, ofAnyone] of [
      [known, 200, 200, 200],
      [unknown, 200, 401, 200],
      [null, 200, 401, 403],
    ] as const) {
      const client = await connect(own);
      assert.deepEqual(
        [
          await status(client, '/open'),
          await status(client, '/certificates'),
          await status(client, '/anyone', 'Client-Cert: :AAAA:'),
        ],
        [open, demanding, ofAnyone],
      );
    }
    // Who is known by something else is somebody, and yet shows no certificate.
    assert.equal(await status(await connect(null), '/certificates', 'X-Api-Key: key-of-warehouse-0123'), 403);
  });
});
