import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FULL, KEPT, UNKNOWN_LENGTH } from '../../core/body.ts';
import { CollectedBody } from '../../core/body-testing.ts';
import { MOST_KEY_BYTES } from '../../core/cache-memory.ts';
import { assertConsistent } from './consistency-testing.ts';
import {
  begun,
  bodyOf,
  bytesOf,
  collect,
  found,
  ongoing,
  planOf,
  rig,
  store,
} from './shared-cache-testing.ts';

describe('what is stored', () => {
  it('is found by all threads, with its head and its bytes, and counts its hits', () => {
    const { a, b } = rig(16 * 1024 * 1024);
    for (const length of [0, 1, 511, 512, 513, 9000, 10_000]) {
      const [key, body] = [`of ${length}`, bytesOf(length)];
      assert.equal(a.find(key), null);
      assert.ok(store(a, key, body));
      for (const cache of [a, b, a]) {
        const response = found(cache, key);
        assert.equal(response.head, `head of ${key}`);
        assert.ok(bodyOf(response).equals(body));
        response.release();
      }
      assert.equal(found(b, key).hits, 4);
    }
  });

  it('has its head decoded once in each thread', () => {
    const { a, b, decoded } = rig();
    store(a, 'k', bytesOf(100));
    const heads = [a, a, b, b, a].map((cache) => found(cache, 'k').head);
    assert.equal(new Set(heads).size, 1);
    assert.equal(decoded.length, 2);
  });

  it('gives out parts of its body', () => {
    const { a } = rig(16 * 1024 * 1024);
    for (const length of [5000, 100_000]) {
      const body = bytesOf(length);
      store(a, `k${length}`, body);
      const response = found(a, `k${length}`);
      for (const [from, to] of [
        [0, 1],
        [10, 20],
        [511, 4097],
        [0, Infinity],
        [length - 1, length + 9],
      ] as const) {
        assert.ok(collect(response.body(from, to)).bytes.equals(body.subarray(from, to)));
      }
      assert.equal(response.body(length, length), null);
      response.release();
    }
  });

  it('gives out large bodies in place: views of the memory, in few pieces', () => {
    const { a, buffer } = rig(64 * 1024 * 1024);
    const body = bytesOf(150_000);
    store(a, 'k', body);
    const response = found(a, 'k');
    const { pieces, bytes } = collect(response.body(0, body.length));
    assert.ok(bytes.equals(body));
    assert.deepEqual(
      pieces.map(({ length }) => length),
      [65_536, 65_536, 18_928],
    );
    assert.ok(pieces.every((piece) => piece.buffer === (buffer as unknown)));
    response.release();
  });

  it('stays readable for those who hold it, after it was removed, and is gone when they let go', () => {
    const { a, b, desk, buffer } = rig(16 * 1024 * 1024);
    const body = bytesOf(100_000);
    store(a, 'k', body);
    const held = [found(a, 'k'), found(b, 'k'), found(b, 'k')];
    a.remove('k');
    assert.equal(b.find('k'), null);
    const used = desk.readings.usedBytes;
    for (const response of held) {
      store(a, 'other', bytesOf(100_000, 1));
      assert.ok(bodyOf(response).equals(body));
      assertConsistent(buffer);
    }
    a.remove('other');
    assert.equal(desk.readings.usedBytes, used);
    for (const response of held) response.release();
    assert.equal(desk.readings.usedBytes, 0);
  });

  it('is held as long as anybody reads it, though the thread opens the same memory again', () => {
    const { a, open } = rig(16 * 1024 * 1024);
    const again = open(0);
    const body = bytesOf(100_000);
    store(a, 'k', body);
    const [one, two] = [found(a, 'k'), found(again, 'k')];
    a.remove('k');
    one.release();
    for (let i = 0; i < 300; i++) store(a, `k${i}`, bytesOf(60_000, i));
    assert.ok(bodyOf(two).equals(body));
    two.release();
  });

  it('waits for a sink that has enough, and stops when nobody wants the rest', () => {
    const { a } = rig(64 * 1024 * 1024);
    const body = bytesOf(300_000);
    store(a, 'k', body);
    const response = found(a, 'k');
    const source = response.body(0, body.length);
    assert.ok(source !== null && typeof source !== 'string');
    const sink = new CollectedBody();
    sink.answer = FULL;
    source.readTo(sink);
    assert.equal(sink.pieces.length, 1);
    source.resume();
    assert.equal(sink.pieces.length, 2);
    source.cancel();
    source.resume();
    assert.equal(sink.pieces.length, 2);
    response.release();
  });

  it('is refused when it is too large, and at first when it is large', () => {
    const { a, desk } = rig(16 * 1024 * 1024);
    assert.equal(begun(a, 'k').open({ ...planOf('', 100), maxBytes: 99 }), false);
    const large = desk.readings.capacityBytes / 50;
    assert.equal(store(a, 'k', bytesOf(large)), false);
    assert.equal(store(a, 'k', bytesOf(large)), true);
    const tooLarge = desk.readings.capacityBytes * 0.6;
    for (let i = 0; i < 3; i++) assert.equal(begun(a, 'huge').open(planOf('', tooLarge)), false);
    assert.equal(desk.readings.rejections, 5);
    assert.equal(begun(a, 'k2').open(planOf('', 1, ...Array.from({ length: 321 }, (_, i) => `${i}`))), false);
    assert.equal(a.begin('k'.repeat(MOST_KEY_BYTES + 1)), null);
    assert.notEqual(a.begin('k'.repeat(MOST_KEY_BYTES)), null);
  });
});

