import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { TlsOptions } from 'node:tls';
import {
  eventually,
  rawClient,
  scriptedUpstream,
  startPlane,
  answer,
  testAuthority,
  within,
} from '@turnpike/testkit';
import { PLAIN_UPSTREAM_TLS } from '../../src/core/upstream-tls.ts';
import { check } from '../../src/upstream/health/checks.ts';
import { codeOf, get, request } from '../wire/fixture.ts';
import { certificateStore, type CertificateStore } from './fixture.ts';

/** A service with TLS that answers with the body it got, and says whether the session was resumed. */
async function service(t: TestContext, options: TlsOptions): Promise<{ server: Server; port: number }> {
  const server = createServer(options, (incoming, response) => {
    const { socket } = incoming;
    const reused =
      'isSessionReused' in socket && (socket as { isSessionReused(): boolean }).isSessionReused();
    response.setHeader('x-resumed', String(reused));
    incoming.pipe(response);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await within(once(server, 'close'), 'the end of the service');
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function plane(t: TestContext, endpoints: readonly string[], tls: object | null, more: object = {}) {
  const main = { endpoints, ...(tls !== null && { tls }), ...more };
  const started = await startPlane({
    listeners: { web: { address: '127.0.0.1:0' } },
    services: { main },
    routes: { main: { match: { path: '/*' }, service: 'main' } },
  });
  const client = await rawClient(started.port);
  t.after(async () => {
    client.destroy();
    await started.close();
  });
  return { started, client };
}

async function trust(store: CertificateStore): Promise<{ authorities: string }> {
  return { authorities: await store.write('ca.pem', store.authority.cert) };
}

describe('endpoints with TLS', () => {
  it('are asked on kept connections, with whole and streamed bodies', async (t) => {
    const store = await certificateStore(t);
    const { port, server } = await service(t, store.authority.issue({ names: ['127.0.0.1'] }));
    let connections = 0;
    server.on('secureConnection', () => connections++);
    const { client } = await plane(t, [`https://127.0.0.1:${port}`], await trust(store));
    for (const size of [0, 10, 3_000_000]) {
      const body = 'x'.repeat(size);
      const answered = await client.ask(request('POST /', [], body));
      assert.equal(answered.status, 200);
      assert.equal(answered.body.length, size);
    }
    assert.equal(connections, 1);
  });

  it('resume their sessions', async (t) => {
    const store = await certificateStore(t);
    const { port } = await service(t, store.authority.issue({ names: ['127.0.0.1'] }));
    const { client } = await plane(t, [`https://127.0.0.1:${port}`], await trust(store), {
      connections: { idleTimeout: '1ms' },
    });
    let resumed = 'false';
    for (let tries = 0; tries < 100 && resumed === 'false'; tries++) {
      const { head } = await client.ask(get());
      resumed = /x-resumed: (\w+)/.exec(head)?.[1] ?? '';
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(resumed, 'true');
  });

  const day = 86_400_000;
  for (const [what, wish, tls, code] of [
    ['another name', { names: ['b.test'] }, {}, 'UPSTREAM_CERTIFICATE'],
    [
      'another name than configured',
      { names: ['127.0.0.1'] },
      { serverName: 'a.test' },
      'UPSTREAM_CERTIFICATE',
    ],
    [
      'a certificate that has expired',
      { names: ['127.0.0.1'], notBefore: new Date(0), notAfter: new Date(day) },
      {},
      'UPSTREAM_CERTIFICATE',
    ],
  ] as const) {
    it(`are refused with ${what}`, async (t) => {
      const store = await certificateStore(t);
      const { port, server } = await service(t, store.authority.issue(wish));
      let requests = 0;
      server.on('request', () => requests++);
      const { client } = await plane(t, [`https://127.0.0.1:${port}`], { ...(await trust(store)), ...tls });
      const answered = await client.ask(request('POST /', [], 'secret'));
      assert.equal(answered.status, 502);
      assert.equal(codeOf(answered), code);
      assert.match(answered.head, /^Proxy-Status: .*error=tls_certificate_error/m);
      assert.equal(requests, 0);
    });
  }

  it('are refused when nobody vouches for them', async (t) => {
    const store = await certificateStore(t);
    const { port } = await service(t, testAuthority('Others').issue({ names: ['127.0.0.1'] }));
    for (const tls of [await trust(store), null]) {
      const { client } = await plane(t, [`https://127.0.0.1:${port}`], tls);
      assert.equal(codeOf(await client.ask(get())), 'UPSTREAM_CERTIFICATE');
    }
  });

  it('are asked by the configured name', async (t) => {
    const store = await certificateStore(t);
    const names: unknown[] = [];
    const { port } = await service(t, {
      ...store.authority.issue({ names: ['internal.test'] }),
      SNICallback: (name, use) => {
        names.push(name);
        use(null);
      },
    });
    const tls = { ...(await trust(store)), serverName: 'internal.test' };
    const { client } = await plane(t, [`https://127.0.0.1:${port}`], tls);
    assert.equal((await client.ask(get())).status, 200);
    assert.deepEqual(names, ['internal.test']);
  });

  it('see our certificate, and their refusal of it is told', async (t) => {
    const store = await certificateStore(t);
    const clients = testAuthority('Clients');
    const own = clients.issue({ commonName: 'gateway' });
    const files = {
      certificate: await store.write('gw.pem', own.cert),
      key: await store.write('gw.key', own.key),
    };
    const { port } = await service(t, {
      ...store.authority.issue({ names: ['127.0.0.1'] }),
      ca: clients.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const url = `https://127.0.0.1:${port}`;
    const known = await plane(t, [url], { ...(await trust(store)), ...files });
    assert.equal((await known.client.ask(get())).status, 200);
    const unknown = await plane(t, [url], await trust(store));
    assert.equal(codeOf(await unknown.client.ask(request('POST /', [], 'a'))), 'UPSTREAM_TLS_FAILED');
  });

  it('that speak no TLS are told apart from those that are not there', async (t) => {
    const store = await certificateStore(t);
    const plain = await scriptedUpstream(answer('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    const { client } = await plane(t, [plain.url.replace('http:', 'https:')], await trust(store));
    const pending = client.ask(get());
    await eventually(() => plain.connections > 0, 'a connection');
    await plain.close();
    assert.match(String(codeOf(await pending)), /UPSTREAM_TLS_FAILED|CONNECT_FAILED/);
    assert.equal(codeOf(await client.ask(get())), 'CONNECT_FAILED');
  });

  it('are left for others that are good, whatever the method', async (t) => {
    const store = await certificateStore(t);
    const bad = await service(t, store.authority.issue({ names: ['b.test'] }));
    const good = await service(t, store.authority.issue({ names: ['127.0.0.1'] }));
    const urls = [bad, good].map(({ port }) => `https://127.0.0.1:${port}`);
    const { client } = await plane(t, urls, await trust(store), { balancer: 'round-robin' });
    for (let count = 0; count < 6; count++)
      assert.equal((await client.ask(request('POST /', [], 'a'))).status, 200);
  });

  it('are all that a discovery finds, where the service has tls', async (t) => {
    const store = await certificateStore(t);
    const { port } = await service(t, store.authority.issue({ names: ['127.0.0.1'] }));
    const file = await store.write('endpoints.json', JSON.stringify([`http://127.0.0.1:${port}`]));
    const more = { endpoints: [], discovery: { file } };
    const { client } = await plane(t, [], await trust(store), more);
    assert.equal((await client.ask(get())).status, 200);
  });

  it('are checked over TLS', async (t) => {
    const store = await certificateStore(t);
    const { port } = await service(t, store.authority.issue({ names: ['127.0.0.1'] }));
    const tls = { ...PLAIN_UPSTREAM_TLS, authorities: store.authority.cert };
    const probe = {
      kind: 'http',
      method: 'GET',
      path: '/',
      host: null,
      statuses: [{ from: 200, to: 299 }],
    } as const;
    const config = {
      probe,
      port: null,
      intervalMs: 1000,
      timeoutMs: 5000,
      healthyAfter: 1,
      unhealthyAfter: 1,
    };
    const place = { host: '127.0.0.1', port, authority: `127.0.0.1:${port}` };
    const { signal } = new AbortController();
    assert.equal(await check({ ...place, tls }, config, signal), null);
    assert.notEqual(await check({ ...place, tls: PLAIN_UPSTREAM_TLS }, config, signal), null);
    assert.notEqual(await check({ ...place, tls: { ...tls, serverName: 'b.test' } }, config, signal), null);
  });
});
