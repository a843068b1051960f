import assert from 'node:assert/strict';
import {
  appendFile,
  copyFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ConsumerKey } from '../domain/keys.ts';
import type { ObjectVersion, StoredObject } from '../domain/objects.ts';
import { type SavedState, type StateChange, StateJournal } from './state-journal.ts';

const object = (name: string, revision: number): StoredObject => ({
  kind: 'routes',
  name,
  workspace: 'default',
  document: { made: revision },
  revision,
});
const key = (id: string, revokedAt: number | null = null) => ({ id, revokedAt }) as ConsumerKey;
const state = (revision: number, objects: StoredObject[], keys: ConsumerKey[] = []): SavedState => ({
  revision,
  objects,
  keys,
  heardAt: revision,
});
const change = (revision: number, objects: ObjectVersion[], keys: ConsumerKey[] = []): StateChange => ({
  revision,
  objects,
  keys,
  heardAt: revision,
});
const FIRST = state(1, [object('a', 1), object('b', 1)], [key('k1'), key('k2')]);

async function world(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-journal-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'steered.json');
  const problems: string[] = [];
  const read = () => new StateJournal(path).read((file) => problems.push(file));
  return { path, journal: new StateJournal(path), read, problems };
}

describe('the state of a gateway on disk', () => {
  it('is what was written, and what has changed since', async (t) => {
    const { journal, read } = await world(t);
    assert.equal(await read(), null);
    await journal.write(FIRST);
    assert.deepEqual(await read(), FIRST);
    await journal.add(change(2, [object('c', 2), { ...object('a', 2), document: null }], [key('k1', 9)]));
    await journal.add(change(3, [object('b', 3)], [key('k3')]));
    assert.deepEqual(await read(), state(3, [object('b', 3), object('c', 2)], [key('k2'), key('k3')]));
    await journal.write(state(4, [object('d', 4)]));
    assert.deepEqual(await read(), state(4, [object('d', 4)]));
  });

  it('is for the eyes of its owner, and a change costs a line', async (t) => {
    const { path, journal } = await world(t);
    await journal.write(FIRST);
    const { ino } = await stat(path);
    await journal.add(change(2, [object('c', 2)]));
    for (const file of [path, `${path}.journal`]) assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(path)).ino, ino);
    assert.ok((await stat(`${path}.journal`)).size < 500);
  });

  it('ends before the first change that is not whole, wherever a crash has cut it', async (t) => {
    const { path, journal, read } = await world(t);
    await journal.write(FIRST);
    await journal.add(change(2, [object('c', 2)]));
    const { size: before } = await stat(`${path}.journal`);
    await journal.add(change(3, [object('d', 3)]));
    const { size } = await stat(`${path}.journal`);
    for (let length = size - 1; length >= 0; length -= 7) {
      await truncate(`${path}.journal`, length);
      const found = await read();
      if (length >= before) assert.equal(found?.revision, 2);
      else assert.deepEqual(found, FIRST);
    }
  });

  it('does not take a change that is damaged, nor what comes behind it', async (t) => {
    const { path, journal, read, problems } = await world(t);
    await journal.write(FIRST);
    for (const revision of [2, 3, 4]) await journal.add(change(revision, [object('c', revision)]));
    const text = await readFile(`${path}.journal`, 'utf8');
    await writeFile(`${path}.journal`, text.replace('"made":3', '"made":7'));
    assert.equal((await read())?.revision, 2);
    await appendFile(`${path}.journal`, 'nonsense\n');
    assert.equal((await read())?.revision, 2);
    assert.deepEqual(problems, [`${path}.journal`, `${path}.journal`]);
  });

  it('has nothing of another gateway that writes to the same directory by mistake', async (t) => {
    const { path, journal, read } = await world(t);
    const other = new StateJournal(path);
    await journal.write(FIRST);
    const theirs = state(5, [object('z', 5)]);
    await other.write(theirs);
    await journal.add(change(2, [object('c', 2)], [key('k1')]));
    assert.deepEqual(await read(), theirs);
    await assert.rejects(other.add(change(6, [])), /has another gateway the same directory/);
    assert.equal(other.isFull, true);
    await other.write(theirs);
    await other.add(change(6, [object('y', 6)]));
    assert.deepEqual(await read(), state(6, [object('z', 5), object('y', 6)]));
  });

  it('is written whole when the journal is gone', async (t) => {
    const { path, journal } = await world(t);
    await journal.write(FIRST);
    await rm(`${path}.journal`);
    await assert.rejects(journal.add(change(2, [object('c', 2)])));
    assert.equal(journal.isFull, true);
  });

  it('is whole after a crash at every step of writing it anew', async (t) => {
    const { path, journal, read } = await world(t);
    await journal.write(FIRST);
    await journal.add(change(2, [object('c', 2)]));
    await copyFile(`${path}.journal`, `${path}.kept`);
    const older = await read();
    // The old one is out of the way, and the new one is not there yet.
    await rename(path, `${path}.1`);
    assert.deepEqual(await read(), older);
    await rename(`${path}.1`, path);
    // The new one is there, and the journal still is that of the old one.
    const newer = state(3, [object('d', 3)]);
    await journal.write(newer);
    await rename(`${path}.kept`, `${path}.journal`);
    assert.deepEqual(await read(), newer);
    // The journal was emptied, and does not say yet what it goes on from.
    await truncate(`${path}.journal`, 0);
    assert.deepEqual(await read(), newer);
  });

  it('is the one before when the newest is damaged', async (t) => {
    const { path, journal, read, problems } = await world(t);
    await journal.write(FIRST);
    await journal.write(state(2, [object('c', 2)]));
    await journal.add(change(3, [object('d', 3)]));
    await truncate(path, 100);
    assert.deepEqual(await read(), FIRST);
    assert.deepEqual(problems, [path]);
  });

  it('is written whole once its changes are worth that, or one could not be written', async (t) => {
    const { path, journal } = await world(t);
    assert.equal(journal.isFull, true);
    await journal.write(FIRST);
    assert.equal(journal.isFull, false);
    await journal.add(change(2, [{ ...object('c', 2), document: { text: 'x'.repeat(2 ** 21) } }]));
    assert.equal(journal.isFull, true);
    await journal.write(FIRST);
    await rm(join(path, '..'), { recursive: true });
    await assert.rejects(journal.add(change(2, [])));
    assert.equal(journal.isFull, true);
    await journal.write(FIRST);
  });
});
