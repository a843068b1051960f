// The cache that gateways share, on a real Redis.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { redisServer, withoutRedis, type RedisServer } from '@turnpike/testkit/redis-server';
import { MOST_SHARED_BYTES } from '../../src/core/shared-cache.ts';
import { cacheNames } from '../../src/stores/redis/cache-names.ts';
import { encodeValue } from '../../src/stores/redis/cache-value.ts';
import { configFor } from '../limits/redis-fixture.ts';
import { entry, known, startCache, textOf, type CacheGateway } from './redis-cache-fixture.ts';

const NAMES = cacheNames({ keyPrefix: 'turnpike:' });

/** Long, so that a busy machine is not taken for a Redis that fails. */
const TIMEOUT_MS = 60_000;

/** Lets a test have a Redis and gateways on it. */
function withGateways(
  test: (one: CacheGateway, other: CacheGateway, redis: RedisServer) => Promise<void>,
): () => Promise<void> {
  return async () => {
    await using redis = await redisServer();
    const config = configFor([redis], { timeoutMs: TIMEOUT_MS });
    await using one = startCache(config);
    await using other = startCache(config);
    await one.whenCurrent();
    await other.whenCurrent();
    await test(one, other, redis);
  };
}

describe('a cache in Redis', { skip: withoutRedis(), timeout: 120_000 }, () => {
  it(
    'gives another gateway what one has stored, byte by byte, with its tags',
    withGateways(async (one, other) => {
      const body = randomBytes(300_000);
      const key = `GET https://shop.example/${'ä'.repeat(500)}`;
      await one.store(key, { body, head: 'Grüße €', tags: ['*', 'a https://shop.example/ü', 't x'] });
      const find = known(await other.cache.get(key));
      assert.equal(find.kind, 'found');
      assert.equal(find.head, 'Grüße €');
      assert.deepEqual(find.tags, ['*', 'a https://shop.example/ü', 't x']);
      assert.ok(find.body.equals(body));
      assert.equal(find.isSoftPurged, false);
    }),
  );

  it(
    'stores what is empty, and what has no tags',
    withGateways(async (one, other) => {
      await one.store('k', { body: Buffer.alloc(0), head: '', tags: [] });
      const find = known(await other.cache.get('k'));
      assert.deepEqual(find.kind === 'found' && [find.head, find.body.length, find.tags], ['', 0, []]);
    }),
  );

  it(
    'keeps it for as long as it is of use, and forgets what is removed',
    withGateways(async (one, other, redis) => {
      await one.store('k', { keepMs: 600_000 });
      const leftMs = Number(await redis.cli('PTTL', NAMES.entry('k')));
      assert.ok(leftMs > 400_000 && leftMs <= 600_000, `${leftMs}`);
      other.cache.remove('k');
      await one.until(async () => textOf(await one.cache.get('k')) === 'missing', 'it is removed');
      one.cache.put('k', { ...entry(known(await one.cache.get('k')).asOf), keepMs: 0 });
      assert.equal(one.counts.dropped, 1);
    }),
  );

  it(
    'finds nothing that was purged, before any message has come',
    withGateways(async (one, other) => {
      await one.store('shoe', { tags: ['*', 't shoes', 't red'] });
      await one.store('hat', { tags: ['*', 't hats'] });
      await one.fleet.purge(['t shoes'], 'hard');
      assert.equal(textOf(await other.cache.get('shoe')), 'missing');
      assert.equal(textOf(await other.cache.get('hat')), 'a response');
      await one.fleet.purge(['*'], 'hard');
      assert.equal(textOf(await other.cache.get('hat')), 'missing');
    }),
  );

  it(
    'finds what was purged softly, and says so until there is a newer one',
    withGateways(async (one, other) => {
      await one.store('k');
      await other.fleet.purge(['t other', 't shoes'], 'soft');
      const find = known(await one.cache.get('k'));
      assert.deepEqual(find.kind === 'found' && [textOf(find), find.isSoftPurged], ['a response', true]);
      await one.store('k', { asOf: find.asOf });
      const again = known(await other.cache.get('k'));
      assert.deepEqual(again.kind === 'found' && again.isSoftPurged, false);
      await other.fleet.purge(['t shoes'], 'hard');
      assert.equal(textOf(await one.cache.get('k')), 'missing');
    }),
  );

  it(
    'does not find what was asked for before a purge and stored after it',
    withGateways(async (one, other) => {
      const { asOf } = known(await one.cache.get('k'));
      await other.fleet.purge(['t shoes'], 'hard');
      await one.store('k', { asOf });
      assert.equal(textOf(await one.cache.get('k')), 'missing');
      assert.equal(textOf(await other.cache.get('k')), 'missing');
      await one.store('k');
      assert.equal(textOf(await other.cache.get('k')), 'a response');
    }),
  );

  it(
    'ignores values that are garbage',
    withGateways(async (one, other, redis) => {
      await one.store('k');
      const name = NAMES.entry('k');
      const good = encodeValue('k', entry(known(await one.cache.get('k')).asOf));
      const set = async (value: Buffer): Promise<string> => {
        await one.link.send(name, ['SET', name, value]);
        return textOf(await other.cache.get('k'));
      };
      assert.equal(await set(good), 'a response');
      assert.equal(await set(Buffer.from('hello')), 'missing');
      assert.equal(await set(Buffer.alloc(0)), 'missing');
      assert.equal(await set(randomBytes(200)), 'missing');
      assert.equal(await set(encodeValue('another', entry(1e15))), 'missing');
      assert.equal(await set(encodeValue('k', entry(NaN))), 'missing');
      assert.equal(await set(encodeValue('k', entry(1e300))), 'missing');
      for (let i = 0; i < good.length; i += 7) {
        const bad = Buffer.from(good);
        bad[i] = (bad[i] ?? 0) ^ 1;
        assert.equal(await set(bad), 'missing', `byte ${i}`);
        assert.equal(await set(good.subarray(0, i)), 'missing', `${i} bytes`);
      }
      await redis.cli('DEL', name);
      await redis.cli('LPUSH', name, 'x');
      assert.equal(textOf(await other.cache.get('k')), 'missing');
      await one.store('k');
      assert.equal(textOf(await other.cache.get('k')), 'a response');
    }),
  );

  it(
    'begins anew with a board of purges that is garbage, lost, or of before',
    withGateways(async (one, other, redis) => {
      const ruin: Readonly<Record<string, readonly string[]>> = {
        'another type': ['SET', NAMES.board, 'x'],
        'no number': ['HSET', NAMES.board, 'last', 'x'],
        'too high': ['HSET', NAMES.board, 'last', '99999999999999999999'],
        'no base': ['HDEL', NAMES.board, 'base'],
        lost: ['DEL', NAMES.board],
      };
      for (const [how, command] of Object.entries(ruin)) {
        await one.store('k');
        const { asOf } = known(await one.cache.get('k'));
        await redis.cli(...command);
        assert.notEqual(textOf(await one.cache.get('k')), 'a response', how);
        await other.until(() => other.purged.includes('hard *'), `${how}: it forgets all`);
        other.purged.length = 0;
        assert.equal(textOf(await other.whenUp('k')), 'missing', how);
        await one.store('k', { asOf });
        assert.equal(textOf(await one.whenUp('k')), 'missing', how);
      }
    }),
  );

  it(
    'brings nothing back when Redis has lost the last purges',
    withGateways(async (one, other, redis) => {
      await one.store('k');
      await redis.cli('COPY', NAMES.board, '{purges}before');
      await one.fleet.purge(['t shoes'], 'hard');
      await other.until(() => other.purged.includes('hard t shoes'), 'it hears of it');
      assert.equal(textOf(await one.cache.get('k')), 'missing');
      await redis.cli('RENAME', '{purges}before', NAMES.board);
      assert.notEqual(textOf(await one.cache.get('k')), 'a response');
      await other.until(() => other.purged.includes('hard *'), 'it sees that a purge is gone');
      assert.equal(textOf(await other.whenUp('k')), 'missing');
      assert.equal(textOf(await one.whenUp('k')), 'missing');
    }),
  );

  it(
    'leaves out what is too large, and too much at once, and counts it',
    withGateways(async (one) => {
      const { asOf } = known(await one.cache.get('k'));
      const most = { ...entry(asOf), body: Buffer.alloc(MOST_SHARED_BYTES) };
      one.cache.put('k', { ...most, body: Buffer.alloc(MOST_SHARED_BYTES + 1) });
      assert.equal(one.counts.dropped, 1);
      for (let i = 0; i < 10; i++) one.cache.put(`k${i}`, most);
      assert.equal(one.counts.dropped, 8);
      await one.until(() => one.counts.stored === 3, 'the others are stored');
      for (let i = 0; i < 300; i++) one.cache.put(`s${i}`, entry(asOf));
      assert.equal(one.counts.dropped, 8 + 300 - 256);
      await one.until(() => one.counts.stored === 3 + 256, 'the others are stored');
    }),
  );
});

