import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { plainSource, readConfig } from '@turnpike/config';
import type { Log } from '../core/ports.ts';
import { LastGood } from './last-good.ts';
import type { SavedConfig } from './snapshot-file.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-state-'));
after(() => rm(root, { recursive: true }));

let directories = 0;

function store(directory = join(root, String(++directories), 'state')) {
  const warnings: string[] = [];
  const log: Log = { debug() {}, info() {}, error() {}, warn: (message) => warnings.push(message) };
  const file = (age: number) => join(directory, age === 0 ? 'last-good.json' : `last-good.${age}.json`);
  return { lastGood: new LastGood(directory, log), directory, warnings, file };
}

/** A configuration that says its revision. */
function snapshot(revision: number): SavedConfig {
  const { config } = readConfig([
    plainSource('test.yaml', {
      listeners: { web: { address: '127.0.0.1:0' } },
      routes: { ping: { match: { path: '/ping' }, respond: { status: 200, body: `revision ${revision}` } } },
    }),
  ]);
  if (config === null) throw new Error('not valid');
  return { revision, savedAt: '2026-01-02T03:04:05.678Z', sources: ['/etc/gateway.yaml'], config };
}

describe('the last known good', () => {
  it('is found as it was saved', async () => {
    const { lastGood, file } = store();
    assert.equal(await lastGood.find(), null);
    await lastGood.save(snapshot(7));
    assert.deepEqual(await lastGood.find(), { path: file(0), saved: snapshot(7) });
  });

  it('is for the eyes of its owner', async () => {
    const { lastGood, directory, file } = store();
    await lastGood.save(snapshot(1));
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    assert.equal((await stat(file(0))).mode & 0o777, 0o600);
  });

  it('is followed by the five before it, and nothing else is left behind', async () => {
    const { lastGood, directory } = store();
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((revision) => lastGood.save(snapshot(revision))));
    const saved = await Promise.all(
      (await readdir(directory)).toSorted().map(async (name) => {
        const { revision } = JSON.parse(await readFile(join(directory, name), 'utf8'));
        return [name, revision];
      }),
    );
    assert.deepEqual(Object.fromEntries(saved), {
      'last-good.json': 8,
      'last-good.1.json': 7,
      'last-good.2.json': 6,
      'last-good.3.json': 5,
      'last-good.4.json': 4,
      'last-good.5.json': 3,
    });
  });

  it('is not saved again when it is the same, so that restarts push nothing out', async () => {
    const { lastGood, directory } = store();
    await lastGood.save(snapshot(1));
    await lastGood.save(snapshot(1));
    await store(directory).lastGood.save({ ...snapshot(1), revision: 5, savedAt: 'later' });
    assert.deepEqual(await readdir(directory), ['last-good.json']);
  });
});

describe('a damaged snapshot', () => {
  const damages: readonly [string, (path: string) => Promise<void>][] = [
    ['is empty', (path) => truncate(path, 0)],
    ['lacks its end', async (path) => truncate(path, (await stat(path)).size - 100)],
    [
      'has another letter in it',
      async (path) => edit(path, (text) => text.replace('revision 2', 'revision 3')),
    ],
    ['has another format', async (path) => edit(path, (text) => text.replace(/"format":\d+/, '"format":99'))],
    ['is null', (path) => writeFile(path, 'null')],
    ['is something else', (path) => writeFile(path, '{"format":2}')],
  ];
  for (const [name, damage] of damages) {
    it(`that ${name} is passed over for the one before, with a warning`, async () => {
      const { lastGood, warnings, file } = store();
      await lastGood.save(snapshot(1));
      await lastGood.save(snapshot(2));
      await damage(file(0));
      assert.deepEqual(await lastGood.find(), { path: file(1), saved: snapshot(1) });
      assert.equal(warnings.length, 1);
    });
  }

  it('is replaced by the next that is saved', async () => {
    const { lastGood, directory, file } = store();
    await lastGood.save(snapshot(1));
    await truncate(file(0), 10);
    const next = store(directory).lastGood;
    await next.save(snapshot(1));
    assert.deepEqual((await next.find())?.path, file(0));
  });

  it('leaves nothing when all are', async () => {
    const { lastGood, file } = store();
    await lastGood.save(snapshot(1));
    await truncate(file(0), 10);
    assert.equal(await lastGood.find(), null);
  });
});

describe('a state directory that cannot be had', () => {
  it('is a warning, once, and never more', async () => {
    const { directory } = store();
    const blocked = join(directory, '..', 'file');
    await store(join(directory, '..')).lastGood.save(snapshot(1));
    await writeFile(blocked, '');
    const { lastGood, warnings } = store(join(blocked, 'state'));
    await lastGood.save(snapshot(1));
    await lastGood.save(snapshot(2));
    assert.equal(warnings.length, 1);
    assert.equal(await lastGood.find(), null);
  });
});

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}
