import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheArea } from './area.ts';
import { UseCounts } from './use-counts.ts';

describe('UseCounts', () => {
  it('tells how often a key was asked for, in all threads', () => {
    const buffer = CacheArea.allocate(1024 * 1024, 2);
    const [a, b] = [new UseCounts(new CacheArea(buffer)), new UseCounts(new CacheArea(buffer))];
    assert.deepEqual([a.seen('k'), b.seen('k'), a.seen('other'), a.seen('k')], [1, 2, 1, 3]);
  });

  it('is right about nearly all of as many keys as it has places', () => {
    const counts = new UseCounts(new CacheArea(CacheArea.allocate(1024 * 1024, 2)));
    let tooMuch = 0;
    for (let i = 0; i < 1024; i++) if (counts.seen(`k${i}`) > 1) tooMuch++;
    assert.ok(tooMuch < 120, `${tooMuch} were taken for others`);
  });

  it('halves its counts as time goes on', () => {
    const counts = new UseCounts(new CacheArea(CacheArea.allocate(1024 * 1024, 2)));
    for (let i = 0; i < 1000; i++) counts.seen('k');
    for (let i = 0; i < 4 * 8192; i++) counts.seen('busy');
    assert.ok(counts.seen('k') < 200);
  });
});
