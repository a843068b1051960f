import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { within } from '@turnpike/testkit';
import { onSite, saying, until, type Site } from '../threads/fixture.ts';

const run = promisify(execFile);

/** An authority of openssl, which can revoke. */
async function authority(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'turnpike-crl-'));
  t.after(() => rm(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  await writeFile(at('index.txt'), '');
  await writeFile(at('serial'), '1000\n');
  await writeFile(
    at('ca.cnf'),
    [
      '[ca]\ndefault_ca=d',
      `[d]\ndatabase=${at('index.txt')}\nserial=${at('serial')}\nnew_certs_dir=${folder}\ncertificate=${at('ca.pem')}`,
      `private_key=${at('ca.key')}\ndefault_md=sha256\ndefault_days=10\ndefault_crl_days=10\npolicy=p\nunique_subject=no`,
      '[p]\ncommonName=supplied',
    ].join('\n'),
  );
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-subj',
    '/CN=Clients',
  );
  return {
    path: at,
    async issue(name: string) {
      const [pem, own, csr] = [`${name}.pem`, `${name}.key`, `${name}.csr`].map(at) as [
        string,
        string,
        string,
      ];
      await openssl('req', ...key, '-keyout', own, '-out', csr, '-subj', `/CN=${name}`);
      await openssl('ca', '-batch', '-config', at('ca.cnf'), '-in', csr, '-out', pem, '-notext');
      return { cert: await readFile(pem, 'utf8'), key: await readFile(own, 'utf8') };
    },
    async revoke(name: string) {
      await openssl('ca', '-config', at('ca.cnf'), '-revoke', at(`${name}.pem`));
    },
    /** Writes the list. */
    async list(path: string, form: 'PEM' | 'DER') {
      await openssl('ca', '-config', at('ca.cnf'), '-gencrl', '-out', at('list.pem'));
      await openssl('crl', '-in', at('list.pem'), '-outform', form, '-out', at('list.out'));
      await writeFile(path, await readFile(at('list.out')));
    },
  };
}

/** A gateway whose listener looks at a list. */
async function withList(t: TestContext, form: 'PEM' | 'DER', use: (world: World) => Promise<void>) {
  const clients = await authority(t);
  const clientCertificates = { authorities: clients.path('ca.pem'), revocations: 'list.crl' };
  const certificates = [{ certificate: clients.path('server.pem'), key: clients.path('server.key') }];
  await clients.issue('server');
  const text = saying('in', {
    listeners: { web: { address: '127.0.0.1:0', tls: { certificates, clientCertificates } } },
  });
  await onSite(text, async (site) => {
    const list = join(site.directory, 'list.crl');
    await clients.list(list, form);
    await use({ site, clients, update: () => clients.list(list, form) });
  });
}

interface World {
  readonly site: Site;
  readonly clients: Awaited<ReturnType<typeof authority>>;
  readonly update: () => Promise<void>;
}

type Identity = { readonly cert: string; readonly key: string; readonly session?: Buffer };

/** What comes of a request with this certificate: its body or an error; and the last session. */
async function attempt(port: number, identity: Identity) {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...identity });
  let session: Buffer | null = null;
  let text = '';
  let isResumed = false;
  socket
    .on('session', (ticket) => (session = ticket))
    .on('error', (error) => (text += `error ${error.message}`));
  socket.on('secureConnect', () => (isResumed = socket.isSessionReused()));
  socket.on('data', (bytes) => (text += String(bytes)));
  socket.write('GET /ping HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n');
  await within(
    once(socket, 'close').catch(() => {}),
    'the end of a connection',
  );
  return { isIn: text.endsWith('in'), text, session, isResumed };
}

describe('revoked client certificates', () => {
  for (const form of ['PEM', 'DER'] as const) {
    it(`are refused as soon as the list (${form}) says so, with the session that they had as well`, async (t) => {
      await withList(t, form, async ({ site, clients, update }) => {
        const [good, bad] = [await clients.issue('good'), await clients.issue('bad')];
        const gateway = await site.start({ watch: true });
        const port = gateway.ports.get('web') ?? 0;
        for (const who of [good, bad]) assert.equal((await attempt(port, who)).isIn, true);
        const { session } = await attempt(port, bad);
        assert.ok(session);
        const again = await attempt(port, { ...bad, session });
        assert.deepEqual([again.isIn, again.isResumed], [true, true]);
        await clients.revoke('bad');
        await update();
        await within(
          until(async () => !(await attempt(port, bad)).isIn),
          'the new list',
        );
        const { isIn } = await attempt(port, { ...bad, session });
        assert.equal(isIn, false);
        assert.equal((await attempt(port, good)).isIn, true);
      });
    });
  }

  it('cannot be told by a file that is no list', async (t) => {
    await withList(t, 'PEM', async ({ site }) => {
      await writeFile(join(site.directory, 'list.crl'), 'hello');
      await assert.rejects(site.start(), /list\.crl holds no revocation list/);
    });
  });
});
