import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { hearLog } from './threads-testing.ts';
import { watchFiles } from './watch-files.ts';
import { watchPoints } from './watch-points.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-watch-'));
after(() => rm(root, { recursive: true }));

let directories = 0;

async function newDirectory(): Promise<string> {
  const path = join(root, String(++directories));
  await mkdir(path);
  return path;
}

/** Replaces a file as careful programs do. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.tmp`, text);
  await rename(`${path}.tmp`, path);
}

/** A directory as Kubernetes mounts a ConfigMap: `gateway.yaml` → `..data/gateway.yaml`, `..data` → `..1`. */
async function mountConfigMap(directory: string): Promise<(text: string) => Promise<void>> {
  let version = 0;
  const put = async (text: string): Promise<void> => {
    const name = `..${++version}`;
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, 'gateway.yaml'), text);
    await symlink(name, join(directory, '..data_tmp'));
    await rename(join(directory, '..data_tmp'), join(directory, '..data'));
    if (version > 1) await rm(join(directory, `..${version - 1}`), { recursive: true });
  };
  await put('first');
  await symlink('..data/gateway.yaml', join(directory, 'gateway.yaml'));
  return put;
}

/** Watches paths; `changed` resolves with the number of changes that were told so far, after one that follows. */
async function watching(
  paths: readonly string[],
  use: (watch: {
    update: (paths: readonly string[]) => Promise<boolean>;
    changed: () => Promise<number>;
  }) => Promise<void>,
): Promise<void> {
  let changes = 0;
  const arrivals = new EventEmitter();
  const watch = watchFiles(() => {
    changes++;
    arrivals.emit('change');
  }, hearLog());
  try {
    await watch.update(paths);
    const changed = async () => {
      await once(arrivals, 'change');
      return changes;
    };
    await use({ update: (now) => watch.update(now), changed });
  } finally {
    await watch.close();
  }
}

describe('watching files', () => {
  it('tells of each write and each replacement by renaming', async () => {
    const file = join(await newDirectory(), 'gateway.yaml');
    await writeFile(file, '0');
    await watching([file], async ({ changed }) => {
      for (const [index, write] of [writeFile, replace, replace, writeFile, replace].entries()) {
        const change = changed();
        await write(file, `version ${index}`);
        assert.equal(await change, index + 1);
      }
    });
  });

  it('says nothing of a touch, or of a replacement by the same', async () => {
    const file = join(await newDirectory(), 'gateway.yaml');
    await writeFile(file, '0');
    await watching([file], async ({ changed }) => {
      const change = changed();
      await utimes(file, new Date(), new Date());
      await replace(file, '0');
      await writeFile(file, '1');
      assert.equal(await change, 1);
    });
  });

  it('tells of several writes in a row once', async () => {
    const directory = await newDirectory();
    const files = ['a', 'b', 'c'].map((name) => join(directory, name));
    for (const file of files) await writeFile(file, '0');
    await watching(files, async ({ changed }) => {
      const change = changed();
      await Promise.all(files.map((file) => writeFile(file, '1')));
      assert.equal(await change, 1);
    });
  });

  it('sees the swap of ..data in a ConfigMap, again and again', async () => {
    const directory = await newDirectory();
    const put = await mountConfigMap(directory);
    await watching([join(directory, 'gateway.yaml')], async ({ changed }) => {
      for (const version of [1, 2, 3]) {
        const change = changed();
        await put(`version ${version}`);
        assert.equal(await change, version);
      }
    });
  });

  it('sees files that come and go in a directory', async () => {
    const directory = await newDirectory();
    await watching([directory], async ({ changed }) => {
      let change = changed();
      await writeFile(join(directory, 'a.yaml'), '1');
      await change;
      change = changed();
      await unlink(join(directory, 'a.yaml'));
      await change;
    });
  });

  it('sees a file that was missing with its directory, and one whose directory was made anew', async () => {
    const directory = join(await newDirectory(), 'a', 'b');
    const file = join(directory, 'gateway.yaml');
    await watching([file], async ({ changed }) => {
      for (const round of [1, 2]) {
        let change = changed();
        await mkdir(directory, { recursive: true });
        await writeFile(file, String(round));
        await change;
        change = changed();
        await rm(join(directory, '..'), { recursive: true });
        await change;
      }
    });
  });

  it('tells whether it was given new paths, and leaves the old alone', async () => {
    const directory = await newDirectory();
    const [old, fresh] = [join(directory, 'old'), join(directory, 'fresh')];
    await writeFile(old, '0');
    await writeFile(fresh, '0');
    await watching([old], async ({ update, changed }) => {
      assert.equal(await update([old]), false);
      assert.equal(await update([old, fresh]), true);
      let change = changed();
      await writeFile(fresh, '1');
      assert.equal(await change, 1);
      assert.equal(await update([fresh]), false);
      change = changed();
      await writeFile(old, '1');
      await writeFile(fresh, '2');
      assert.equal(await change, 2);
    });
  });
});

describe('watch points', () => {
  it('are every link on the way to a file, and the file', async () => {
    const directory = await newDirectory();
    await mountConfigMap(directory);
    const points = await watchPoints([join(directory, 'gateway.yaml')]);
    const own = [...points].filter((path) => path.startsWith(directory));
    assert.deepEqual(own.toSorted(), [
      join(directory, '..1', 'gateway.yaml'),
      join(directory, '..data'),
      join(directory, 'gateway.yaml'),
    ]);
  });

  it('end, even where links go round in a circle', async () => {
    const directory = await newDirectory();
    await symlink('b', join(directory, 'a'));
    await symlink('a', join(directory, 'b'));
    const points = await watchPoints([join(directory, 'a', 'gateway.yaml')]);
    assert.ok(points.has(join(directory, 'a')));
    assert.ok(points.has(join(directory, 'b')));
  });
});
