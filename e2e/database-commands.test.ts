// The commands that look after the database, through the program.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openStore } from '../packages/control/src/db/open-store.ts';
import { openSealer } from '../packages/control/src/db/open-sealer.ts';
import { commit, routes, settingsOf } from '../packages/control/src/db/store-testing.ts';
import { directoryWith, turnpike } from './cli-program.ts';

const ONE = 'one-one-one-one-one-one-one-one-one';
const TWO = 'two-two-two-two-two-two-two-two-two';
const PLACE = { kind: 'routes', name: 'a', pointer: '/token' } as const;

function config(database: string, keys: readonly string[]): string {
  return JSON.stringify({ stores: { database: { url: `sqlite:./${database}.db`, encryption: { keys } } } });
}

describe('the commands of the database', () => {
  it('make it, back it up, put it back, and change its keys', async (context) => {
    const cwd = directoryWith(context, {
      'gateway.json': config('first', [ONE]),
      'rotated.json': config('second', [TWO, ONE]),
      'new.json': config('second', [TWO]),
      'none.json': '{}',
      'broken.json': config('second', ['short']),
    });
    const run = async (...args: string[]) => turnpike(args, { cwd });

    const made = await run('migrate');
    assert.deepEqual([made.code, made.out], [0, '2 steps: 0001-first, 0002-shared\n']);
    assert.equal((await run('migrate')).out, 'The schema is the newest\n');

    const url = `sqlite:${join(cwd, 'first.db')}`;
    const store = openStore(settingsOf(url));
    const token = openSealer({ url, keys: [ONE] }).seal('geheim', PLACE);
    await commit(store, routes({ a: { token } }));
    await store.close();

    const written = await run('backup', 'a.jsonl', '--json');
    const { revision, rows } = JSON.parse(written.out) as Record<string, number>;
    assert.deepEqual([written.code, revision, Number(rows) > 1], [0, 1, true]);
    assert.doesNotMatch(readFileSync(join(cwd, 'a.jsonl'), 'utf8'), /geheim/);
    const again = await run('backup', 'a.jsonl');
    assert.equal(again.code, 1);
    assert.match(again.err, /there is no backup: .*EEXIST/);

    assert.equal((await run('restore', 'a.jsonl', '--config', 'rotated.json')).code, 0);
    const full = await run('restore', 'a.jsonl', '--config', 'rotated.json');
    assert.equal(full.code, 1);
    assert.match(full.err, /nothing was restored: the database is not empty/);
    assert.equal((await run('restore', 'a.jsonl', '--force', '--config', 'rotated.json')).code, 0);
    assert.equal((await run('restore', 'no-such.jsonl', '--force', '--config', 'rotated.json')).code, 1);
    assert.equal((await run('restore', 'gateway.json', '--force', '--config', 'rotated.json')).code, 1);

    assert.equal((await run('secrets', 'rotate', '--config', 'new.json')).code, 1);
    assert.equal(
      (await run('secrets', 'rotate', '--config', 'rotated.json')).out,
      '1 secret encrypted anew\n',
    );
    assert.match((await run('secrets', 'rotate', '--config', 'new.json')).out, /^All are encrypted/);
    assert.equal((await run('secrets', 'spin', '--config', 'new.json')).code, 2);
    const second = `sqlite:${join(cwd, 'second.db')}`;
    const restored = openStore(settingsOf(second));
    const found = await restored.objects.find({ kind: 'routes', name: 'a' });
    await restored.close();
    const sealed = String(found?.document['token']);
    assert.equal(openSealer({ url: second, keys: [TWO] }).open(sealed, PLACE), 'geheim');

    const none = await run('migrate', '--config', 'none.json');
    assert.deepEqual([none.code, /no stores\.database/.test(none.err)], [1, true]);
    assert.equal((await run('migrate', '--config', 'broken.json')).code, 3);
    assert.ok(!existsSync(join(cwd, 'second.db.key')));
  });
});
