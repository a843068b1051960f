import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ConsumerKey } from '../domain/keys.ts';
import type { ObjectVersion, StoredObject } from '../domain/objects.ts';
import { Follower, type FollowerParts } from './follower.ts';

type Stored = FollowerParts['store'];

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** A database of one revision per object version, which may be away. */
function fakeStore() {
  const versions: (ObjectVersion & { readonly at: number })[] = [];
  let puts = 0;
  const keys: ConsumerKey[] = [];
  let isAway = false;
  let hear: () => void = () => {};
  const ask = async <T>(answer: () => T): Promise<T> => {
    if (isAway) throw new Error('away');
    return answer();
  };
  const at = (revision: number): StoredObject[] => {
    const latest = new Map<string, ObjectVersion>();
    for (const { at: _, ...one } of versions) if (one.revision <= revision) latest.set(one.name, one);
    return [...latest.values()].flatMap(({ document, ...rest }) =>
      document === null ? [] : [{ ...rest, document }],
    );
  };
  const store = {
    position: (revision: number) =>
      ask(() => ({
        head: versions.at(-1)?.revision ?? 0,
        keyChange: keys.at(-1)?.change ?? 0,
        history: '',
        madeAt: versions.find((one) => one.revision === revision)?.at ?? null,
      })),
    objects: {
      at: (revision: number) => ask(() => at(revision)),
      changed: (after: number, upTo: number) =>
        ask(() => versions.filter(({ revision }) => revision > after && revision <= upTo)),
    },
    keys: { changed: (after: number) => ask(() => keys.filter(({ change }) => change > after)) },
    listen: (heard: () => void) => {
      hear = heard;
      return () => {};
    },
  } as unknown as Stored;
  return {
    store,
    put(name: string, document: ObjectVersion['document']) {
      versions.push({
        kind: 'routes',
        name,
        workspace: 'default',
        document,
        revision: versions.length + 1,
        at: ++puts,
      });
    },
    key(id: string, revokedAt: number | null = null) {
      keys.push({ id, revokedAt, change: keys.length + 1 } as unknown as ConsumerKey);
    },
    away: (away: boolean) => (isAway = away),
    empty: () => void versions.splice(0),
    dropKeys: () => void keys.splice(0),
    announce: () => hear(),
  };
}

/** A thousand keys at a time, as a database gives them. */
function inPages({ store }: ReturnType<typeof fakeStore>): void {
  const { changed } = store.keys;
  store.keys.changed = async (after, limit) => (await changed(after, limit)).slice(0, limit);
}

async function follow(
  t: TestContext,
  database: ReturnType<typeof fakeStore>,
  more: Partial<FollowerParts> = {},
) {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-follower-'));
  const path = join(directory, 'steered.json');
  const heard: number[] = [];
  const keys: string[][] = [];
  const told = { wake: () => {} };
  const due: (() => void)[] = [];
  const make = () => {
    const follower: Follower = new Follower({
      store: database.store,
      path,
      clock: {
        epoch: () => 1_700_000_000_000,
        after: (ms, run) => {
          if (ms !== 3000) due.push(run);
          const timer = ms === 3000 ? setTimeout(run, 20) : undefined;
          return () => clearTimeout(timer);
        },
      },
      log: QUIET,
      target: (head) => Promise.resolve(head),
      onObjects: async (revision) => {
        heard.push(revision);
        told.wake();
      },
      onKeys: (all) => keys.push(all.map(({ id }) => id)),
      onKeyChanges: () => keys.push(follower.keys.map(({ id }) => id)),
      ...more,
    });
    return follower;
  };
  t.after(() => rm(directory, { recursive: true }));
  const next = () => new Promise<void>((resolve) => (told.wake = resolve));
  return { make, heard, keys, next, path, due };
}

const names = (follower: Follower) => follower.current.objects.map(({ name }) => name).sort();

