// What a store does when its database is away, slow, or comes back.
import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { withoutPostgres } from '@turnpike/testkit/postgres-server';
import { StoreUnavailable, type Topic, type Store } from '../src/domain/store.ts';
import { SchemaTooNew } from '../src/db/migrate.ts';
import { sql } from '../src/db/kysely.ts';
import { openDatabase } from '../src/db/open-store.ts';
import {
  commit,
  type Databases,
  draftOf,
  onBothDatabases,
  onPostgres,
  onSqlite,
  routes,
  settingsOf,
} from '../src/db/store-testing.ts';

/** Resolves when a topic was heard that often. */
function heard(store: Store, topic: Topic): { times(count: number): Promise<void>; stop(): void } {
  let count = 0;
  let check = (): void => {};
  const stop = store.listen((what) => {
    if (what !== topic) return;
    count++;
    check();
  });
  const times = (wanted: number): Promise<void> =>
    new Promise((resolve) => {
      check = () => void (count >= wanted && resolve());
      check();
    });
  return { times, stop };
}

/** Tries until it works. */
async function untilItWorks<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      assert.ok(error instanceof StoreUnavailable, String(error));
    }
  }
}

onBothDatabases('a store', ({ create, open, fresh }: Databases) => {
  it('calls back for what was committed here, and not twice', async () => {
    const store = await fresh();
    await commit(store, routes({ a: {} }));
    const topics: Topic[] = [];
    const { times, stop } = heard(store, 'revision');
    const stopTopics = store.listen((topic) => topics.push(topic));
    await commit(store, routes({ b: {} }));
    await times(1);
    await store.workspaces.put({ name: 'team', description: '', hosts: [], paths: [] });
    assert.equal(topics.at(-1), 'workspaces');
    stop();
    stopTopics();
    const before = topics.length;
    await commit(store, routes({ c: {} }));
    assert.equal(topics.length, before);
  });

  it('calls back for what others have committed', async () => {
    const url = await create();
    const [store, other] = [open(url, { pollMs: 20 }), open(url)];
    const revisions = heard(store, 'revision');
    const keys = heard(store, 'keys');
    await Promise.all([revisions.times(1), keys.times(1)]);
    await commit(other, routes({ a: {} }));
    await revisions.times(2);
    const made = { createdAt: 1, createdBy: '', expiresAt: null };
    await other.keys.create({ id: 'tp_1', consumer: 'acme', label: '', digest: '', ...made });
    await keys.times(2);
    revisions.stop();
    keys.stop();
  });

  it('refuses a database that a newer program has written, and touches nothing', async () => {
    const url = await create();
    const db = openDatabase(settingsOf(url));
    await db.write((tx) => tx.insertInto('agreements').values({ name: 'a', value: 'b' }).execute());
    const versions = db.engine.queries.withTables<{ schema_version: { name: string; timestamp: string } }>();
    await versions
      .insertInto('schema_version')
      .values({ name: '9999-later', timestamp: '2099-01-01T00:00:00.000Z' })
      .execute();
    await assert.rejects(
      open(url).revisions.head(),
      (error) => error instanceof StoreUnavailable && error.cause instanceof SchemaTooNew,
    );
    await db.close();
  });

  it('makes the schema once, whoever comes first', async () => {
    const url = await create();
    const heads = await Promise.all(Array.from({ length: 6 }, () => open(url).revisions.head()));
    assert.deepEqual(heads, [0, 0, 0, 0, 0, 0]);
  });

  it('is unavailable when it was closed', async () => {
    const store = await fresh();
    await store.close();
    await assert.rejects(store.revisions.head(), StoreUnavailable);
  });
});

describe('a SQLite file', () => {
  onSqlite(({ create, open }) => {
    it('that another process writes is waited for, then unavailable; reads go on', async () => {
      const url = await create();
      const store = open(url, { timeoutMs: 100 });
      await commit(store, routes({ a: {} }));
      const other = new DatabaseSync(url.slice('sqlite:'.length));
      other.exec('begin immediate');
      await assert.rejects(store.revisions.commit(draftOf(1, routes({ b: {} }))), StoreUnavailable);
      assert.equal(await store.revisions.head(), 1);
      other.exec('rollback');
      other.close();
      assert.equal(await commit(store, routes({ b: {} })), 2);
    });

    it('that cannot be opened is unavailable until it can', async () => {
      const url = await create();
      const path = url.slice('sqlite:'.length);
      await mkdir(path);
      const store = open(url);
      await assert.rejects(store.revisions.head(), StoreUnavailable);
      await rm(path, { recursive: true });
      assert.equal(await store.revisions.head(), 0);
    });

    it('that was removed takes no changes; one that is put in its place is read', async () => {
      const url = await create();
      const path = url.slice('sqlite:'.length);
      const store = open(url);
      await commit(store, routes({ a: {} }));
      const backup = new DatabaseSync(path);
      backup.exec(`vacuum into '${path}.backup'`);
      backup.close();
      await commit(store, routes({ b: {} }));
      for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true });
      await assert.rejects(store.revisions.commit(draftOf(2, routes({ c: {} }))), StoreUnavailable);
      await assert.rejects(store.revisions.head(), StoreUnavailable);
      await rename(`${path}.backup`, path);
      assert.equal(await store.revisions.head(), 1);
      assert.equal(await commit(store, routes({ c: {} })), 2);
      const other = open(url);
      assert.equal(await other.revisions.head(), 2);
    });

    it('that is on a full disk is unavailable until there is room', async () => {
      const url = await create();
      const db = openDatabase(settingsOf(url));
      const pagesAtMost = (count: number) =>
        db.read((queries) => sql`pragma max_page_count = ${sql.lit(count)}`.execute(queries));
      const value = 'x'.repeat(200_000);
      const put = (name: string) =>
        db.write((tx) => tx.insertInto('agreements').values({ name, value }).execute());
      await put('a');
      await pagesAtMost(1);
      await assert.rejects(put('b'), StoreUnavailable);
      await pagesAtMost(1_000_000);
      await put('c');
      await db.close();
    });

    it('that is no database is unavailable', async () => {
      const url = await create();

      await writeFile(url.slice('sqlite:'.length), 'something else '.repeat(100));
      await assert.rejects(open(url).revisions.head(), StoreUnavailable);
    });
  });
});