describe('a fill', () => {
  it('is announced to all threads, and only one can begin it', async () => {
    const { a, b } = rig();
    const fill = begun(a, 'k');
    for (const cache of [a, b]) {
      assert.equal(cache.begin('k'), null);
      assert.equal(ongoing(cache, 'k').stored, null);
    }
    const settled = ongoing(b, 'k').settled(1000);
    fill.open(planOf('head', 3));
    await settled;
    assert.equal(found(b, 'k').head, 'head');
  });

  it('of known length is followed as it grows, by as many as like', async () => {
    const { a, b, buffer } = rig(16 * 1024 * 1024);
    const body = bytesOf(100_000);
    const fill = begun(a, 'k');
    assert.ok(fill.open(planOf('head', body.length)));
    const readers = [fill.share(), found(b, 'k'), found(b, 'k'), found(a, 'k')];
    const bodies = readers.map((reader) => collect(reader?.body(0, body.length) ?? null));
    for (let at = 0; at < body.length; at += 9000) {
      assert.ok(fill.write(body.subarray(at, at + 9000)));
      await new Promise(setImmediate);
    }
    const late = found(b, 'k');
    bodies.push(collect(late.body(50_000, body.length)));
    fill.commit();
    for (const [i, followed] of bodies.entries()) {
      assert.equal(await followed.ended, 'end');
      assert.ok(followed.bytes.equals(i === 4 ? body.subarray(50_000) : body));
    }
    for (const reader of [...readers, late]) reader?.release();
    assert.equal(assertConsistent(buffer).stored, 1);
  });

  it('of unknown length is seen by others when it is complete, and takes no more memory than it has', async () => {
    const { a, b, desk } = rig(16 * 1024 * 1024);
    const body = bytesOf(70_000);
    const fill = begun(a, 'k');
    assert.ok(fill.open(planOf('head', UNKNOWN_LENGTH)));
    const own = fill.share();
    assert.equal(own?.length, UNKNOWN_LENGTH);
    const read = collect(own?.body(0, Infinity) ?? null);
    for (let at = 0; at < body.length; at += 7000) fill.write(body.subarray(at, at + 7000));
    const waits = ongoing(b, 'k').settled(1000);
    fill.commit();
    await waits;
    assert.equal(await read.ended, 'end');
    assert.ok(read.bytes.equals(body));
    assert.ok(bodyOf(found(b, 'k')).equals(body));
    assert.equal(desk.readings.usedBytes, 512 + 512 * Math.ceil(body.length / 512));
  });

  it('that breaks off is told to those who follow and to those who wait, and leaves nothing', async () => {
    const { a, b, desk } = rig();
    const fill = begun(a, 'k');
    fill.open(planOf('head', 1000));
    const reader = found(b, 'k');
    const followed = collect(reader.body(0, 1000));
    fill.write(bytesOf(400));
    fill.commit();
    const ending = await followed.ended;
    assert.ok(ending !== 'end');
    assert.equal(ending.code, 'UPSTREAM_INCOMPLETE');
    assert.ok(followed.bytes.equals(bytesOf(400)));
    reader.release();
    const other = begun(a, 'k');
    const waits = ongoing(b, 'k').settled(1000);
    other.abandon();
    await waits;
    assert.equal(b.find('k'), null);
    assert.equal(desk.readings.usedBytes, 0);
  });

  it('is over when more comes than was said', () => {
    const { a } = rig();
    for (const plan of [planOf('', 10), { ...planOf('', UNKNOWN_LENGTH), maxBytes: 10 }]) {
      const fill = begun(a, 'k');
      assert.ok(fill.open(plan));
      assert.ok(fill.write(bytesOf(10)));
      assert.equal(fill.write(bytesOf(1)), false);
      fill.commit();
      assert.equal(a.find('k'), null);
    }
  });

  it('leaves what is stored in its place until it is there itself', async () => {
    const { a, b, decoded } = rig();
    store(a, 'k', bytesOf(10));
    const [first, again] = [found(a, 'k'), begun(a, 'k')];
    for (const cache of [a, b]) assert.equal(ongoing(cache, 'k').stored?.version, first.version);
    const known = decoded.length;
    again.abandon();
    assert.equal(found(a, 'k').version, first.version);
    assert.equal(decoded.length, known, 'what was remembered is good again');
    const next = begun(b, 'k');
    next.open(planOf('other', 5));
    assert.equal(found(a, 'k').head, 'other');
    next.write(bytesOf(5, 1));
    next.commit();
    assert.ok(found(a, 'k').version > first.version);
    assert.ok(bodyOf(found(a, 'k')).equals(bytesOf(5, 1)));
    assert.ok(bodyOf(first).equals(bytesOf(10)), 'who had the old one keeps it');
  });

  it('is waited for with patience, and no longer', async () => {
    const { a, b, pass } = rig();
    const fill = begun(a, 'k');
    const order: string[] = [];
    const wait = (name: string, ms: number) =>
      ongoing(b, 'k')
        .settled(ms)
        .then(() => order.push(name));
    const waits = [wait('long', 5000), wait('short', 100), wait('short', 100)];
    pass(90);
    await new Promise(setImmediate);
    assert.deepEqual(order, []);
    pass(60);
    await Promise.all(waits.slice(1));
    assert.deepEqual(order, ['short', 'short']);
    fill.abandon();
    await waits[0];
  });

  it('can be waited for by 10,000 in a thread', async () => {
    const { a, b } = rig();
    const fill = begun(a, 'k');
    const waits = Array.from({ length: 10_000 }, () => ongoing(b, 'k').settled(10_000));
    assert.equal(new Set(waits).size, 1, 'who is as patient waits together');
    fill.open(planOf('head', 1));
    fill.write(bytesOf(1));
    fill.commit();
    await Promise.all(waits);
    assert.ok(waits.every(() => found(b, 'k').head === 'head'));
  });

  it('cannot take more than half of the memory', () => {
    const { a, desk, buffer } = rig();
    for (let i = 0; i < 2000; i++) begun(a, `k${i}`).abandon();
    const fills = Array.from({ length: 3000 }, (_, i) => a.begin(`k${i}`)).filter((fill) => fill !== null);
    assert.ok(fills.length > 100 && fills.length < 3000);
    assert.ok(desk.readings.usedBytes <= desk.readings.capacityBytes / 2);
    for (const fill of fills) fill.abandon();
    assert.deepEqual(assertConsistent(buffer), { stored: 0, fills: 0, held: 0, usedBlocks: 0 });
  });
});

