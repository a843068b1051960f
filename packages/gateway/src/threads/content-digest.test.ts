import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { contentDigests } from './content-digest.ts';

describe('digests of contents', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'turnpike-digest-'));
  });
  after(() => rm(root, { recursive: true }));

  it('are those of the bytes, and do not wait for who might write into a pipe', async () => {
    const [one, twin, other, pipe] = ['one', 'twin', 'other', 'pipe'].map((name) => join(root, name));
    assert.ok(one && twin && other && pipe);
    await writeFile(one, 'a');
    await writeFile(twin, 'a');
    await writeFile(other, 'b');
    execFileSync('mkfifo', [pipe]);
    const digests = await contentDigests([one, twin, other, pipe]);
    assert.equal(digests.get(one), digests.get(twin));
    assert.notEqual(digests.get(one), digests.get(other));
    assert.equal(digests.size, 4);
  });
});
