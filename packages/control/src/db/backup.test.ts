import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { withoutPostgres } from '@turnpike/testkit/postgres-server';
import { openMaintenance } from '../database.ts';
import type { Store } from '../domain/store.ts';
import { BadBackup } from './backup-format.ts';
import { NotEmpty } from './restore.ts';
import {
  commit,
  type Databases,
  onBothDatabases,
  onPostgres,
  onSqlite,
  routes,
  settingsOf,
  startRollout,
} from './store-testing.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-backup-'));
after(() => rm(root, { recursive: true }));

const ALL = { limit: 1000, after: null };
let files = 0;
const newFile = (): string => join(root, `${++files}.jsonl`);

function maintain(url: string) {
  return openMaintenance({ ...settingsOf(url), keys: [] });
}

async function backupOf(url: string): Promise<string> {
  const file = newFile();
  const db = maintain(url);
  await db.backup(file);
  await db.close();
  return file;
}

async function restoreTo(url: string, file: string, isForced = false) {
  const db = maintain(url);
  try {
    return await db.restore(file, { isForced });
  } finally {
    await db.close();
  }
}

/** Something in every table, more than is read or written at once, and texts that are hard to write. */
async function filled(store: Store): Promise<void> {
  const many = Object.fromEntries(
    Array.from({ length: 1200 }, (_, at) => [`r${at}`, { path: `/${at}`, text: 'ä€😀\u2028"\\\n' }]),
  );
  await commit(store, routes(many));
  const rollout = await startRollout(store, {}, routes({ r1: { path: '/new' }, r2: null }));
  const made = { createdAt: 5, createdBy: 'ada', expiresAt: null };
  for (const id of ['tp_1', 'tp_2'])
    await store.keys.create({ id, consumer: 'acme', label: 'l', digest: id, ...made });
  await store.keys.update('tp_1', { revokedAt: 9 });
  await store.keys.touch(new Map([['tp_2', 7]]));
  await store.workspaces.put({ name: 'team', description: 'd', hosts: [], paths: [] });
  await store.tokens.create({ id: 't', name: 'ci', digest: 'd', role: 'admin', workspaces: {}, ...made });
  await store.agree('secret', 'agreed');
  const entry = { at: 1, author: 'ada', address: '::1', action: 'object.put', target: 'routes.a' };
  await store.audit.add({ ...entry, workspace: null, outcome: 'done', revision: 1, detail: '' });
  await store.fleet.advance(rollout, { state: 'completed' });
}

/** All that a store says. */
async function contents(store: Store) {
  const head = await store.revisions.head();
  return {
    head,
    objects: await store.objects.at(head),
    before: await store.objects.at(1),
    revisions: (await store.revisions.list(ALL)).items,
    changes: await store.revisions.find(2),
    keys: await store.keys.changed(0, 100),
    workspaces: await store.workspaces.list(),
    tokens: await store.tokens.list(),
    audit: (await store.audit.list({ workspaces: null }, ALL)).items,
    rollouts: (await store.fleet.rollouts(ALL)).items,
    agreed: await store.agree('secret', 'another'),
  };
}

async function roundTrip(from: Databases, to: Databases): Promise<void> {
  const url = await from.create();
  const store = from.open(url);
  await filled(store);
  const file = await backupOf(url);
  const target = await to.create();
  const { revision, rows } = await restoreTo(target, file);
  assert.equal(revision, 2);
  assert.ok(rows > 2400);
  const restored = to.open(target);
  assert.deepEqual(await contents(restored), await contents(store));
  // The numbers are the same, but who has followed the one is told that this is another.
  const [here, there] = [await store.position(2), await restored.position(2)];
  assert.notEqual(there.history, here.history);
  assert.deepEqual({ ...there, history: here.history }, here);
  // It goes on from there.
  assert.equal(await commit(restored, routes({ later: {} })), 3);
  const key = {
    id: 'tp_3',
    consumer: 'acme',
    label: '',
    digest: 'd',
    createdAt: 1,
    createdBy: '',
    expiresAt: null,
  };
  assert.equal((await restored.keys.create(key)).change, 4);
}

onBothDatabases('a backup', (databases) => {
  const { create, open } = databases;

  it('gives a database again as it was', () => roundTrip(databases, databases));

  it('is put into an empty database only, unless it is forced', async () => {
    const url = await create();
    const store = open(url);
    await commit(store, routes({ a: { path: '/a' } }));
    const file = await backupOf(url);
    await commit(store, routes({ a: { path: '/b' }, b: {} }));
    await assert.rejects(restoreTo(url, file), NotEmpty);
    assert.equal(await store.revisions.head(), 2);
    await restoreTo(url, file, true);
    assert.equal(await store.revisions.head(), 1);
    assert.deepEqual(
      (await store.objects.at(5)).map(({ document }) => document),
      [{ path: '/a' }],
    );
  });

  it('that is cut, changed, or something else is refused, and nothing of it is there then', async () => {
    const url = await create();
    await commit(open(url), routes({ a: { path: '/aaa' }, b: {}, c: {} }));
    const text = await readFile(await backupOf(url), 'utf8');
    const lines = text.trimEnd().split('\n');
    const texts = [
      '',
      'something else\n',
      '{}\n',
      text.replace('"version":1', '"version":2'),
      text.replace('0002-shared', '9999-later'),
      text.replace('/aaa', '/bbb'),
      text.slice(0, -30),
      `${lines.slice(0, -1).join('\n')}\n`,
      `${lines.toSpliced(5, 1).join('\n')}\n`,
      `${text}{}\n`,
      text.replace('"table":"objects"', '"table":"pg_authid"'),
    ];
    const target = await create();
    for (const one of texts) {
      const file = newFile();
      await writeFile(file, one);
      await assert.rejects(restoreTo(target, file), BadBackup, one.slice(0, 80));
    }
    assert.equal(await open(target).revisions.head(), 0);
    assert.deepEqual(await open(target).objects.at(9), []);
    await restoreTo(target, await backupOf(url));
    assert.equal(await open(target).revisions.head(), 1);
  });

  it('shows one moment, whatever is written meanwhile', async () => {
    const url = await create();
    const store = open(url);
    const done = new AbortController();
    const writing = (async () => {
      while (!done.signal.aborted) {
        await commit(store, routes({ a: {}, b: {} }));
        await new Promise(setImmediate); // SQLite answers without one
      }
    })();
    for (let at = 0; at < 3; at++) {
      const file = await backupOf(url);
      const target = await create();
      const { revision } = await restoreTo(target, file);
      const restored = open(target);
      const { items } = await restored.revisions.list({ limit: 1, after: null });
      assert.equal(items[0]?.number ?? 0, revision);
      assert.ok((await restored.objects.at(revision)).every((object) => object.revision === revision));
      await restored.close();
    }
    done.abort();
    await writing;
  });

  it('is for the eyes of its owner, and never written over another', async () => {
    const url = await create();
    const file = await backupOf(url);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const db = maintain(url);
    await assert.rejects(db.backup(file), { code: 'EEXIST' });
    await db.close();
  });
});

describe('a backup of one database', { skip: withoutPostgres() }, () => {
  onSqlite((sqlite) => {
    onPostgres((postgres) => {
      it('is good for the other, from SQLite to PostgreSQL', () => roundTrip(sqlite, postgres));
      it('is good for the other, from PostgreSQL to SQLite', () => roundTrip(postgres, sqlite));
    });
  });
});