describe('a purge', () => {
  it('reaches what has the tag, in all threads, whether they remember it or not', () => {
    const { a, b } = rig();
    store(a, 'x', bytesOf(10), 'red', 'all');
    store(a, 'y', bytesOf(10), 'blue', 'all');
    for (const cache of [a, b]) found(cache, 'x');
    a.purge(['red'], 'soft');
    for (const cache of [a, b]) {
      assert.equal(found(cache, 'x').isSoftPurged, true);
      assert.equal(found(cache, 'y').isSoftPurged, false);
    }
    b.purge(['red'], 'hard');
    for (const cache of [a, b]) assert.equal(cache.find('x'), null);
    found(a, 'y');
    a.purge(['all'], 'hard');
    assert.equal(b.find('y'), null);
  });

  it('reaches what was begun before it, and nothing that was begun after', () => {
    const { a } = rig();
    for (const isOpen of [false, true]) {
      const fill = begun(a, 'k');
      if (isOpen) fill.open(planOf('old', 1, 'red'));
      a.purge(['red'], 'hard');
      if (!isOpen) fill.open(planOf('old', 1, 'red'));
      assert.notEqual(a.find('k')?.kind, 'stored');
      fill.write(bytesOf(1));
      fill.commit();
      assert.equal(a.find('k'), null);
      store(a, 'k', bytesOf(1), 'red');
      found(a, 'k');
      a.remove('k');
    }
  });

  it('that is soft is answered by a new head that a fill brought', () => {
    const { a } = rig();
    store(a, 'k', bytesOf(10), 'red');
    a.purge(['red'], 'soft');
    const old = found(a, 'k');
    const fill = begun(a, 'k');
    assert.ok(old.replaceHead('by a HEAD, which may have been asked before'));
    assert.equal(ongoing(a, 'k').stored?.isSoftPurged, true);
    const next = ongoing(a, 'k').stored;
    assert.ok(next?.replaceHead('new', fill.since));
    fill.abandon();
    assert.equal(found(a, 'k').isSoftPurged, false);
    const late = begun(a, 'k');
    const before = found.bind(null, a);
    a.purge(['red'], 'soft');
    const stored = ongoing(a, 'k').stored;
    assert.ok(stored?.replaceHead('newer', late.since));
    late.abandon();
    assert.equal(before('k').isSoftPurged, true, 'what was asked before the purge does not answer it');
  });
});

