import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { testAuthority, within } from '@turnpike/testkit';
import type { Supervisor } from '../../src/main.ts';
import { adminJson, ask, onSite, saying, until, type Site } from '../threads/fixture.ts';

const authority = testAuthority();

/** The configuration, with certificates beside it. */
function secure(body: string): string {
  const certificates = [{ certificate: 'a.pem', key: 'a.key' }];
  return saying(body, { listeners: { web: { address: '127.0.0.1:0', tls: { certificates } } } });
}

async function writePair(site: Site, commonName: string): Promise<void> {
  const { cert, key } = authority.issue({ commonName, names: ['a.test'] });
  await writeFile(join(site.directory, 'a.key'), key);
  await writeFile(join(site.directory, 'a.pem'), cert);
}

const options = { host: '127.0.0.1', servername: 'a.test', ca: authority.cert } as const;

/** Who a new connection meets. */
async function shown(gateway: Supervisor): Promise<string> {
  const socket = connect({ ...options, port: gateway.ports.get('web') ?? 0 });
  await within(once(socket, 'secureConnect'), 'a handshake');
  const subject = socket.getPeerX509Certificate()?.subject ?? '';
  socket.destroy();
  return subject;
}

async function get(gateway: Supervisor, agent: Agent): Promise<{ body: string; socket: TLSSocket }> {
  const asked = request({ ...options, port: gateway.ports.get('web'), path: '/ping', agent });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let body = '';
  const socket = response.socket as TLSSocket;
  for await (const chunk of response) body += String(chunk);
  return { body, socket };
}

describe('certificates', () => {
  it('are renewed under load, while connections that are open live on', async () => {
    await onSite(secure('one'), async (site) => {
      await writePair(site, 'first');
      const gateway = await site.start({ watch: true });
      assert.equal(await shown(gateway), 'CN=first');
      const kept = new Agent({ keepAlive: true, maxSockets: 1 });
      const { socket } = await get(gateway, kept);
      const over = new AbortController();
      let count = 0;
      const load = Array.from({ length: 4 }, async () => {
        const agent = new Agent({ maxCachedSessions: 0 });
        while (!over.signal.aborted) {
          assert.equal((await get(gateway, agent)).body, 'one');
          count++;
        }
      });
      await writePair(site, 'second');
      const renewed = until(async () => (await shown(gateway)) === 'CN=second').finally(() => over.abort());
      await within(Promise.all([renewed, ...load]), 'the new certificate');
      assert.ok(count > 0);
      const again = await get(gateway, kept);
      assert.equal(again.socket, socket);
      assert.equal(again.body, 'one');
      kept.destroy();
    });
  });

  it('that do not fit leave the old ones in use, and are named', async () => {
    await onSite(secure('one'), async (site) => {
      await writePair(site, 'first');
      const gateway = await site.start({ watch: false });
      await writeFile(join(site.directory, 'a.pem'), testAuthority().issue({ names: ['a.test'] }).cert);
      const result = await gateway.reload('test');
      assert.equal(result.kind, 'rejected');
      const [issue] = result.kind === 'rejected' ? result.issues : [];
      assert.equal(issue?.code, 'BAD_VALUE');
      assert.match(issue?.message ?? '', /a\.key is not the key of the certificate in .*a\.pem/);
      assert.equal(await shown(gateway), 'CN=first');
      await writePair(site, 'second');
      assert.equal((await gateway.reload('test')).kind, 'applied');
      assert.equal(await shown(gateway), 'CN=second');
    });
  });

  it('resume sessions on every thread, and their keys are shown nowhere', async () => {
    await onSite(secure('one'), async (site) => {
      await writePair(site, 'first');
      const gateway = await site.start({ watch: false });
      const first = connect({ ...options, port: gateway.ports.get('web') ?? 0 });
      const [session] = (await within(once(first, 'session'), 'a ticket')) as [Buffer];
      first.destroy();
      for (let count = 0; count < 12; count++) {
        const next = connect({ ...options, port: gateway.ports.get('web') ?? 0, session });
        await within(once(next, 'secureConnect'), 'a handshake');
        assert.equal(next.isSessionReused(), true);
        next.destroy();
      }
      const key = await readFile(join(site.directory, 'a.key'), 'utf8');
      const secret = key.split('\n')[1] ?? '';
      assert.ok(secret.length > 40);
      assert.ok(!JSON.stringify(await adminJson(gateway, '/config')).includes(secret));
      assert.ok(!(await ask(gateway.adminPort, '/metrics')).body.includes(secret));
      const state = join(site.directory, '.turnpike');
      await within(
        until(async () => (await readdir(state)).includes('last-good.json')),
        'the last known good',
      );
      const names = await readdir(state);
      for (const name of names.filter((one) => one.endsWith('.json')))
        assert.ok(!(await readFile(join(state, name), 'utf8')).includes(secret));
    });
  });
});

