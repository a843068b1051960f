import assert from 'node:assert/strict';
import { readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ConfigRejected } from '../../src/main.ts';
import { adminJson, ask, onSite, ping, saying, type Site } from './fixture.ts';

/** Leaves snapshots of two configurations behind. */
async function earlier({ start, write }: Site, sections: object = {}): Promise<void> {
  await write(saying('one', sections));
  const gateway = await start({ watch: false });
  await write(saying('two', sections));
  assert.equal((await gateway.reload('test')).kind, 'applied');
  assert.equal(await gateway.stop('SIGTERM'), 0);
}

describe('a gateway whose configuration cannot be used', () => {
  it('starts with the last known good if it is allowed to, and says so', async () => {
    await onSite(saying('one'), async (site) => {
      await earlier(site);
      await site.write('{');
      await assert.rejects(site.start(), ConfigRejected);
      const gateway = await site.start({ lastGood: true });
      assert.equal(await ping(gateway), 'two');
      assert.ok(
        site.log.entries.some(({ level, message }) => level === 'error' && /last known good/.test(message)),
      );
      const status = await adminJson(gateway, '/readyz?verbose');
      assert.equal(status['configuration']?.['state'], 'last-known-good');
      assert.equal(status['lastKnownGood']?.['revision'], 2);
      assert.equal((await ask(gateway.adminPort, '/config')).status, 409);
    });
  });

  it('starts when it is missing altogether, and takes it when it comes', async () => {
    await onSite(saying('one'), async (site) => {
      await earlier(site);
      await unlink(site.file);
      const gateway = await site.start({ lastGood: true });
      assert.equal(await ping(gateway), 'two');
      await site.write(saying('three'));
      await site.log.heard('configuration applied', 2);
      assert.equal(await ping(gateway), 'three');
      const status = await adminJson(gateway, '/readyz?verbose');
      assert.equal(status['configuration']?.['state'], 'current');
      assert.equal(status['revision'], 3);
    });
  });

  it('falls back to an older snapshot when the newest is damaged', async () => {
    await onSite(saying('one'), async (site) => {
      await earlier(site);
      await truncate(join(site.directory, '.turnpike', 'last-good.json'), 200);
      await site.write('{');
      assert.equal(await ping(await site.start({ lastGood: true })), 'one');
    });
  });

  it('finds the snapshots where it is told to', async () => {
    await onSite(saying('one'), async (site) => {
      const stateDirectory = join(site.directory, 'elsewhere');
      await (await site.start({ stateDirectory })).stop('SIGTERM');
      await site.write('{');
      await assert.rejects(site.start({ lastGood: true }), ConfigRejected);
      assert.equal(await ping(await site.start({ lastGood: true, stateDirectory })), 'one');
    });
  });

  it('knows its tokens, though they are not on disk', async () => {
    await onSite(saying('one'), async (site) => {
      const tokens = [{ token: 'open-sesame', role: 'admin' }];
      await earlier(site, { admin: { address: '127.0.0.1:0', tokens } });
      const saved = await readFile(join(site.directory, '.turnpike', 'last-good.json'), 'utf8');
      assert.doesNotMatch(saved, /open-sesame/);
      await site.write('{');
      const gateway = await site.start({ lastGood: true });
      const headers = { authorization: 'Bearer open-sesame' };
      assert.equal((await ask(gateway.adminPort, '/readyz?verbose')).status, 401);
      assert.equal((await ask(gateway.adminPort, '/readyz?verbose', { headers })).status, 200);
    });
  });
});

describe('a gateway that cannot write its state', () => {
  it('serves, with a warning', async () => {
    await onSite(saying('pong'), async (site) => {
      await writeFile(join(site.directory, '.turnpike'), 'a file, not a directory');
      const gateway = await site.start();
      assert.equal(await ping(gateway), 'pong');
      const { level } = await site.log.heard('the configuration could not be saved as the last known good');
      assert.equal(level, 'warn');
    });
  });
});
