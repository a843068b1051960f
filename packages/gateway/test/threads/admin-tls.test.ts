import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { testAuthority } from '@turnpike/testkit';
import { onSite, saying } from './fixture.ts';

const servers = testAuthority('Servers');
const clients = testAuthority('Clients');
const strangers = testAuthority('Strangers');

async function status(port: number | null, path: string, options: RequestOptions = {}): Promise<number> {
  const call = request({
    host: '127.0.0.1',
    servername: 'admin.test',
    port: port ?? 0,
    path,
    ca: servers.cert,
    agent: false,
    ...options,
  });
  call.end();
  const [response] = await once(call, 'response');
  response.resume();
  return response.statusCode;
}

/** An admin API with TLS that knows who has the certificate of CN=ops. */
async function guarded(
  run: (open: { port: number | null; renew: () => Promise<void> }) => Promise<void>,
): Promise<void> {
  await onSite(saying('pong'), async ({ directory, start, write }) => {
    const path = (name: string) => join(directory, name);
    const issue = async (commonName: string) => {
      const { cert, key } = servers.issue({ commonName, names: ['admin.test'] });
      await writeFile(path('admin.pem'), cert);
      await writeFile(path('admin.key'), key);
    };
    await issue('first');
    await writeFile(path('clients.pem'), clients.cert);
    const admin = {
      address: '127.0.0.1:0',
      tls: {
        certificate: path('admin.pem'),
        key: path('admin.key'),
        clientCertificates: { authorities: path('clients.pem') },
      },
      certificates: [{ subject: 'CN=ops', role: 'admin' }],
      tokens: [{ token: 'look-at-it', role: 'viewer' }],
    };
    await write(saying('pong', { admin }));
    const gateway = await start();
    const renew = async (): Promise<void> => {
      await issue('second');
      await gateway.reload('renewed');
    };
    await run({ port: gateway.adminPort, renew });
  });
}

describe('the admin API over TLS', () => {
  it('knows callers by their certificates', async () => {
    await guarded(async ({ port }) => {
      const ops = clients.issue({ commonName: 'ops' });
      assert.equal(await status(port, '/healthz'), 200);
      assert.equal(await status(port, '/endpoints'), 401);
      assert.equal(await status(port, '/endpoints', ops), 200);
      assert.equal(await status(port, '/reload', { method: 'POST', ...ops }), 200);
      assert.equal(await status(port, '/endpoints', clients.issue({ commonName: 'other' })), 401);
      assert.equal(await status(port, '/endpoints', strangers.issue({ commonName: 'ops' })), 401);
      const headers = { authorization: 'Bearer look-at-it' };
      assert.equal(await status(port, '/endpoints', { headers }), 200);
    });
  });

  it('shows a certificate that was renewed', async () => {
    await guarded(async ({ port, renew }) => {
      const subject = async (): Promise<string> => {
        const call = request({
          host: '127.0.0.1',
          servername: 'admin.test',
          port: port ?? 0,
          path: '/healthz',
          ca: servers.cert,
          agent: false,
        });
        call.end();
        const [response] = await once(call, 'response');
        response.resume();
        return response.socket.getPeerCertificate().subject.CN;
      };
      assert.equal(await subject(), 'first');
      await renew();
      while ((await subject()) !== 'second');
    });
  });
});