describe('who follows the database', () => {
  it('takes what there is, and then what changes', async (t) => {
    const database = fakeStore();
    database.put('a', { x: 1 });
    database.key('k1');
    const { make, heard, keys, next } = await follow(t, database);
    const follower = make();
    await follower.start();
    assert.deepEqual([names(follower), heard, keys], [['a'], [1], [['k1']]]);
    database.put('b', { x: 2 });
    database.put('a', null);
    let taken = next();
    database.announce();
    await taken;
    assert.deepEqual([names(follower), follower.current.revision], [['b'], 3]);
    database.key('k1', 5);
    database.put('c', {});
    taken = next();
    database.announce();
    await taken;
    assert.deepEqual(keys.at(-1), []);
    await follower.close();
  });

  it('goes back to an older revision when a roll-out says so', async (t) => {
    const database = fakeStore();
    database.put('a', {});
    database.put('b', {});
    let wanted = 2;
    const { make, next } = await follow(t, database, { target: () => Promise.resolve(wanted) });
    const follower = make();
    await follower.start();
    wanted = 1;
    const taken = next();
    database.announce();
    await taken.catch(() => {});
    assert.deepEqual([names(follower), follower.current.revision], [['a'], 1]);
    await follower.close();
  });

  it('starts with what it had when the database is gone, and catches up when it is back', async (t) => {
    const database = fakeStore();
    database.put('a', {});
    database.key('k1');
    const { make, keys, next, due } = await follow(t, database);
    const before = make();
    await before.start();
    await before.close();
    database.away(true);
    const after = make();
    await after.start();
    assert.deepEqual([names(after), after.status.source, after.status.isReachable], [['a'], 'disk', false]);
    assert.deepEqual(keys.at(-1), ['k1']);
    database.away(false);
    database.put('b', {});
    const taken = next();
    for (const run of due) run();
    await taken;
    assert.deepEqual(names(after), ['a', 'b']);
    await after.close();
  });

  it('falls back to the state before when the newest is damaged', async (t) => {
    const database = fakeStore();
    database.put('a', {});
    const { make, path } = await follow(t, database);
    for (const name of ['b', 'c']) {
      const one = make();
      await one.start();
      await one.close();
      database.put(name, {});
    }
    database.away(true);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.slice(0, -20));
    const follower = make();
    await follower.start();
    assert.deepEqual(names(follower), ['a']);
    await follower.close();
  });

  it('tells of objects when it has the keys too, though those could not be had at first', async (t) => {
    const database = fakeStore();
    database.put('a', {});
    const { make, heard, next, due } = await follow(t, database);
    const changed = database.store.keys.changed.bind(database.store.keys);
    database.store.keys.changed = () => Promise.reject(new Error('away'));
    const follower = make();
    await follower.start();
    assert.deepEqual(heard, []);
    database.store.keys.changed = changed;
    const taken = next();
    for (const run of due) run();
    await taken;
    assert.deepEqual([heard, names(follower)], [[1], ['a']]);
    await follower.close();
  });

  it('hands over again what the gateway did not take, and says so meanwhile', async (t) => {
    const database = fakeStore();
    database.put('a', {});
    let isWell = false;
    const handed: number[] = [];
    const { make, due } = await follow(t, database, {
      onObjects: async (revision) => {
        handed.push(revision);
        if (!isWell) throw new Error('a thread failed');
      },
    });
    const follower = make();
    await follower.start();
    assert.equal(follower.status.problem, 'revision 1 is not in use: a thread failed');
    assert.equal(follower.status.isReachable, true);
    isWell = true;
    for (const run of due.splice(0)) run();
    await follower.caughtUp();
    assert.deepEqual([handed.slice(0, 2), follower.status.problem], [[1, 1], '']);
    await follower.close();
  });

  it('keeps what it has when the database is empty all at once, also after a restart', async (t) => {
    const database = fakeStore();
    database.put('a', {});
    const { make } = await follow(t, database);
    const before = make();
    await before.start();
    database.empty();
    await before.caughtUp();
    assert.deepEqual(names(before), ['a']);
    assert.match(before.status.problem, /the database is empty, but this gateway has taken revision 1/);
    await before.close();
    const after = make();
    await after.start();
    assert.deepEqual([names(after), after.status.source], [['a'], 'disk']);
    database.put('b', {});
    database.put('c', {});
    await after.caughtUp();
    assert.deepEqual([names(after), after.status.problem], [['b', 'c'], '']);
    await after.close();
  });

  it('reads all keys anew when a backup was put in the place of the database', async (t) => {
    const database = fakeStore();
    for (const name of ['a', 'b']) database.put(name, {});
    for (const key of ['k1', 'k2', 'k3']) database.key(key);
    const { make, keys } = await follow(t, database);
    const follower = make();
    await follower.start();
    database.empty();
    database.dropKeys();
    database.put('a', {});
    database.key('k1');
    await follower.caughtUp();
    assert.deepEqual([names(follower), keys.at(-1)], [['a'], ['k1']]);
    await follower.close();
  });

  it('mixes nothing when a backup was put in its place and its numbers have come again', async (t) => {
    const database = fakeStore();
    for (const name of ['a', 'b']) database.put(name, {});
    for (const key of ['k1', 'k2']) database.key(key);
    const { make, heard, keys } = await follow(t, database);
    const follower = make();
    await follower.start();
    database.empty();
    database.dropKeys();
    for (const name of ['a', 'c']) database.put(name, {});
    for (const key of ['k1', 'k3']) database.key(key);
    await follower.caughtUp();
    assert.deepEqual(
      [names(follower), keys.at(-1), heard],
      [
        ['a', 'c'],
        ['k1', 'k3'],
        [2, 2],
      ],
    );
    await follower.close();
  });

  it('finds that out after a restart as well', async (t) => {
    const database = fakeStore();
    for (const name of ['a', 'b']) database.put(name, {});
    for (const key of ['k1', 'k2']) database.key(key);
    const { make, heard, keys } = await follow(t, database);
    const before = make();
    await before.start();
    await before.close();
    database.away(true);
    const after = make();
    await after.start();
    assert.deepEqual(names(after), ['a', 'b']);
    database.away(false);
    database.empty();
    database.dropKeys();
    for (const name of ['a', 'c']) database.put(name, {});
    database.key('k3');
    await after.caughtUp();
    assert.deepEqual([names(after), keys.at(-1), heard], [['a', 'c'], ['k3'], [2, 2]]);
    await after.close();
  });

  it('tells of a key that is revoked while pages are read only that it is', async (t) => {
    const database = fakeStore();
    database.put('a', {});
    const told: ConsumerKey[] = [];
    const { make } = await follow(t, database, { onKeyChanges: (changed) => told.push(...changed) });
    const follower = make();
    await follower.start();
    for (let i = 0; i < 1000; i++) database.key(`k${i}`);
    inPages(database);
    const { changed } = database.store.keys;
    database.store.keys.changed = async (after, limit) => {
      const page = await changed(after, limit);
      if (page.length === 1000) database.key('k7', 5);
      return page;
    };
    await follower.caughtUp();
    assert.deepEqual(
      told.filter(({ id }) => id === 'k7').map(({ revokedAt }) => revokedAt),
      [5],
    );
    assert.equal(follower.keys.length, 999);
    await follower.close();
  });

  it('has no key again that was revoked while it was off, though the keys came in part at first', async (t) => {
    const database = fakeStore();
    database.put('a', {});
    database.key('k1');
    const { make, next, due } = await follow(t, database);
    const before = make();
    await before.start();
    await before.close();
    database.dropKeys();
    database.key('k1', 5);
    for (let i = 2; i < 1500; i++) database.key(`k${i}`);
    inPages(database);
    const { changed } = database.store.keys;
    database.store.keys.changed = (after, limit) =>
      after === 0 ? changed(after, limit) : Promise.reject(new Error('away'));
    const after = make();
    await after.start();
    assert.deepEqual(
      after.keys.map(({ id }) => id),
      ['k1'],
    );
    database.store.keys.changed = changed;
    database.put('b', {});
    const taken = next();
    for (const run of due.splice(0)) run();
    await taken;
    assert.equal(after.keys.length, 1498);
    assert.ok(after.keys.every(({ id }) => id !== 'k1'));
    await after.close();
  });

  it('keeps on disk later what it could not at first', async (t) => {
    const database = fakeStore();
    database.put('a', {});
    const failed = Promise.withResolvers<void>();
    const log = { ...QUIET, warn: () => failed.resolve() };
    const { make, path, due } = await follow(t, database, { log });
    await mkdir(path);
    await mkdir(join(`${path}.1`, 'in the way'), { recursive: true });
    const follower = make();
    await follower.start();
    for (const run of due.splice(0)) run();
    await failed.promise;
    for (const one of [path, `${path}.1`]) await rm(one, { recursive: true });
    for (const run of due.splice(0)) run();
    await follower.close();
    assert.match(await readFile(path, 'utf8'), /"name":"a"/);
  });

  it('starts with nothing when there never was anything', async (t) => {
    const database = fakeStore();
    database.away(true);
    const follower = (await follow(t, database)).make();
    await follower.start();
    assert.deepEqual([names(follower), follower.status.source], [[], 'nowhere']);
    await follower.close();
  });
});
