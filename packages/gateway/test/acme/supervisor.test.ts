import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { connect } from 'node:tls';
import { testAuthority, within } from '@turnpike/testkit';
import { acmeServer, withoutAcmeServer } from '../../../testkit/src/acme-server.ts';
import { certificateId } from '../../src/acme/certificate-plan.ts';
import { adminJson, ask, onSite, ping, saying, until } from '../threads/fixture.ts';

const DAY_MS = 86_400_000;

/** A gateway with two doors; the second shows the given certificates. */
function doors(certificates: readonly object[]): string {
  return saying('in', {
    listeners: {
      web: { address: '127.0.0.1:0' },
      secure: { address: '127.0.0.1:0', tls: { certificates } },
    },
  });
}

async function subjectNames(port: number, servername: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate()?.subjectAltName ?? '';
  } catch {
    return '';
  } finally {
    socket.destroy();
  }
}

describe('a gateway that cannot renew a certificate', () => {
  it('serves with the old one on all threads, and says so in metrics, status and log', async () => {
    const config = { directory: 'https://127.0.0.1:1/dir', domains: ['a.test'] };
    await onSite(doors([{ acme: config }]), async (site) => {
      const folder = join(site.directory, '.turnpike', 'acme');
      await mkdir(folder, { recursive: true });
      const [notBefore, notAfter] = [-80, 10].map((days) => new Date(Date.now() + days * DAY_MS)) as [
        Date,
        Date,
      ];
      const { cert, key } = testAuthority().issue({ names: ['a.test'], notBefore, notAfter });
      const text = JSON.stringify({ certificate: cert, key });
      await writeFile(join(folder, `certificate-${certificateId(config)}`), text);
      const gateway = await site.start({ watch: false });
      const { level, fields } = (await within(
        site.log.heard('a certificate cannot be fetched'),
        'a warning',
      )) as {
        level: string;
        fields?: Record<string, unknown>;
      };
      assert.equal(level, 'warn');
      assert.match(String(fields?.['problem']), /ECONNREFUSED/);
      for (let count = 0; count < 12; count++)
        assert.equal(await subjectNames(gateway.ports.get('secure') ?? 0, 'a.test'), 'DNS:a.test');
      const { body } = await ask(gateway.adminPort, '/metrics');
      assert.match(body, /^turnpike_acme_orders_total\{certificate="a\.test",result="failure"\} 1$/m);
      const end = `owner="listeners.secure",name="a.test"} ${Math.floor(notAfter.getTime() / 1000)}`;
      assert.ok(body.includes(end), end);
      const { acme } = await adminJson(gateway, '/readyz?verbose');
      const [status] = acme as unknown as [{ state: string; failures: number; nextOrderAtMs: number }];
      assert.deepEqual([status.state, status.failures], ['valid', 1]);
      assert.ok(status.nextOrderAtMs > Date.now() - DAY_MS);
    });
  });
});

describe('a gateway that fetches a certificate', { skip: withoutAcmeServer() }, () => {
  it('serves it on all threads, tells when it ends, and has it again after a restart', async () => {
    const hmacKey = 'hidden-0123456789abc';
    // The address of nobody: the ports of the gateway are known when it runs, and the authority has to know them.
    const nobody = { acme: { domains: ['a.test'], directory: 'https://127.0.0.1:1/dir' } };
    await onSite(doors([nobody]), async (site) => {
      const gateway = await site.start({ watch: false });
      assert.equal(await ping(gateway), 'in');
      const [httpPort = 0, tlsPort = 0] = ['web', 'secure'].map((name) => gateway.ports.get(name) ?? 0);
      await using authority = await acmeServer({ httpPort, tlsPort, knownAccounts: { visible: hmacKey } });
      await writeFile(join(site.directory, 'pebble.pem'), authority.authorities);
      const { directory } = authority;
      await site.write(
        doors([
          {
            acme: {
              domains: ['a.test'],
              directory,
              authorities: 'pebble.pem',
              eab: { keyId: 'visible', hmacKey },
            },
          },
        ]),
      );
      assert.equal((await gateway.reload('test')).kind, 'applied');
      const isShown = async (): Promise<boolean> => (await subjectNames(tlsPort, 'a.test')) === 'DNS:a.test';
      await within(until(isShown), 'a certificate');
      for (let count = 0; count < 12; count++) assert.ok(await isShown());

      const { body } = await ask(gateway.adminPort, '/metrics');
      const [, end] =
        /expiry_timestamp_seconds\{owner="listeners\.secure",name="a\.test"\} (\d+)/.exec(body) ?? [];
      assert.ok(Number(end) > Date.now() / 1000);
      assert.match(body, /^turnpike_acme_orders_total\{certificate="a\.test",result="success"\} 1$/m);
      const { acme } = await adminJson(gateway, '/readyz?verbose');
      const [status] = acme as unknown as [{ state: string; problem: string }];
      assert.deepEqual([status.state, status.problem], ['valid', '']);

      const folder = join(site.directory, '.turnpike', 'acme');
      const name = (await readdir(folder)).find((one) => one.startsWith('certificate-')) ?? '';
      const { key } = JSON.parse(await readFile(join(folder, name), 'utf8'));
      const secret = String(key).split('\n')[1] ?? '';
      assert.ok(secret.length > 40);
      const { body: config } = await ask(gateway.adminPort, '/config');
      assert.ok(config.includes('visible'));
      assert.ok(
        !config.includes('hidden') && !config.includes(secret) && !JSON.stringify(acme).includes(secret),
      );

      await gateway.stop('SIGTERM');
      const again = await site.start({ watch: false });
      assert.equal(await subjectNames(again.ports.get('secure') ?? 0, 'a.test'), 'DNS:a.test');
      assert.equal(authority.said(/Added order/).length, 1);
    });
  });
});
