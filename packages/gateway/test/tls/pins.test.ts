import assert from 'node:assert/strict';
import { hash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { rawClient, startPlane } from '@turnpike/testkit';
import { codeOf, get } from '../wire/fixture.ts';
import { certificateStore } from './fixture.ts';

function pinOf(pem: string): string {
  const { publicKey } = new X509Certificate(pem);
  return `sha256/${hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'base64')}`;
}

/** What a service answers that is known by these public keys. */
async function asked(
  t: TestContext,
  pins: (its: { own: string; authority: string; other: string }) => string[],
) {
  const store = await certificateStore(t);
  const pair = store.authority.issue({ names: ['127.0.0.1'] });
  const authorities = await store.write('ca.pem', store.authority.cert);
  const other = store.authority.issue({ names: ['127.0.0.1'] });
  let requests = 0;
  const server = createServer({ ...pair }, (_, response) => {
    requests++;
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const its = { own: pinOf(pair.cert), authority: pinOf(store.authority.cert), other: pinOf(other.cert) };
  const plane = await startPlane({
    listeners: { web: { address: '127.0.0.1:0' } },
    services: { main: { endpoints: [`https://127.0.0.1:${port}`], tls: { authorities, pins: pins(its) } } },
    routes: { main: { match: { path: '/*' }, service: 'main' } },
  });
  const client = await rawClient(plane.port);
  t.after(async () => {
    client.destroy();
    await plane.close();
    server.closeAllConnections();
    server.close();
  });
  const answer = await client.ask(get('/'));
  return { status: answer.status, code: answer.status === 200 ? '' : codeOf(answer), requests };
}

describe('a service that is known by its public key', () => {
  it('is believed with that key, or with one that leads to it', async (t) => {
    for (const which of ['own', 'authority'] as const) {
      const { status, requests } = await asked(t, (its) => [its.other, its[which]]);
      assert.deepEqual([status, requests], [200, 1]);
    }
  });

  it('is asked nothing with another key, though its authority vouches for it', async (t) => {
    const { status, code, requests } = await asked(t, ({ other }) => [other]);
    assert.deepEqual([status, code, requests], [502, 'UPSTREAM_CERTIFICATE', 0]);
  });
});
