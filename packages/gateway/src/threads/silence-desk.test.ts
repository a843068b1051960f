import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import type { AcmeStorage } from '../acme/acme-storage.ts';
import { folderStorage } from '../acme/folder-storage.ts';
import type { Log } from '../core/ports.ts';
import { SilenceDesk } from './silence-desk.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-silences-'));
after(() => rm(root, { recursive: true }));

const clock = manualClock();
const HOUR_MS = 3_600_000;
let folders = 0;

function folder(kind: 'own' | 'shared'): AcmeStorage {
  return folderStorage(join(root, String(++folders)), clock, kind);
}

function deskOver(own: AcmeStorage, shared: AcmeStorage | null) {
  const warnings: string[] = [];
  const log: Log = { debug() {}, info() {}, error() {}, warn: (message) => warnings.push(message) };
  return { desk: new SilenceDesk({ own, shared, clock, log }), warnings };
}

const wish = { alert: 'orders', reason: 'planned work', author: 'ada', forMs: HOUR_MS };

describe('silences', () => {
  it('last as long as was asked for, over a restart too', async () => {
    const own = folder('own');
    const { desk } = deskOver(own, null);
    assert.equal((await desk.add(wish)).kind, 'silenced');
    assert.equal(desk.of('orders')?.reason, 'planned work');
    assert.equal(desk.of('others'), null);
    const next = deskOver(own, null).desk;
    await next.open();
    assert.equal(next.of('orders')?.author, 'ada');
    clock.advance(HOUR_MS);
    assert.equal(next.of('orders'), null);
    assert.deepEqual(next.list, []);
  });

  it('are known to all gateways that share a storage, and ended by any of them', async () => {
    const shared = folder('shared');
    const [one, other] = [deskOver(folder('own'), shared).desk, deskOver(folder('own'), shared).desk];
    await Promise.all([one.add(wish), one.add({ ...wish, alert: 'users' })]);
    await other.refresh();
    assert.deepEqual(other.list.map(({ alert }) => alert).toSorted(), ['orders', 'users']);
    assert.equal(await other.end(other.of('orders')?.id ?? ''), 'ended');
    assert.equal(await other.end('nobody'), 'unknown');
    await one.refresh();
    assert.equal(one.of('orders'), null);
    assert.equal(one.of('users')?.alert, 'users');
  });

  it('are known at a start without the database, and cannot be changed then', async () => {
    const own = folder('own');
    const shared = folder('shared');
    await deskOver(own, shared).desk.add(wish);
    const gone: AcmeStorage = {
      ...shared,
      read: () => Promise.reject(new Error('gone')),
      lock: () => Promise.reject(new Error('gone')),
    };
    const { desk, warnings } = deskOver(own, gone);
    await desk.open();
    await desk.refresh();
    await desk.refresh();
    assert.equal(desk.of('orders')?.reason, 'planned work');
    assert.equal((await desk.add({ ...wish, alert: 'users' })).kind, 'away');
    assert.equal(desk.of('users'), null);
    assert.equal(warnings.length, 1);
  });

  it('are shared though this machine cannot keep them', async () => {
    const own = folder('own');
    const shared = folder('shared');
    const full: AcmeStorage = { ...own, write: () => Promise.reject(new Error('full')) };
    const { desk, warnings } = deskOver(full, shared);
    assert.equal((await desk.add(wish)).kind, 'silenced');
    assert.equal((await desk.add({ ...wish, alert: 'users' })).kind, 'silenced');
    assert.equal(desk.list.length, 2);
    assert.equal(warnings.length, 1);
  });

  it('are not changed while another gateway writes', async () => {
    const shared = folder('shared');
    const { desk } = deskOver(folder('own'), shared);
    const lease = await shared.lock('alert-silences', 5000);
    assert.equal((await desk.add(wish)).kind, 'away');
    await lease?.release();
    assert.equal((await desk.add(wish)).kind, 'silenced');
  });

  it('are 100 at most, until one is over', async () => {
    const { desk } = deskOver(folder('own'), null);
    for (let count = 0; count < 100; count++) await desk.add({ ...wish, forMs: HOUR_MS + count });
    assert.equal((await desk.add(wish)).kind, 'full');
    clock.advance(HOUR_MS);
    assert.equal((await desk.add(wish)).kind, 'silenced');
  });

  it('that are damaged are told in the log, and not written over', async () => {
    const own = folder('own');
    await own.write('alert-silences', '{"version":1,"silences":[{}]}');
    const { desk, warnings } = deskOver(own, null);
    await desk.open();
    assert.deepEqual(desk.list, []);
    assert.equal((await desk.add(wish)).kind, 'away');
    assert.equal(warnings.length, 1);
  });
});
