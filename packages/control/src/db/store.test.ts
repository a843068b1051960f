import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ConsumerKey } from '../domain/keys.ts';
import { BadCursor, type Page, type PageQuery } from '../domain/store.ts';
import { commit, draftOf, onBothDatabases, routes } from './store-testing.ts';

const ALL: PageQuery = { limit: 100, after: null };
const EVERY_ROUTE = { kind: 'routes', workspaces: null, search: '' } as const;

function key(id: string, more: Partial<ConsumerKey> = {}) {
  const made = { createdAt: 1, createdBy: 'ada', expiresAt: null };
  return { id, consumer: 'acme', label: '', digest: `digest of ${id}`, ...made, ...more };
}

/** All items of a list, asked for in pages. */
async function everything<T>(list: (query: PageQuery) => Promise<Page<T>>, limit: number): Promise<T[]> {
  const items: T[] = [];
  for (let after: string | null = null; ;) {
    const page = await list({ limit, after });
    items.push(...page.items);
    if (page.next === null) return items;
    assert.equal(page.items.length, limit);
    after = page.next;
  }
}

onBothDatabases('a store', ({ fresh, create, open }) => {
  it('keeps what a revision changed, and every version before', async () => {
    const store = await fresh();
    assert.equal(await store.revisions.head(), 0);
    assert.equal(await commit(store, routes({ a: { path: '/a' }, b: { path: '/b' } })), 1);
    assert.equal(await commit(store, routes({ a: { path: '/a2' }, b: null, c: { path: '/c' } })), 2);

    const names = async (revision: number) =>
      (await store.objects.at(revision)).map(({ name, document }) => `${name} ${String(document['path'])}`);
    assert.deepEqual(await names(0), []);
    assert.deepEqual(await names(1), ['a /a', 'b /b']);
    assert.deepEqual(await names(2), ['a /a2', 'c /c']);
    assert.deepEqual(await store.objects.find({ kind: 'routes', name: 'a' }), {
      kind: 'routes',
      name: 'a',
      workspace: 'default',
      document: { path: '/a2' },
      revision: 2,
    });
    assert.equal(await store.objects.find({ kind: 'routes', name: 'b' }), null);
    assert.equal(await store.objects.find({ kind: 'services', name: 'a' }), null);
    const history = await store.objects.history({ kind: 'routes', name: 'b' }, ALL);
    assert.deepEqual(
      history.items.map(({ revision, document }) => [revision, document]),
      [
        [2, null],
        [1, { path: '/b' }],
      ],
    );
    const changed = async (after: number, upTo: number) =>
      (await store.objects.changed(after, upTo)).map(({ name, revision }) => `${name} ${revision}`);
    assert.deepEqual(await changed(0, 1), ['a 1', 'b 1']);
    assert.deepEqual(await changed(0, 2), ['a 2', 'b 2', 'c 2']);
    assert.deepEqual(await changed(1, 2), ['a 2', 'b 2', 'c 2']);
    assert.deepEqual(await changed(2, 2), []);
  });

  it('tells of a revision who made it, why, and what was before', async () => {
    const store = await fresh();
    await commit(store, routes({ a: { path: '/a' } }));
    await commit(store, routes({ b: { path: '/b' } }));
    const risks = [{ level: 'high', code: 'X', message: 'm', objects: ['routes.a'], count: 1 }] as const;
    const changes = routes({ a: { path: '/a2' }, b: null, c: { path: '/c' } });
    await store.revisions.commit(draftOf(2, changes, { risks, message: 'because\0', origin: 'import' }));
    const revision = await store.revisions.find(3);
    assert.ok(revision !== null && revision.at > 1_700_000_000_000);
    assert.deepEqual(revision, {
      number: 3,
      at: revision.at,
      author: 'ada',
      address: '192.0.2.1',
      origin: 'import',
      message: 'because\uFFFD',
      risks,
      changeCount: 3,
      changes: [
        { kind: 'routes', name: 'a', workspace: 'default', before: { path: '/a' }, after: { path: '/a2' } },
        { kind: 'routes', name: 'b', workspace: 'default', before: { path: '/b' }, after: null },
        { kind: 'routes', name: 'c', workspace: 'default', before: null, after: { path: '/c' } },
      ],
    });
    assert.equal(await store.revisions.find(4), null);
    const numbers = await everything((query) => store.revisions.list(query), 2);
    assert.deepEqual(
      numbers.map(({ number }) => number),
      [3, 2, 1],
    );
  });

  it('commits against the head only', async () => {
    const store = await fresh();
    await commit(store, routes({ a: {} }));
    assert.deepEqual(await store.revisions.commit(draftOf(0, routes({ b: {} }))), { kind: 'stale' });
    assert.deepEqual(await store.revisions.commit(draftOf(2, routes({ b: {} }))), { kind: 'stale' });
    assert.equal(await store.revisions.head(), 1);
    assert.equal(await store.objects.find({ kind: 'routes', name: 'b' }), null);
  });

  it('leaves nothing of a revision that cannot be written', async () => {
    const store = await fresh();
    const twice = [...routes({ a: { path: '/1' } }), ...routes({ a: { path: '/2' } })];
    await assert.rejects(store.revisions.commit(draftOf(0, twice)));
    assert.equal(await store.revisions.head(), 0);
    assert.deepEqual(await store.objects.at(1), []);
    assert.equal(await commit(store, routes({ b: {} })), 1);
  });

  it('loses no change of those who edit at the same moment', async () => {
    const url = await create();
    const editors = [open(url), open(url), open(url)];
    const edit = async (store: (typeof editors)[number], editor: number) => {
      for (let change = 0; change < 8; change++)
        await commit(store, routes({ [`r${editor}-${change}`]: {} }));
    };
    await Promise.all(editors.map(edit));
    const [store = editors[0]] = editors;
    assert.equal(await store?.revisions.head(), 24);
    assert.equal((await store?.objects.at(24))?.length, 24);
    const revisions = await everything((query) => editors[1]?.revisions.list(query) ?? assert.fail(), 10);
    assert.deepEqual(
      revisions.map(({ changeCount }) => changeCount),
      Array.from({ length: 24 }, () => 1),
    );
  });

  it('lists objects in pages, in order of their bytes', async () => {
    const store = await fresh();
    const names = ['B', 'Ä', 'a', 'a-1', 'a_1', 'b', 'ß', 'z'];
    const changes = routes(Object.fromEntries(names.map((name) => [name, { path: `/${name}` }])));
    await commit(store, [
      ...changes,
      { kind: 'routes', name: 'other', workspace: 'team', before: null, after: {} },
      { kind: 'services', name: 'a', workspace: 'default', before: null, after: {} },
    ]);
    const list = async (filter: object, limit = 3) =>
      (await everything((query) => store.objects.list({ ...EVERY_ROUTE, ...filter }, query), limit)).map(
        ({ name }) => name,
      );
    const sorted = names.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    assert.deepEqual(await list({ workspaces: ['default'] }), sorted);
    assert.deepEqual((await list({})).toSorted(), [...names, 'other'].toSorted());
    assert.deepEqual(await list({ workspaces: ['team'] }), ['other']);
    assert.deepEqual(await list({ workspaces: [] }), []);
    assert.deepEqual(await list({ search: 'A' }), ['a', 'a-1', 'a_1']);
    assert.deepEqual(await list({ search: '_' }), ['a_1']);
    assert.deepEqual(await list({ search: '%' }), []);
    assert.deepEqual(await list({}, 100), await list({}, 1));
  });

  it('refuses a cursor that no page has ended with', async () => {
    const store = await fresh();
    for (const after of ['x', '-1', '1.5', '', '9'.repeat(30)])
      await assert.rejects(store.revisions.list({ limit: 1, after }), BadCursor, after);
  });

  it('numbers every change of keys, so that one can ask for what is new', async () => {
    const store = await fresh();
    const { keys } = store;
    const created = await keys.create(key('tp_1'));
    assert.deepEqual(created, { ...key('tp_1'), revokedAt: null, lastUsedAt: null, change: 1 });
    await keys.create(key('tp_2', { consumer: 'other', expiresAt: 5000 }));
    assert.deepEqual(await keys.find('tp_1'), created);
    assert.equal(await keys.find('tp_9'), null);
    const revoked = await keys.update('tp_1', { revokedAt: 77, label: 'old' });
    assert.deepEqual(revoked, { ...created, revokedAt: 77, label: 'old', change: 3 });
    assert.equal(await keys.update('tp_9', { label: 'none' }), null);
    const changes = async (after: number) =>
      (await keys.changed(after, 10)).map(({ id, change }) => `${id} ${change}`);
    assert.deepEqual(await changes(0), ['tp_2 2', 'tp_1 3']);
    assert.deepEqual(await changes(2), ['tp_1 3']);
    assert.deepEqual((await keys.changed(0, 1)).length, 1);
    const listed = await everything((query) => keys.list('acme', query), 1);
    assert.deepEqual(
      listed.map(({ id }) => id),
      ['tp_1'],
    );
  });

  it('knows when a key was used last, and never goes back', async () => {
    const { keys } = await fresh();
    await keys.create(key('tp_1'));
    const used = async () => (await keys.find('tp_1'))?.lastUsedAt;
    for (const [at, then] of [
      [500, 500],
      [300, 500],
      [900, 900],
    ] as const) {
      await keys.touch(
        new Map([
          ['tp_1', at],
          ['tp_unknown', at],
        ]),
      );
      assert.equal(await used(), then);
    }
    assert.equal((await keys.find('tp_1'))?.change, 1);
  });

  it('keeps workspaces and tokens', async () => {
    const { workspaces, tokens } = await fresh();
    const team = { name: 'team', description: 'd', hosts: ['*.team.example'], paths: [] };
    await workspaces.put(team);
    await workspaces.put({ ...team, description: 'e' });
    assert.deepEqual(await workspaces.find('team'), { ...team, description: 'e' });
    assert.deepEqual(await workspaces.list(), [{ ...team, description: 'e' }]);
    assert.deepEqual([await workspaces.remove('team'), await workspaces.remove('team')], [true, false]);
    assert.equal(await workspaces.find('team'), null);

    const token = {
      id: 't1',
      name: 'ci',
      digest: 'd',
      role: null,
      workspaces: { team: 'editor' },
      createdAt: 1,
      createdBy: 'ada',
      expiresAt: null,
    } as const;
    assert.deepEqual(await tokens.create(token), { ...token, lastUsedAt: null });
    await tokens.touch(new Map([['t1', 9]]));
    assert.deepEqual(await tokens.list(), [{ ...token, lastUsedAt: 9 }]);
    assert.deepEqual([await tokens.remove('t1'), await tokens.remove('t1')], [true, false]);
  });

  it('keeps an audit log, newest first, for who may see which part', async () => {
    const { audit } = await fresh();
    const entry = (author: string, action: string, workspace: string | null) => {
      const rest = {
        address: '::1',
        target: 'routes.a',
        outcome: 'done',
        revision: null,
        detail: '',
      } as const;
      return { at: 5, author, action, workspace, ...rest };
    };
    await audit.add(entry('ada', 'object.put', 'default'));
    await audit.add(entry('bob', 'object.put', 'team'));
    await audit.add(entry('ada', 'login.failed', null));
    const ids = async (filter: object) =>
      (await everything((query) => audit.list({ workspaces: null, ...filter }, query), 1)).map(
        ({ id }) => id,
      );
    assert.deepEqual(await ids({}), [3, 2, 1]);
    assert.deepEqual(await ids({ author: 'ada' }), [3, 1]);
    assert.deepEqual(await ids({ author: 'ada', action: 'object.put' }), [1]);
    assert.deepEqual(await ids({ workspaces: ['team'] }), [2]);
    assert.deepEqual(await ids({ workspaces: [] }), []);
    const { items } = await audit.list({ workspaces: null }, { limit: 1, after: null });
    assert.deepEqual(items, [{ id: 3, ...entry('ada', 'login.failed', null) }]);
  });

  it('agrees on what was proposed first', async () => {
    const url = await create();
    const agreed = await Promise.all(['a', 'b', 'c'].map((value) => open(url).agree('secret', value)));
    assert.equal(new Set(agreed).size, 1);
    assert.equal(await open(url).agree('secret', 'later'), agreed[0]);
    assert.equal(await open(url).agree('other', 'later'), 'later');
  });
});