describe('certificates beside the listeners', () => {
  const sections = (names: Readonly<Record<string, object>>) =>
    saying('one', {
      listeners: { web: { address: '127.0.0.1:0', tls: {} } },
      certificates: names,
      stores: { database: { url: 'sqlite:./none.db' } },
    });
  const pairOf = (commonName: string, host: string) => {
    const { cert: certificate, key } = authority.issue({ commonName, names: [host] });
    return { certificate, key };
  };
  const checkServerIdentity = () => undefined; // the default one is for another name
  const shownFor = async (gateway: Supervisor, servername: string): Promise<string> => {
    const socket = connect({
      ...options,
      servername,
      checkServerIdentity,
      port: gateway.ports.get('web') ?? 0,
    });
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.on('error', () => resolve('none'));
    socket.on('secureConnect', () => resolve(socket.getPeerX509Certificate()?.subject ?? ''));
    const subject = await within(promise, 'the end of a handshake');
    socket.destroy();
    return subject;
  };

  it('are chosen by name, come and go on all threads, and take no connection with them', async () => {
    const [a, b] = [pairOf('first', 'a.test'), pairOf('second', 'b.test')];
    await onSite(sections({}), async (site) => {
      const gateway = await site.start({ watch: false });
      assert.equal(await shownFor(gateway, 'a.test'), 'none');
      await site.write(sections({ a, b }));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      assert.equal(await shownFor(gateway, 'a.test'), 'CN=first');
      assert.equal(await shownFor(gateway, 'b.test'), 'CN=second');
      assert.equal(await shownFor(gateway, 'c.test'), 'CN=first');
      const kept = new Agent({ keepAlive: true, maxSockets: 1 });
      const { socket } = await get(gateway, kept);
      await site.write(sections({ a: pairOf('third', 'a.test'), b }));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      for (let i = 0; i < 8; i++) assert.equal(await shownFor(gateway, 'a.test'), 'CN=third');
      assert.equal((await get(gateway, kept)).socket, socket);
      await site.write(sections({ b }));
      await gateway.reload('test');
      assert.equal(await shownFor(gateway, 'b.test'), 'CN=second');
      await site.write(sections({}));
      await gateway.reload('test');
      for (let i = 0; i < 8; i++) assert.equal(await shownFor(gateway, 'b.test'), 'none');
      assert.equal((await get(gateway, kept)).socket, socket);
      kept.destroy();
    });
  });

  it('are listed, and no answer has a key', async () => {
    const a = pairOf('first', 'a.test');
    await onSite(sections({ a }), async (site) => {
      const gateway = await site.start({ watch: false });
      const [found] = (await adminJson(gateway, '/certificates')) as unknown as Record<string, unknown>[];
      const { listener, source, name, isDefault, names, state, issuer } = found ?? {};
      assert.deepEqual(
        { listener, source, name, isDefault, names, state, issuer },
        {
          listener: 'web',
          source: 'configuration',
          name: 'a',
          isDefault: true,
          names: ['a.test'],
          state: 'valid',
          issuer: 'CN=Test authority',
        },
      );
      const { body } = await ask(gateway.adminPort, '/config');
      assert.ok(body.includes('BEGIN CERTIFICATE') && !body.includes('PRIVATE'));
      const { body: metrics } = await ask(gateway.adminPort, '/metrics');
      assert.match(
        metrics,
        /turnpike_certificate_expiry_timestamp_seconds\{owner="listeners.web",name="a.test"\} \d+/,
      );
    });
  });
});
