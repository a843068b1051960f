import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { KEY_FILE, keptKey } from './kept-key.ts';
import { UnusableKey } from './signing-key.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-key-'));
after(() => rm(root, { recursive: true }));

let directories = 0;
const newDirectory = () => join(root, String(++directories), 'state');

describe('the key of the state directory', () => {
  it('is made once and stays the same', async () => {
    const directory = newDirectory();
    const key = await keptKey(directory);
    assert.deepEqual(await keptKey(directory), key);
    assert.deepEqual(await readdir(directory), [KEY_FILE]);
  });

  it('is for the eyes of its owner', async () => {
    const directory = newDirectory();
    await keptKey(directory);
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    assert.equal((await stat(join(directory, KEY_FILE))).mode & 0o777, 0o600);
  });

  it('is one for all who begin at the same moment', async () => {
    const directory = newDirectory();
    const keys = await Promise.all(Array.from({ length: 8 }, () => keptKey(directory)));
    assert.equal(new Set(keys.map(({ kid }) => kid)).size, 1);
    assert.deepEqual(await readdir(directory), [KEY_FILE]);
  });

  for (const text of ['', '{', 'null', '{"kty":"EC"}']) {
    it(`is left alone when it is damaged: ${JSON.stringify(text)}`, async () => {
      const directory = newDirectory();
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, KEY_FILE), text);
      await assert.rejects(keptKey(directory), UnusableKey);
      assert.equal(await readFile(join(directory, KEY_FILE), 'utf8'), text);
    });
  }
});
