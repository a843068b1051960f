import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { CacheArea } from './area.ts';
import { CacheTable } from './cache-table.ts';
import { assertConsistent } from './consistency-testing.ts';
import { FillSteps } from './fill-steps.ts';
import { WORD } from './header-words.ts';
import {
  begun,
  bodyOf,
  bytesOf,
  collect,
  found,
  ongoing,
  planOf,
  rig,
  SEATS,
  store,
} from './shared-cache-testing.ts';
import { SharedCache } from './shared-cache.ts';

describe('CacheDesk', () => {
  it('tells what is in memory, and what became of it', () => {
    const { a, desk } = rig();
    for (let i = 0; i < 5; i++) store(a, `k${i}`, bytesOf(1000), 'red');
    desk.purge(['red'], 'soft');
    const { capacityBytes, usedBytes, ...rest } = desk.readings;
    assert.deepEqual(rest, { entries: 5, evictions: 0, insertions: 5, rejections: 0, purges: 1 });
    assert.equal(usedBytes, 5 * 3 * 512);
    assert.ok(capacityBytes > 0.8 * 1024 * 1024);
  });

  it('lists all entries by pages, and finds one by its key', () => {
    const { a, desk, clock } = rig();
    for (let i = 0; i < 25; i++) store(a, `k${i}`, bytesOf(i), 'red');
    found(a, 'k7');
    const keys: string[] = [];
    for (let next: number | null = 0; next !== null;) {
      const page = desk.page(next, 10);
      keys.push(...page.entries.map(({ key }) => key));
      next = page.next;
    }
    assert.deepEqual(keys.sort(), Array.from({ length: 25 }, (_, i) => `k${i}`).sort());
    const { version, ...seven } = desk.entry('k7') ?? assert.fail();
    assert.equal(version, found(a, 'k7').version);
    const storedAtMs = Math.floor(clock.epoch() / 1000) * 1000;
    assert.deepEqual(seven, {
      key: 'k7',
      head: 'head of k7',
      length: 7,
      usedBytes: 1024,
      hits: 1,
      storedAtMs,
      isSoftPurged: false,
    });
    desk.remove('k7');
    assert.equal(desk.entry('k7'), null);
    assert.equal(a.find('k7'), null);
  });

  it('gives up what a thread filled that is gone, and lets go of what it read', async () => {
    const { a, b, desk, buffer } = rig(16 * 1024 * 1024);
    store(a, 'large', bytesOf(50_000));
    found(a, 'large');
    begun(a, 'unopened');
    begun(a, 'open').open(planOf('head', 1000));
    const reader = found(b, 'open');
    const followed = collect(reader.body(0, 1000));
    const waits = ongoing(b, 'unopened').settled(1000);
    desk.remove('large');
    desk.forget(0);
    await waits;
    assert.notEqual(await followed.ended, 'end');
    reader.release();
    assert.deepEqual(assertConsistent(buffer), { stored: 0, fills: 0, held: 0, usedBlocks: 0 });
  });

  it('need not be asked: a thread that opens the memory with that number forgets what was there before', () => {
    const { buffer, clock, wheel } = rig(16 * 1024 * 1024);
    const dead = new CacheTable(new CacheArea(buffer), { seat: 2, clock, wheel: null });
    assert.notEqual(dead.run(new FillSteps(dead).begin, { key: 'filled', since: 0n }), 0);
    const cache = new SharedCache<string>(buffer, { seat: 2, decodeHead: (head) => head, clock, wheel });
    assert.equal(cache.find('filled'), null);
    assert.equal(assertConsistent(buffer).fills, 0);
  });

  it('empties a memory whose lock was held by a thread that is gone; others go without meanwhile', () => {
    const { a, b, desk, buffer, clock } = rig(16 * 1024 * 1024);
    store(a, 'small', bytesOf(100));
    store(a, 'large', bytesOf(50_000));
    const [small, large] = [found(b, 'small'), found(b, 'large')];
    const growing = begun(b, 'growing');
    growing.open(planOf('head', 60_000));
    growing.write(bytesOf(30_000));

    const dead = new CacheTable(new CacheArea(buffer), {
      seat: SEATS - 1,
      clock: manualClock(),
      wheel: null,
    });
    Atomics.store(dead.area.words, WORD.LOCK, (7 << 10) | SEATS);
    dead.runs.takeChain(10);
    dead.eviction.main.add(dead.takeEntry());

    assert.equal(found(b, 'small'), small, 'what is remembered needs no lock');
    assert.equal(a.find('large'), null);
    assert.equal(a.begin('other'), null);
    large.release();
    assert.ok(bodyOf(found(b, 'small')).equals(bytesOf(100)));

    desk.forget(SEATS - 1);
    assert.equal(b.find('small'), null);
    assert.equal(b.find('large'), null);
    assert.equal(desk.readings.entries, 0);
    assert.ok(growing.write(bytesOf(30_000)), 'who fills goes on, for those who read it already');
    growing.commit();
    assert.ok(store(a, 'small', bytesOf(10)));
    clock.advance(1);
    assert.deepEqual(assertConsistent(buffer), { stored: 1, fills: 0, held: 0, usedBlocks: 2 });
  });
});
