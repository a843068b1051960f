import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { answer, eventually, testAuthority, within } from '@turnpike/testkit';
import { get, gateway } from '../wire/fixture.ts';
import { certificateStore, endsWith, failureOf, talk, tlsClient } from './fixture.ts';

interface Wish {
  readonly required?: boolean;
  readonly forward?: boolean;
  readonly forwardedClientCert?: boolean;
}

/** A gateway that knows CN=warehouse by its certificate, behind two listeners that ask for one. */
async function mutual(
  t: TestContext,
  { required = true, forward = false, forwardedClientCert = false }: Wish,
) {
  const store = await certificateStore(t);
  const certificates = [await store.issue('server', { names: ['a.test'] })];
  const clients = testAuthority('Clients');
  const authorities = await store.write('clients.pem', clients.cert);
  const others = testAuthority('Others');
  const otherAuthorities = await store.write('others.pem', others.cert);
  const rig = await gateway(t, {
    upstream: answer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    route: { policies: { authenticate: { with: ['consumers'] } } },
    sections: {
      consumers: { warehouse: { certificates: [{ subject: 'CN=warehouse' }] } },
      listeners: {
        web: {
          address: '127.0.0.1:0',
          tls: { certificates, clientCertificates: { authorities, required, forward } },
          ...(forwardedClientCert && { forwardedClientCert, trustedProxies: ['127.0.0.1/32'] }),
        },
        other: {
          address: '127.0.0.1:0',
          tls: { certificates, clientCertificates: { authorities: otherAuthorities } },
        },
      },
    },
  });
  const { port } = rig.plane;
  return { ...rig, port, otherPort: rig.plane.ports[1] ?? 0, ca: store.authority.cert, clients, others };
}

const status = async (client: TLSSocket, ...fields: string[]): Promise<string | undefined> =>
  /^HTTP\/1\.1 (\d+)/.exec(await talk(client, get('/', ...fields), /\r\n\r\n[^]+$/))?.[1];

describe('client certificates', () => {
  it('are the credential of the consumer that they name, also in resumed sessions', async (t) => {
    const { port, ca, clients, upstream } = await mutual(t, {});
    const client = connect({
      port,
      host: '127.0.0.1',
      servername: 'a.test',
      ca,
      ...clients.issue({ commonName: 'warehouse' }),
    });
    endsWith(t, client);
    const [session] = (await within(once(client, 'session'), 'a ticket')) as [Buffer];
    assert.equal(await status(client), '200');
    const again = await tlsClient(t, port, { ca, session });
    assert.equal(again.isSessionReused(), true);
    assert.equal(await status(again, 'Client-Cert: :AAAA:'), '200');
    assert.doesNotMatch(upstream.requests[1]?.head ?? '', /client-cert/i);
  });

  it('of people whom nobody knows are good for the handshake only', async (t) => {
    const { port, ca, clients } = await mutual(t, {});
    const client = await tlsClient(t, port, { ca, ...clients.issue({ commonName: 'stranger' }) });
    assert.equal(await status(client), '401');
  });

  it('are demanded', async (t) => {
    const { port, ca, plane } = await mutual(t, {});
    assert.match(await failureOf(t, port, { ca }), /CERTIFICATE_REQUIRED/);
    await eventually(() => /result="certificate"|result="protocol"/.test(plane.metrics()), 'a count');
  });

  for (const required of [true, false]) {
    for (const [what, wish] of [
      ['of another authority', { from: 'others' }],
      ['that has expired', { notBefore: new Date(0), notAfter: new Date(86_400_000) }],
    ] as const) {
      it(`${what} ends the connection, ${required ? 'required' : 'optional'} or not`, async (t) => {
        const { port, ca, plane, upstream, ...from } = await mutual(t, { required });
        const authority = 'from' in wish ? from.others : from.clients;
        await failureOf(t, port, { ca, ...authority.issue({ commonName: 'warehouse', ...wish }) });
        await eventually(() => plane.metrics().includes('listener="web",result="certificate"} 1'), 'a count');
        assert.equal(upstream.requests.length, 0);
      });
    }
  }

  it('may be missing where they are optional', async (t) => {
    const { port, ca } = await mutual(t, { required: false });
    assert.equal(await status(await tlsClient(t, port, { ca })), '401');
  });

  it('do not come in by the session of a listener that believes others', async (t) => {
    const { port, otherPort, ca, others } = await mutual(t, { required: false });
    const identity = others.issue({ commonName: 'warehouse' });
    const there = connect({ port: otherPort, host: '127.0.0.1', servername: 'a.test', ca, ...identity });
    endsWith(t, there);
    const [session] = (await within(once(there, 'session'), 'a ticket')) as [Buffer];
    const here = await tlsClient(t, port, { ca, session });
    assert.equal(here.isSessionReused(), false);
    assert.equal(await status(here), '401');
  });

  it('are forwarded where the listener says so, and what the client writes is not', async (t) => {
    const { port, ca, clients, upstream } = await mutual(t, { forward: true });
    const client = await tlsClient(t, port, { ca, ...clients.issue({ commonName: 'warehouse' }) });
    const raw = client.getX509Certificate()?.raw;
    assert.equal(await status(client, 'Client-Cert: :AAAA:'), '200');
    const found = upstream.requests[0]?.fields.filter(([name]) => name.toLowerCase() === 'client-cert');
    assert.deepEqual(found, [['Client-Cert', `:${raw?.toString('base64')}:`]]);
  });

  it('of a proxy that speaks for its clients are not those of its clients', async (t) => {
    const { port, ca, clients } = await mutual(t, { forwardedClientCert: true });
    const client = await tlsClient(t, port, { ca, ...clients.issue({ commonName: 'warehouse' }) });
    assert.equal(await status(client), '401');
  });
});
