// A process that writes is killed at any moment: what it was told is there, and nothing is half there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { PostgresServer } from '@turnpike/testkit/postgres-server';
import { openMaintenance } from '../src/database.ts';
import { openDatabase } from '../src/db/open-store.ts';
import { commit, onBothDatabases, routes, settingsOf } from '../src/db/store-testing.ts';
import type { Store } from '../src/domain/store.ts';

const PROGRAM = fileURLToPath(new URL('writer-program.ts', import.meta.url));
const ROUNDS = 6;
/** A kill comes up to so many milliseconds after the first acknowledgement. */
const LATEST_MS = 120;
const ALL = { limit: 1000, after: null };

const root = await mkdtemp(join(tmpdir(), 'turnpike-kill-'));
after(() => rm(root, { recursive: true, force: true }));

/** Runs a writer for a moment; gives what it was told was done. */
async function written(...args: readonly string[]): Promise<number[]> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    // It has begun: from now on every moment is as good as any other.
    if (text.split('\n').length <= 2 && `${text}${chunk}`.split('\n').length > 2)
      setTimeout(() => child.kill('SIGKILL'), Math.random() * LATEST_MS);
    text += chunk;
  });
  await once(child, 'close');
  assert.equal(child.signalCode, 'SIGKILL');
  return text.split('\n').slice(1, -1).map(Number);
}

/** Resolves when nobody is connected to a database any more. */
async function left(server: PostgresServer, database: string): Promise<void> {
  const query = `select count(*) from pg_stat_activity where datname = '${database}' and backend_type = 'client backend'`;
  while ((await server.sql('postgres', query)) !== '0') await new Promise(setImmediate);
}

/** Whether what is agrees with what was: the head, its revisions, their versions, and the objects. */
async function assertWhole(store: Store): Promise<number> {
  const head = await store.revisions.head();
  const { items } = await store.revisions.list({ limit: 30, after: null });
  assert.equal(items[0]?.number ?? 0, head);
  for (const { number, changeCount } of items) {
    const revision = await store.revisions.find(number);
    assert.equal(revision?.changes.length, changeCount);
    for (const { after: document } of revision.changes)
      assert.ok(document === null || document['at'] === number);
  }
  const listed = await store.objects.list({ kind: 'routes', workspaces: null, search: '' }, ALL);
  assert.deepEqual(listed.items, await store.objects.at(head));
  return head;
}

onBothDatabases('a writer that is killed', ({ create, open, dialect, server }) => {
  /** A server ends what it has under way for a client that is gone; nobody looks before it has. */
  async function killed(kind: string, url: string, ...more: readonly string[]): Promise<number[]> {
    const told = await written(kind, url, ...more);
    if (dialect === 'postgres') await left(server(), new URL(url).pathname.slice(1));
    return told;
  }

  it('leaves whole revisions only, and all that were acknowledged', async () => {
    const url = await create();
    for (let round = 0; round < ROUNDS * 2; round++) {
      const told = await killed('revisions', url, String(round));
      const store = open(url);
      const head = await assertWhole(store);
      const last = told.at(-1) ?? 0;
      assert.ok(head === last || head === last + 1, `${last} was acknowledged, ${head} is there`);
      assert.equal(await commit(store, routes({ [`between${round}`]: { at: head + 1 } })), head + 1);
      await store.close();
    }
  });

  it('leaves keys with a number each, whose numbers go on', async () => {
    const url = await create();
    for (let round = 0; round < ROUNDS; round++) {
      const told = await killed('keys', url, String(round * 100_000));
      const store = open(url);
      const keys = await store.keys.changed(0, 100_000);
      const changes = keys.map(({ change }) => change);
      assert.equal(new Set(changes).size, changes.length);
      const inRound = keys.filter(({ createdAt }) => createdAt >= round * 100_000);
      assert.ok(inRound.length >= told.length && inRound.length <= told.length + 1);
      // Only the last one may lack its second change.
      assert.ok(inRound.slice(0, -1).every(({ label }) => label === 'changed'));
      const made = { label: '', digest: '', createdAt: -1, createdBy: '', expiresAt: null };
      const next = await store.keys.create({ id: `after-${round}`, consumer: 'b', ...made });
      assert.ok(next.change > Math.max(0, ...changes));
      await store.close();
    }
  });

  it('leaves an audit log without gaps', async () => {
    const url = await create();
    for (let round = 0; round < ROUNDS; round++) {
      await killed('audit', url);
      const store = open(url);
      const { items } = await store.audit.list({ workspaces: null }, ALL);
      const newest = items[0]?.id ?? 0;
      assert.deepEqual(
        items.map(({ id }) => id),
        items.map((_, at) => newest - at),
      );
      await store.close();
    }
  });

  it('leaves one roll-out under way at most, which can be ended', async () => {
    const url = await create();
    for (let round = 0; round < ROUNDS; round++) {
      await killed('rollouts', url, String(1 + round * 1000));
      const store = open(url);
      const { items } = await store.fleet.rollouts(ALL);
      const underWay = items.filter(({ state }) => state === 'running');
      assert.ok(underWay.length <= 1);
      const [current] = underWay;
      assert.equal((await store.fleet.rollout())?.id, current?.id);
      // None is there without its revision.
      for (const { revision } of items) assert.ok((await store.revisions.summary(revision)) !== null);
      if (current !== undefined) assert.ok(await store.fleet.advance(current, { state: 'rolled-back' }));
      await store.close();
    }
  });

  it('leaves a restored database or the one before, never a part', async () => {
    const from = await create();
    const source = open(from);
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`r${at}`, { at: 1 }]));
    await commit(source, routes(many));
    const file = join(root, `${dialect}.jsonl`);
    const maintenance = openMaintenance({ ...settingsOf(from), keys: [] });
    await maintenance.backup(file);
    await maintenance.close();
    const url = await create();
    for (let round = 0; round < ROUNDS; round++) {
      const before = open(url);
      const head = await before.revisions.head();
      await commit(before, routes({ before: { at: head + 1 } }));
      await before.close();
      await killed('restore', url, '0', file);
      const store = open(url);
      const { length } = await store.objects.at(await assertWhole(store));
      assert.equal(length, 900);
      await store.close();
    }
  });

  it('leaves all of a schema, or nothing of it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const url = await create();
      const child = spawn(process.execPath, [PROGRAM, 'audit', url], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      // Somewhere while it starts, or soon after.
      setTimeout(() => child.kill('SIGKILL'), 100 + Math.random() * 500);
      await once(child, 'close');
      const db = openDatabase(settingsOf(url));
      const tables = (await db.read((tx) => tx.introspection.getTables())).map(({ name }) => name);
      for (const table of ['counters', 'objects', 'rollouts', 'jobs'])
        assert.ok(tables.includes(table), table);
      await db.close();
      assert.equal(await open(url).revisions.head(), 0);
    }
  });
});
