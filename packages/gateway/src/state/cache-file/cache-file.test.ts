import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { after, describe, it } from 'node:test';
import { random } from '../../core/random.ts';
import { ABOUT, entriesOf, readAll, write } from './cache-file-testing.ts';
import { PREAMBLE_BYTES } from './layout.ts';
import { openCacheFile, UnreadableCacheFile } from './read-cache-file.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-cache-file-'));
after(() => rm(root, { recursive: true }));

let files = 0;
const freshPath = (): string => join(root, String(++files), 'cache');

/** Reads damaged bytes: a refusal counts as nothing. */
async function survivorsOf(path: string, bytes: Buffer) {
  await writeFile(path, bytes, { mode: 0o600 });
  try {
    return (await readAll(path)).entries;
  } catch (error) {
    assert.ok(error instanceof UnreadableCacheFile, String(error));
    return [];
  }
}

describe('a file of the cache', () => {
  it('is read as it was written, by pieces or at once', async () => {
    for (const entries of [[], entriesOf(3), entriesOf(40, 100_000)]) {
      const path = freshPath();
      const bytes = await write(path, entries);
      assert.equal((await stat(path)).size, bytes);
      assert.deepEqual(await readAll(path), { about: ABOUT, wasInOrder: true, entries, problem: null });
    }
  });

  it('is for the eyes of its owner, and has nothing beside it', async () => {
    const path = freshPath();
    await write(path, entriesOf(3));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(path, '..')), ['cache']);
  });

  it('is in order once only: who reads it is going to change things', async () => {
    const path = freshPath();
    await write(path, []);
    assert.ok((await readAll(path)).wasInOrder);
    assert.ok(!(await readAll(path)).wasInOrder);
    await write(path, [], 'in-use');
    assert.ok(!(await readAll(path)).wasInOrder);
  });

  it('stays as it was when a new one cannot be finished', async () => {
    const path = freshPath();
    await write(path, entriesOf(2));
    function* broken() {
      yield* entriesOf(1);
      throw new Error('no more');
    }
    await assert.rejects(write(path, broken()), /no more/);
    assert.deepEqual((await readAll(path)).entries, entriesOf(2));
    assert.deepEqual(await readdir(join(path, '..')), ['cache']);
  });

  it('is refused when others could have written it, or when it is a link', async () => {
    const path = freshPath();
    await write(path, entriesOf(2));
    await symlink(path, `${path}.link`);
    await assert.rejects(openCacheFile(`${path}.link`), { code: 'ELOOP' });
    await chmod(path, 0o620);
    await assert.rejects(openCacheFile(path), UnreadableCacheFile);
  });

  it('is refused when it is something else', async () => {
    const path = freshPath();
    await write(path, entriesOf(1));
    const whole = await readFile(path);
    const other = Buffer.from(whole);
    other.write('2', 15, 'latin1');
    for (const bytes of [Buffer.alloc(0), Buffer.from('{}'), Buffer.alloc(5000), other])
      assert.deepEqual(await survivorsOf(path, bytes), []);
  });
});

describe('a damaged file of the cache', () => {
  it('has what comes before its end, wherever it was cut off', async () => {
    const path = freshPath();
    const entries = entriesOf(4);
    await write(path, entries);
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length++) {
      const survivors = await survivorsOf(path, whole.subarray(0, length));
      assert.deepEqual(survivors, entries.slice(0, survivors.length), `cut at ${length}`);
    }
  });

  it('gives nothing that was not written, whatever byte is another one', async () => {
    const path = freshPath();
    const entries = entriesOf(4);
    await write(path, entries);
    const whole = await readFile(path);
    const { unit } = random(7);
    for (let at = PREAMBLE_BYTES; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(unit() * 255));
      const survivors = await survivorsOf(path, bytes);
      assert.deepEqual(survivors, entries.slice(0, survivors.length), `byte ${at}`);
      assert.ok(survivors.length < entries.length || at >= whole.length - 8, `byte ${at} was not noticed`);
    }
  });

  it('gives nothing that was not written, whatever stands in its middle', async () => {
    const path = freshPath();
    const entries = entriesOf(6, 300);
    await write(path, entries);
    const [whole, { unit }] = [await readFile(path), random(8)];
    for (let round = 0; round < 300; round++) {
      const [from, to] = [unit(), unit()]
        .map((part) => Math.floor(part * whole.length))
        .toSorted((a, b) => a - b);
      const bytes = Buffer.from(whole);
      for (let at = from ?? 0; at < (to ?? 0); at++) bytes[at] = Math.floor(unit() * 256);
      const survivors = await survivorsOf(path, bytes);
      assert.deepEqual(survivors, entries.slice(0, survivors.length));
    }
  });

  it('does not take what is left of another file for its own', async () => {
    const [one, other] = [freshPath(), freshPath()];
    await write(one, entriesOf(2));
    await write(other, entriesOf(4));
    const [short, long] = [await readFile(one), await readFile(other)];
    // The end of the longer one, as a file system may leave it.
    const mixed = Buffer.concat([short.subarray(0, short.length - 8), long.subarray(short.length - 8)]);
    assert.deepEqual(await survivorsOf(one, mixed), entriesOf(2));
  });
});

describe('a process that is killed while it writes', () => {
  it('leaves the file before or the new one, whole, and no second one that grows', async () => {
    const path = freshPath();
    const program = fileURLToPath(new URL('endless-writer-testing.ts', import.meta.url));
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      // Anywhere within a write.
      await passed(round * 3);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const { entries, problem } = await readAll(path);
      assert.equal(problem, null);
      assert.equal(entries.length, 60);
      assert.ok((await readdir(join(path, '..'))).every((name) => ['cache', 'cache.new'].includes(name)));
    }
  });
});
