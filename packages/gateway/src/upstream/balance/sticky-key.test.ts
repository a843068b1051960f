import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { keptStickyKey, newStickyKey, STICKY_KEY_FILE } from './sticky-key.ts';

async function emptyDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-sticky-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

describe('the key of sticky cookies', () => {
  it('is made once and kept, for the eyes of its owner only', async (t) => {
    const directory = join(await emptyDirectory(t), 'state');
    const key = await keptStickyKey(directory);
    assert.equal(Buffer.from(key, 'base64url').length, 32);
    assert.equal(await keptStickyKey(directory), key);
    assert.deepEqual(await readdir(directory), [STICKY_KEY_FILE]);
    assert.equal((await stat(join(directory, STICKY_KEY_FILE))).mode & 0o777, 0o600);
  });

  it('is the same for all that begin at once', async (t) => {
    const directory = await emptyDirectory(t);
    const keys = await Promise.all(Array.from({ length: 10 }, () => keptStickyKey(directory)));
    assert.equal(new Set(keys).size, 1);
    assert.deepEqual(await readdir(directory), [STICKY_KEY_FILE]);
  });

  it('differs from place to place', async (t) => {
    const keys = [await keptStickyKey(await emptyDirectory(t)), await keptStickyKey(await emptyDirectory(t))];
    assert.equal(new Set([...keys, newStickyKey(), newStickyKey()]).size, 4);
  });

  for (const text of ['', 'short\n', `${'a'.repeat(44)}\n`, `${'a'.repeat(42)}!\n`]) {
    it(`is refused when the file holds ${JSON.stringify(text.slice(0, 8))}, and the file stays`, async (t) => {
      const directory = await emptyDirectory(t);
      await writeFile(join(directory, STICKY_KEY_FILE), text);
      await assert.rejects(keptStickyKey(directory), /holds no key/);
      assert.equal((await stat(join(directory, STICKY_KEY_FILE))).size, text.length);
    });
  }
});
