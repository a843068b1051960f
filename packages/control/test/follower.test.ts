// A gateway that follows a real database, which ends, comes back, and loses notifications.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { withoutPostgres } from '@turnpike/testkit/postgres-server';
import { systemClock } from '../src/domain/ports.ts';
import { type Store, StoreUnavailable } from '../src/domain/store.ts';
import { commit, type Databases, onBothDatabases, onPostgres, routes } from '../src/db/store-testing.ts';
import { Follower } from '../src/publish/follower.ts';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** Waits as long as others do, but never longer than a moment to try again. */
const hasty = {
  epoch: systemClock.epoch,
  after: (ms: number, run: () => void) => systemClock.after(ms === 2000 ? 20 : ms, run),
};

interface Followed {
  readonly follower: Follower;
  readonly revisions: number[];
  readonly keys: string[][];
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const endsAt = Date.now() + 60_000;
  while (!holds()) {
    assert.ok(Date.now() < endsAt, `${what}: not in time`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function directoryOf(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-follower-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function follow(store: Store, directory: string): Promise<Followed> {
  const revisions: number[] = [];
  const keys: string[][] = [];
  const follower: Follower = new Follower({
    store,
    path: join(directory, 'steered.json'),
    clock: hasty,
    log: QUIET,
    target: (head) => Promise.resolve(head),
    onObjects: async (revision) => void revisions.push(revision),
    onKeys: (all) => void keys.push(all.map(({ id }) => id).sort()),
    onKeyChanges: () => void keys.push(follower.keys.map(({ id }) => id).sort()),
  });
  await follower.start();
  return { follower, revisions, keys };
}

function key(id: string) {
  return { id, consumer: 'acme', label: '', digest: id, createdAt: 1, createdBy: '', expiresAt: null };
}

const names = ({ follower }: Followed): string[] => follower.current.objects.map(({ name }) => name).sort();

onBothDatabases('a follower', ({ create, open }: Databases) => {
  it('has what others commit, in their order, and keys when they change only', async (t) => {
    const url = await create();
    const [own, other] = [open(url, { pollMs: 10 }), open(url)];
    await commit(other, routes({ a: {}, b: {} }));
    await other.keys.create(key('tp_1'));
    const followed = await follow(own, await directoryOf(t));
    assert.deepEqual(names(followed), ['a', 'b']);
    assert.deepEqual(followed.keys.at(-1), ['tp_1']);
    const told = followed.keys.length;
    for (let at = 0; at < 20; at++) await commit(other, routes({ b: null, [`c${at % 3}`]: { at } }));
    await until('it has all', () => followed.follower.status.revision === 21);
    assert.deepEqual(names(followed), ['a', 'c0', 'c1', 'c2']);
    assert.deepEqual(
      followed.revisions,
      followed.revisions.toSorted((one, two) => one - two),
    );
    assert.equal(followed.keys.length, told);
    await other.keys.create(key('tp_2'));
    await until('it has the key', () => followed.keys.at(-1)?.length === 2);
    await other.keys.update('tp_1', { revokedAt: 5 });
    await until('it lost the other', () => followed.keys.at(-1)?.join() === 'tp_2');
    await followed.follower.close();
  });

  it('knows that the database is there, though nothing changes', async (t) => {
    const own = open(await create(), { pollMs: 10 });
    const { follower } = await follow(own, await directoryOf(t));
    await until('it gets old', () => follower.status.ageSeconds !== null);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    await until('it is heard again', () => follower.status.ageSeconds === 0);
    assert.ok(follower.status.isReachable);
    await follower.close();
  });
});

describe('a follower of a PostgreSQL', { skip: withoutPostgres() }, () => {
  onPostgres(({ create, open, server }) => {
    it('keeps what it has while that is gone, starts without it, and catches up when it is back', async (t) => {
      const url = await create();
      const [own, other] = [open(url, { pollMs: 30, timeoutMs: 1000 }), open(url)];
      await commit(other, routes({ a: {} }));
      await other.keys.create(key('tp_1'));
      const directory = await directoryOf(t);
      const followed = await follow(own, directory);
      assert.deepEqual(names(followed), ['a']);

      await server().kill();
      await until('it has noticed', () => !followed.follower.status.isReachable);
      assert.deepEqual(names(followed), ['a']);
      await followed.follower.close();
      const late = await follow(open(url, { pollMs: 30, timeoutMs: 1000 }), directory);
      assert.deepEqual([late.follower.status.source, names(late)], ['disk', ['a']]);
      assert.deepEqual(late.keys.at(-1), ['tp_1']);

      await server().restart();
      for (;;) {
        try {
          await commit(other, routes({ b: {} }));
          break;
        } catch (error) {
          assert.ok(error instanceof StoreUnavailable);
        }
      }
      await until('it has caught up', () => names(late).includes('b') && late.follower.status.isReachable);
      await late.follower.close();
    });

    it('has changes by polling while nothing can be told, and told at once otherwise', async (t) => {
      const url = await create();
      const database = new URL(url).pathname.slice(1);
      const [polling, told, other] = [open(url, { pollMs: 20 }), open(url, { pollMs: 3_600_000 }), open(url)];
      await commit(other, routes({ a: {} }));
      const [first, second] = [
        await follow(polling, await directoryOf(t)),
        await follow(told, await directoryOf(t)),
      ];
      const listening = `from pg_stat_activity where query like 'listen %' and datname = '${database}'`;
      const ending = `select count(pg_terminate_backend(pid)) ${listening}`;
      for (let at = 1; at <= 5; at++) {
        await server().sql(database, ending);
        await commit(other, routes({ [`p${at}`]: {} }));
        await until('it was found', () => names(first).includes(`p${at}`));
      }
      // Both listen again.
      const count = async () => Number(await server().sql(database, `select count(*) ${listening}`));
      while ((await count()) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      await commit(other, routes({ last: {} }));
      await until('it was told', () => names(second).includes('last') && names(second).includes('p5'));
      await Promise.all([first.follower.close(), second.follower.close()]);
    });
  });
});