onBothDatabases('what gateways share', ({ create, open }) => {
  it('is one text for all of them, and of several that begin one the first stays', async () => {
    const url = await create();
    const [one, two] = [open(url), open(url)];
    assert.equal(await one.shared.read('a'), null);
    await Promise.all([one.shared.create('a', 'first'), two.shared.create('a', 'first')]);
    await two.shared.create('a', 'second');
    assert.equal(await one.shared.read('a'), 'first');
    await one.shared.write('a', 'third');
    assert.equal(await two.shared.read('a'), 'third');
    await two.shared.remove('a');
    assert.equal(await one.shared.read('a'), null);
  });

  it('is leased to one at a time, and to the next when that has run out', async () => {
    const url = await create();
    const [one, two] = [open(url).shared, open(url).shared];
    const [a, b] = ['a', 'b'].map((holder) => ({ holder, leaseMs: 60_000 }));
    assert.ok(a && b);
    const taken = await Promise.all([one.takeLease('x', a), two.takeLease('x', b)]);
    assert.deepEqual(taken.toSorted(), [false, true]);
    const [winner, loser] = taken[0] ? [a, b] : [b, a];
    assert.equal(await one.renewLease('x', winner), true);
    assert.equal(await one.renewLease('x', loser), false);
    await one.releaseLease('x', loser.holder);
    assert.equal(await two.takeLease('x', loser), false);
    await one.releaseLease('x', winner.holder);
    assert.equal(await two.takeLease('x', { ...loser, leaseMs: 0 }), true);
    assert.equal(await two.renewLease('x', loser), false);
    assert.equal(await one.takeLease('x', winner), true);
  });
});