describe('locks in Redis', { skip: withoutRedis(), timeout: 120_000 }, () => {
  it('let one of three gateways ask the service, and the others find what it got', async () => {
    await using redis = await redisServer();
    const config = configFor([redis], { timeoutMs: TIMEOUT_MS });
    await using one = startCache(config);
    await using two = startCache(config);
    await using three = startCache(config);
    const gateways = [one, two, three];
    for (const gateway of gateways) await gateway.whenUp();
    for (let round = 0; round < 20; round++) {
      let asked = 0;
      const key = `k${round}`;
      const answers = gateways.map(({ cache }) =>
        through(cache, key, async () => {
          asked++;
          await two.pass(0);
          return `answer ${asked}`;
        }),
      );
      assert.deepEqual(await passing(gateways, Promise.all(answers)), Array(3).fill('answer 1'));
      assert.equal(asked, 1);
    }
  });

  it(
    'end by themselves when their holder has died, and are not ended by who had them before',
    withGateways(async (one, other, redis) => {
      assert.equal(await one.cache.lock('k', 60_000), 'mine');
      assert.equal(await other.cache.lock('k', 60_000), 'theirs');
      const left = Number(await redis.cli('PTTL', NAMES.lock('k')));
      assert.ok(left > 0 && left <= 60_000);
      // As if a minute had passed.
      await redis.cli('PEXPIRE', NAMES.lock('k'), '1');
      await passing([one, other], other.cache.awaited('k', 1e9));
      assert.equal(await other.cache.lock('k', 60_000), 'mine');
      one.cache.unlock('k');
      await one.cache.get('k');
      assert.equal(await one.cache.lock('k', 60_000), 'theirs');
      other.cache.unlock('k');
      await passing([one, other], one.cache.awaited('k', 1e9));
      assert.equal(await one.cache.lock('k', 60_000), 'mine');
    }),
  );

  it(
    'hold up nobody for longer than their patience, nor without Redis',
    withGateways(async (one, other, redis) => {
      assert.equal(await one.cache.lock('k', 600_000), 'mine');
      const startMs = other.passedMs;
      const waiting = other.cache.awaited('k', 500).then(() => other.passedMs - startMs);
      const waitedMs = await passing([other], waiting);
      assert.ok(waitedMs >= 500 && waitedMs < 600, `${waitedMs}`);
      const stranded = other.cache.awaited('k', 1e9);
      await redis.kill();
      await passing([other], stranded);
      assert.equal(await other.cache.lock('k', 1000), 'mine');
    }),
  );
});

/** As the stage does it. */
async function through(cache: CacheGateway['cache'], key: string, ask: () => Promise<string>) {
  for (;;) {
    const find = known(await cache.get(key));
    if (find.kind === 'found') return textOf(find);
    if ((await cache.lock(key, 60_000)) === 'mine') {
      // Another one may have been ready just before.
      const again = known(await cache.get(key));
      if (again.kind === 'found') return textOf(again);
      const text = await ask();
      cache.put(key, entry(again.asOf, text));
      return text;
    }
    await cache.awaited(key, 1e9);
  }
}

/** Lets time pass until it is there. */
async function passing<T>(gateways: readonly CacheGateway[], promise: Promise<T>): Promise<T> {
  const waiting = { isOver: false };
  const over = promise.finally(() => (waiting.isOver = true));
  over.catch(() => {});
  while (!waiting.isOver) await Promise.all(gateways.map((gateway) => gateway.pass(10)));
  return over;
}
