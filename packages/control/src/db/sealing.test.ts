import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { CannotOpen, NoSealingKey } from '../domain/sealer.ts';
import { openDatabase } from './open-store.ts';
import { openSealer } from './open-sealer.ts';
import { resealAll } from './reseal.ts';
import { sealer } from './sealing.ts';
import { commit, onBothDatabases, onSqlite, routes, settingsOf } from './store-testing.ts';

const ONE = 'one-one-one-one-one-one-one-one-one';
const TWO = 'two-two-two-two-two-two-two-two-two';
const PLACE = { kind: 'services', name: 'users', pointer: '/token' } as const;

describe('a sealer', () => {
  it('opens what it has sealed, which looks different every time', () => {
    const { seal, open, isSealed } = sealer([ONE]);
    const texts = ['', 'geheim', 'ä€😀'.repeat(1000)];
    for (const text of texts) {
      const sealed = seal(text, PLACE);
      assert.ok(isSealed(sealed) && !isSealed(text));
      assert.notEqual(seal(text, PLACE), sealed);
      assert.equal(open(sealed, PLACE), text);
    }
  });

  it('opens nothing at another place, nothing that was changed, nothing of another key', () => {
    const { seal, open } = sealer([ONE]);
    const sealed = seal('geheim', PLACE);
    const places = [{ kind: 'routes' }, { name: 'users2' }, { pointer: '/title' }] as const;
    for (const place of places) assert.throws(() => open(sealed, { ...PLACE, ...place }), CannotOpen);
    const at = sealed.length - 10;
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
    for (const text of [changed, sealed.slice(0, -4), 'sealed:1:', 'geheim'])
      assert.throws(() => open(text, PLACE), CannotOpen, text);
    assert.throws(() => sealer([TWO]).open(sealed, PLACE), CannotOpen);
    assert.equal(sealer([TWO, ONE]).open(sealed, PLACE), 'geheim');
  });

  it('seals with the first key only, and not at all without one', () => {
    assert.ok(sealer([ONE]).isCurrent(sealer([ONE, TWO]).seal('a', PLACE)));
    assert.ok(!sealer([TWO, ONE]).isCurrent(sealer([ONE]).seal('a', PLACE)));
    assert.throws(() => sealer([]).seal('a', PLACE), NoSealingKey);
  });
});

describe('the sealer of a SQLite file without keys', () => {
  onSqlite(({ create }) => {
    it('makes a key beside it, for its owner only, when the first secret comes', async () => {
      const url = await create();
      const path = `${url.slice('sqlite:'.length)}.key`;
      const first = openSealer({ url, keys: [] });
      await assert.rejects(stat(path), { code: 'ENOENT' });
      const sealed = first.seal('geheim', PLACE);
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.equal(openSealer({ url, keys: [] }).open(sealed, PLACE), 'geheim');
      const rotated = openSealer({ url, keys: [ONE] });
      assert.equal(rotated.open(sealed, PLACE), 'geheim');
      assert.ok(!rotated.isCurrent(sealed));
    });

    it('never has two keys, whoever comes first', async () => {
      const url = await create();
      const sealers = [openSealer({ url, keys: [] }), openSealer({ url, keys: [] })];
      const sealed = sealers.map((one) => one.seal('geheim', PLACE));
      for (const text of sealed) assert.equal(openSealer({ url, keys: [] }).open(text, PLACE), 'geheim');
    });
  });
});

describe('the sealer of a server without keys', () => {
  it('takes no secrets', () => {
    assert.throws(
      () => openSealer({ url: 'postgres://db/t', keys: [] }).seal('a', PLACE),
      /stores\.database\.encryption\.keys/,
    );
  });
});

onBothDatabases('sealing anew', ({ create, open }) => {
  it('changes every version and no revision, and then the old key may go', async () => {
    const url = await create();
    const store = open(url);
    const old = sealer([ONE]);
    const place = (name: string, pointer: string) => ({ kind: 'routes', name, pointer }) as const;
    const secretOf = (name: string, text: string) => ({
      plain: 'visible',
      'a/b~': [{ token: old.seal(text, place(name, '/a~1b~0/0/token')) }],
    });
    const many = Object.fromEntries(
      Array.from({ length: 450 }, (_, at) => [`r${at}`, secretOf(`r${at}`, `secret ${at}`)]),
    );
    await commit(store, routes(many));
    await commit(store, routes({ r1: secretOf('r1', 'later'), r2: null }));

    const db = openDatabase(settingsOf(url));
    assert.equal(await resealAll(db, sealer([TWO, ONE])), 451);
    assert.equal(await resealAll(db, sealer([TWO, ONE])), 0);
    await db.close();

    assert.equal(await store.revisions.head(), 2);
    const fresh = sealer([TWO]);
    const tokenOf = (document: object | null): string =>
      (document as { 'a/b~': [{ token: string }] })['a/b~'][0].token;
    const opened = (name: string, document: object | null) =>
      fresh.open(tokenOf(document), place(name, '/a~1b~0/0/token'));
    for (const { name, document } of await store.objects.at(2))
      assert.equal(opened(name, document), name === 'r1' ? 'later' : `secret ${name.slice(1)}`);
    const found = await store.objects.find({ kind: 'routes', name: 'r1' });
    assert.equal(opened('r1', found?.document ?? null), 'later');
    const history = await store.objects.history({ kind: 'routes', name: 'r1' }, { limit: 5, after: null });
    assert.deepEqual(
      history.items.map(({ document }) => opened('r1', document)),
      ['later', 'secret 1'],
    );
  });

  it('stops at what no key opens, and changes nothing of that part', async () => {
    const url = await create();
    const store = open(url);
    const token = sealer([ONE]).seal('a', { kind: 'routes', name: 'r', pointer: '/token' });
    await commit(store, routes({ r: { token } }));
    const db = openDatabase(settingsOf(url));
    await assert.rejects(resealAll(db, sealer([TWO])), CannotOpen);
    await db.close();
    assert.deepEqual((await store.objects.find({ kind: 'routes', name: 'r' }))?.document, { token });
  });
});
