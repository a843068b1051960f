import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { CacheArea } from './area.ts';
import { CacheDesk } from './cache-desk.ts';
import { assertConsistent } from './consistency-testing.ts';
import type { MovedEntry } from './moved-entry.ts';
import { begun, bodyOf, bytesOf, found, rig, SEATS, store, type Rig } from './shared-cache-testing.ts';
import { SharedCache } from './shared-cache.ts';

const MOST_BODY_BYTES = 1024 * 1024;

function takeAll({ desk }: Pick<Rig, 'desk'>, mostBytes = Infinity): MovedEntry[] {
  const taken = desk.takeOut.numbers(mostBytes).map((n) => desk.takeOut.take(n, MOST_BODY_BYTES));
  return taken.filter((entry) => entry !== null);
}

/** The memory of the next process. */
function next({ desk }: Rig, bytes: number) {
  const clock = manualClock();
  const buffer = CacheArea.allocate(bytes, SEATS, desk.hashKey);
  const wheel = new TimingWheel(() => clock.now());
  const cache = new SharedCache<string>(buffer, { seat: 0, decodeHead: (head) => head, clock, wheel });
  return { buffer, cache, desk: new CacheDesk(buffer, clock) };
}

describe('entries that are taken out of a memory', () => {
  for (const bytes of [512 * 1024, 1024 * 1024, 16 * 1024 * 1024]) {
    it(`are the same in one of ${bytes / 1024} KiB, and purges of their tags reach them`, () => {
      const before = rig(1024 * 1024);
      store(before.a, 'small', bytesOf(300, 1), 'red');
      // What is large is taken when it comes for the second time.
      for (let i = 0; i < 2; i++) store(before.a, 'large', bytesOf(100_000, 2), 'red', 'blue');
      store(before.a, 'empty', bytesOf(0), 'green');
      const after = next(before, bytes);
      for (const entry of takeAll(before)) assert.ok(after.desk.putIn.put(entry), entry.key);
      assert.deepEqual(bodyOf(found(after.cache, 'small')), bytesOf(300, 1));
      const large = found(after.cache, 'large');
      assert.deepEqual(bodyOf(large), bytesOf(100_000, 2));
      large.release();
      assert.equal(found(after.cache, 'small').head, 'head of small');
      after.desk.purge(['blue'], 'hard');
      assert.equal(after.cache.find('large'), null);
      after.desk.purge(['red'], 'soft');
      assert.ok(found(after.cache, 'small').isSoftPurged);
      assert.ok(!found(after.cache, 'empty').isSoftPurged);
      assertConsistent(before.buffer);
      assertConsistent(after.buffer);
    });
  }

  it('are those that were found most often, when not all may come', () => {
    const before = rig();
    for (const key of ['a', 'b', 'c']) store(before.a, key, bytesOf(4000));
    for (let i = 0; i < 5; i++) found(before.a, 'b');
    found(before.a, 'c');
    assert.deepEqual(
      takeAll(before).map(({ key, hits }) => [key, hits]),
      [
        ['b', 5],
        ['c', 1],
        ['a', 0],
      ],
    );
    assert.deepEqual(
      takeAll(before, 9500).map(({ key }) => key),
      ['b', 'c'],
    );
  });

  it('are not those that were purged, are being filled, or are too long', () => {
    const before = rig();
    store(before.a, 'gone', bytesOf(100), 'red');
    store(before.a, 'doubted', bytesOf(100), 'blue');
    before.desk.purge(['red'], 'hard');
    before.desk.purge(['blue'], 'soft');
    begun(before.a, 'filling');
    store(before.a, 'long', bytesOf(5000));
    const taken = before.desk.takeOut.numbers(Infinity).map((n) => before.desk.takeOut.take(n, 4999));
    assert.deepEqual(
      taken.filter((entry) => entry !== null).map(({ key, isSoftPurged }) => [key, isSoftPurged]),
      [['doubted', true]],
    );
  });

  it('can be evicted, and everything else, while they are read', () => {
    const before = rig();
    store(before.a, 'a', bytesOf(100));
    const [number = 0] = before.desk.takeOut.numbers(Infinity);
    before.a.remove('a');
    assert.equal(before.desk.takeOut.take(number, MOST_BODY_BYTES), null);
    assertConsistent(before.buffer);
  });
});

describe('entries that are put into a memory', () => {
  it('do not take the place of what is there, or is coming', () => {
    const before = rig();
    for (const key of ['there', 'coming']) store(before.a, key, bytesOf(100, 1));
    const after = next(before, 1024 * 1024);
    store(after.cache, 'there', bytesOf(100, 2));
    const fill = begun(after.cache, 'coming');
    assert.deepEqual(
      takeAll(before).map((entry) => after.desk.putIn.put(entry)),
      [false, false],
    );
    fill.abandon();
    assert.deepEqual(bodyOf(found(after.cache, 'there')), bytesOf(100, 2));
    assert.equal(after.cache.find('coming'), null);
  });

  it('are never found when they were purged before they were there', () => {
    const before = rig();
    store(before.a, 'old', bytesOf(100), 'red');
    const after = next(before, 1024 * 1024);
    after.desk.purge(['red'], 'hard');
    for (const entry of takeAll(before)) after.desk.putIn.put(entry);
    assert.equal(after.cache.find('old'), null);
    assert.equal(assertConsistent(after.buffer).stored, 0);
  });

  it('have nothing go to make room', () => {
    const before = rig(4 * 1024 * 1024);
    for (let i = 0; i < 300; i++) store(before.a, `k${i}`, bytesOf(8000, i));
    const after = next(before, 512 * 1024);
    const put = takeAll(before).filter((entry) => after.desk.putIn.put(entry));
    assert.ok(put.length > 10 && put.length < 60, `${put.length} fitted`);
    assert.equal(after.desk.readings.evictions, 0);
    for (const { key } of put) assert.ok(after.desk.entry(key), key);
    assertConsistent(after.buffer);
  });
});
