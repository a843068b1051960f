import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { answer, testAuthority } from '@turnpike/testkit';
import { gateway } from '../wire/fixture.ts';
import { certificateStore, talk, tlsClient } from './fixture.ts';

/** A gateway for a.test and b.test that asks clients for certificates, and a client that came for a.test. */
async function connected(t: TestContext, shows: 'a certificate' | 'nothing') {
  const store = await certificateStore(t);
  const clients = testAuthority('Clients');
  const certificates = [
    await store.issue('a', { names: ['a.test', '*.a.test'] }),
    await store.issue('b', { names: ['b.test'] }),
  ];
  const authorities = await store.write('clients.pem', clients.cert);
  const { plane, upstream } = await gateway(t, {
    upstream: answer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    listener: { tls: { certificates, clientCertificates: { authorities, required: false } } },
  });
  const own = shows === 'nothing' ? {} : clients.issue({ commonName: 'client' });
  const client = await tlsClient(t, plane.port, { ca: store.authority.cert, ...own });
  const ask = async (host: string): Promise<string | undefined> =>
    /^HTTP\/1\.1 (\d+)/.exec(
      await talk(client, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, /\r\n\r\n[^]+$/),
    )?.[1];
  return { ask, upstream };
}

describe('a client that proved itself under one name', () => {
  it('is sent away when it asks for one with another certificate, and served when it asks for its own', async (t) => {
    const { ask, upstream } = await connected(t, 'a certificate');
    for (const [host, status] of [
      ['a.test', '200'],
      ['b.test', '421'],
      ['B.TEST:8443', '421'],
      ['x.a.test', '200'],
      ['nobody.test', '200'],
      ['a.test', '200'],
    ] as const)
      assert.equal(await ask(host), status, host);
    assert.equal(upstream.requests.length, 4);
  });

  it('may ask for all of them if it proved nothing', async (t) => {
    const { ask } = await connected(t, 'nothing');
    assert.deepEqual([await ask('a.test'), await ask('b.test')], ['200', '200']);
  });
});