describe('a PostgreSQL', { skip: withoutPostgres() }, () => {
  onPostgres(({ create, open, server }) => {
    it('that ends and comes back was unavailable meanwhile, and all is as it was', async () => {
      const url = await create();
      const store = open(url, { pollMs: 50 });
      const { times, stop } = heard(store, 'revision');
      await commit(store, routes({ a: { path: '/a' } }));
      await times(1);
      await server().kill();
      await assert.rejects(store.revisions.head(), StoreUnavailable);
      const late = open(url);
      await assert.rejects(late.revisions.head(), StoreUnavailable);
      await server().restart();
      assert.equal(await untilItWorks(() => store.revisions.head()), 1);
      assert.equal(await untilItWorks(() => late.revisions.head()), 1);
      assert.equal(await untilItWorks(() => commit(late, routes({ b: {} }))), 2);
      await times(2);
      stop();
    });

    it('whose tables somebody has locked is unavailable after the timeout', async () => {
      const url = await create();
      const store = open(url, { timeoutMs: 200 });
      await commit(store, routes({ a: {} }));
      const blocker = openDatabase(settingsOf(url));
      const { promise: isDone, resolve: finish } = Promise.withResolvers<void>();
      const { promise: isLocked, resolve: locked } = Promise.withResolvers<void>();
      const blocking = blocker.write(async (tx) => {
        await tx.selectFrom('counters').select('value').where('name', '=', 'revision').forUpdate().execute();
        locked();
        await isDone;
      });
      await isLocked;
      await assert.rejects(store.revisions.commit(draftOf(1, routes({ b: {} }))), StoreUnavailable);
      finish();
      await blocking;
      await blocker.close();
      assert.equal(await commit(store, routes({ b: {} })), 2);
    });

    it('that is cut off without a word is unavailable after the timeout, and then another connection is made', async () => {
      const url = new URL(await create());
      const [host, port] = [url.hostname, Number(url.port)];
      const sockets = new Set<Socket>();
      let isCut = false;
      const proxy = createServer((client) => {
        const upstream = connect(port, host);
        for (const [from, to] of [
          [client, upstream],
          [upstream, client],
        ] as const) {
          sockets.add(from);
          from.on('error', () => to.destroy());
          from.on('close', () => to.destroy());
          from.on('data', (bytes) => void (isCut || to.write(bytes)));
        }
      });
      proxy.listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      const address = proxy.address();
      assert.ok(typeof address === 'object' && address !== null);
      url.port = String(address.port);
      const store = open(url.href, { timeoutMs: 300 });
      await untilItWorks(() => commit(store, routes({ a: {} })));
      isCut = true;
      await assert.rejects(store.revisions.head(), StoreUnavailable);
      await assert.rejects(store.revisions.head(), StoreUnavailable);
      isCut = false;
      assert.equal(await untilItWorks(() => store.revisions.head()), 1);
      await store.close();
      for (const socket of sockets) socket.destroy();
      proxy.close();
    });

    it('tells of changes at once, and polling finds what was missed while its connection was lost', async () => {
      const url = await create();
      const [store, polling] = [open(url, { pollMs: 3_600_000 }), open(url, { pollMs: 30 })];
      const told = heard(store, 'revision');
      const found = heard(polling, 'revision');
      await Promise.all([told.times(1), found.times(1)]);
      const other = open(url);
      // Its connection may not listen yet: then a change is not told, and the next one is.
      for (let isTold = false; !isTold;) {
        await commit(other, routes({ a: {} }));
        isTold = await Promise.race([
          told.times(2).then(() => true),
          new Promise<false>((resolve) => setTimeout(resolve, 50, false)),
        ]);
      }
      const database = new URL(url).pathname.slice(1);
      const query = `select count(pg_terminate_backend(pid)) from pg_stat_activity where query like 'listen %' and datname = '${database}'`;
      assert.ok(Number(await server().sql(database, query)) >= 1);
      const before = await other.revisions.head();
      await commit(other, routes({ b: {} }));
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = polling.listen(() => {
        polling.revisions.head().then(
          (head) => head > before && resolve(),
          () => {}, // the store may be closed before this is answered
        );
      });
      await promise;
      stop();
      told.stop();
      found.stop();
    });
  });
});
