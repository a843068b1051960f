import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { folderStorage } from '../../src/acme/folder-storage.ts';

const LEASE_MS = 1000;

async function folder(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-storage-'));
  t.after(() => rm(directory, { recursive: true }));
  const clock = manualClock();
  return { directory, clock, storage: () => folderStorage(directory, clock, 'shared') };
}

describe('a folder that gateways share', () => {
  it('gives a lock to one of many that want it at once, each time that it is free', async (t) => {
    const { storage, clock } = await folder(t);
    for (let round = 0; round < 20; round++) {
      const leases = await Promise.all(Array.from({ length: 12 }, () => storage().lock('lock-a', LEASE_MS)));
      assert.equal(leases.filter((lease) => lease !== null).length, 1, `round ${round}`);
      assert.equal(await storage().lock('lock-a', LEASE_MS), null);
      if (round % 2 === 0) clock.advance(LEASE_MS + 1);
      else for (const lease of leases) await lease?.release();
    }
  });

  it('knows who has lost a lock', async (t) => {
    const { storage, clock } = await folder(t);
    const first = await storage().lock('lock-a', LEASE_MS);
    clock.advance(LEASE_MS / 2);
    assert.equal(await first?.renew(), true);
    clock.advance(LEASE_MS + 1);
    const second = await storage().lock('lock-a', LEASE_MS);
    assert.ok(second);
    assert.equal(await first?.renew(), false);
    await first?.release();
    assert.equal(await storage().lock('lock-a', LEASE_MS), null);
    assert.ok(await storage().lock('lock-b', LEASE_MS));
  });

  it('takes over a lock that was half written when its machine died', async (t) => {
    const { storage, directory } = await folder(t);
    await writeFile(join(directory, 'lock-a.7'), '{"unt');
    assert.ok(await storage().lock('lock-a', LEASE_MS));
    assert.deepEqual(await readdir(directory), ['lock-a.8']);
  });

  it('keeps what was created first, and replaces what is written', async (t) => {
    const { storage } = await folder(t);
    await Promise.all(['a', 'b', 'c'].map((text) => storage().create('account-1', text)));
    const first = await storage().read('account-1');
    await storage().create('account-1', 'late');
    assert.equal(await storage().read('account-1'), first);
    await storage().write('account-1', 'new');
    assert.equal(await storage().read('account-1'), 'new');
    await storage().remove('account-1');
    assert.equal(await storage().read('account-1'), null);
  });
});