describe('another head', () => {
  it('is found by all, with the same body and another version; who has the old one keeps it', () => {
    const { a, b, buffer } = rig(16 * 1024 * 1024);
    for (const [key, body] of [
      ['small', bytesOf(3000)],
      ['large', bytesOf(60_000)],
    ] as const) {
      store(a, key, body);
      const [one, two] = [found(a, key), found(b, key)];
      assert.ok(one.replaceHead('n'.repeat(5000)));
      assert.equal(two.replaceHead('again'), false, 'it is another one by now');
      const next = found(b, key);
      assert.deepEqual([next.head, next.version > one.version], ['n'.repeat(5000), true]);
      for (const response of [one, two, next]) {
        assert.ok(bodyOf(response).equals(body));
        response.release();
      }
      assert.equal(one.head, `head of ${key}`);
    }
    assertConsistent(buffer);
  });
});

it('a sink that keeps what it gets finds it unchanged as long as the response is held', () => {
  const { a } = rig(4 * 1024 * 1024);
  const body = bytesOf(30_000);
  store(a, 'k', body);
  const response = found(a, 'k');
  const kept = new CollectedBody();
  kept.answer = KEPT;
  const source = response.body(0, body.length);
  assert.ok(source !== null && typeof source !== 'string');
  source.readTo(kept);
  for (let i = 0; i < 500; i++) store(a, `k${i}`, bytesOf(20_000, i));
  assert.ok(kept.bytes.equals(body));
  response.release();
});
