// Purges for a fleet of gateways, on a real Redis whose messages get lost, that is killed, restarted and paused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { redisServer, withoutRedis, type RedisServer } from '@turnpike/testkit/redis-server';
import { random } from '../../src/core/random.ts';
import { LOG_LENGTH } from '../../src/stores/redis/purge-scripts.ts';
import { configFor } from '../limits/redis-fixture.ts';
import { entry, startCache, textOf, type CacheGateway } from './redis-cache-fixture.ts';

/** What a purge may take to reach everybody, in the time of a gateway. */
const WITHIN_MS = 1000;

/** Lets a test have a Redis and three gateways on it. */
function withFleet(
  test: (fleet: readonly [CacheGateway, CacheGateway, CacheGateway], redis: RedisServer) => Promise<void>,
): () => Promise<void> {
  return async () => {
    await using redis = await redisServer();
    // Long, so that a busy machine is not taken for a Redis that fails.
    const config = configFor([redis], { timeoutMs: 60_000 });
    await using one = startCache(config);
    await using two = startCache(config);
    await using three = startCache(config);
    const fleet = [one, two, three] as const;
    for (const gateway of fleet) await gateway.whenCurrent();
    await test(fleet, redis);
  };
}

/** Lets time pass until a gateway has purged it; gives how much. */
async function reached(gateway: CacheGateway, what: string): Promise<number> {
  const startMs = gateway.passedMs;
  await gateway.until(() => gateway.purged.includes(what), `${what} is purged`);
  return gateway.passedMs - startMs;
}

/** Has no gateway hear messages before it connects anew, which takes time that does not pass. */
async function cutMessages(redis: RedisServer): Promise<void> {
  await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
}

/** Tries until Redis takes it. */
async function purgeSurely(gateway: CacheGateway, tag: string): Promise<void> {
  let isDone = false;
  const tries = async () => {
    await gateway.fleet.purge([tag], 'hard').then(
      () => (isDone = true),
      () => {},
    );
    return isDone;
  };
  await gateway.until(tries, 'Redis takes the purge');
}

describe('purges through Redis', { skip: withoutRedis(), timeout: 180_000 }, () => {
  it(
    'reach all gateways by a message, with their kind and their tags',
    withFleet(async ([one, two, three], redis) => {
      const listeners = () => redis.cli('PUBSUB', 'NUMSUB', 'turnpike:cache:purges');
      await three.until(async () => (await listeners()).endsWith('3'), 'all listen');
      await one.fleet.purge(['t shoes', 'a https://shop.example/ü'], 'hard');
      await two.fleet.purge(['*'], 'soft');
      // No time passes meanwhile, so nobody asks.
      await eventually(() => three.purged.includes('soft *'), 'they have arrived');
      assert.deepEqual(three.purged, ['hard t shoes,a https://shop.example/ü', 'soft *']);
    }),
  );

  it(
    'reach all gateways within a second when messages are cut, in turn and once each',
    withFleet(async ([one, two, three], redis) => {
      for (let round = 0; round < 10; round++) {
        await cutMessages(redis);
        const tags = [`t ${round} a`, `t ${round} b`, `t ${round} c`];
        for (const tag of tags) await one.fleet.purge([tag], 'hard');
        for (const gateway of [two, three]) {
          const tookMs = await reached(gateway, `hard t ${round} c`);
          assert.ok(tookMs < WITHIN_MS, `${tookMs} ms`);
          assert.deepEqual(
            gateway.purged,
            tags.map((tag) => `hard ${tag}`),
          );
          gateway.purged.length = 0;
        }
      }
    }),
  );

  it(
    'are everything for who has missed more than is remembered',
    withFleet(async ([one, two], redis) => {
      await cutMessages(redis);
      await Promise.all(
        Array.from({ length: LOG_LENGTH + 100 }, (_, i) => one.fleet.purge([`t ${i}`], 'hard')),
      );
      assert.ok((await reached(two, 'hard *')) < WITHIN_MS);
      two.purged.length = 0;
      await one.fleet.purge(['t next'], 'hard');
      await reached(two, 'hard t next');
      assert.equal(await redis.cli('LLEN', 'turnpike:cache:{purges}log'), `${LOG_LENGTH}`);
      const size = Number(await redis.cli('HLEN', 'turnpike:cache:{purges}board'));
      assert.ok(size > 2000 && size < 2300, `${size}`);
    }),
  );

  it(
    'of very many tags go in several messages, all of which arrive',
    withFleet(async ([one, two]) => {
      const tags = Array.from({ length: 200 }, (_, i) => `t ${i} ${'x'.repeat(200)}`);
      await one.fleet.purge([...tags, `t ${'y'.repeat(40_000)}`, 't last'], 'soft');
      await two.until(() => two.purged.join().includes('t last'), 'they have arrived');
      const heard = two.purged.flatMap((text) => text.replace(/^soft /, '').split(','));
      assert.equal(heard.length, 202);
      assert.equal(new Set(heard).size, 202);
    }),
  );

  it(
    'reach all after a restart of Redis, which costs them what they have stored',
    withFleet(async ([one, two], redis) => {
      await one.store('k');
      await redis.kill();
      await redis.restart();
      await purgeSurely(one, 't shoes');
      assert.ok((await reached(two, 'hard *')) < WITHIN_MS);
      two.purged.length = 0;
      await two.whenUp();
      await one.fleet.purge(['t hats'], 'hard');
      assert.ok((await reached(two, 'hard t hats')) < WITHIN_MS);
      await one.store('k');
      assert.equal(textOf(await two.whenUp('k')), 'a response');
    }),
  );

  it(
    'say so when Redis is gone, and have happened here',
    withFleet(async ([one], redis) => {
      await redis.kill();
      const error = { name: 'GatewayError', code: 'CACHE_STORE_UNAVAILABLE' };
      await assert.rejects(one.fleet.purge(['t shoes'], 'hard'), error);
      assert.deepEqual(one.purged, ['hard t shoes']);
    }),
  );

  it(
    'are told later when Redis did not hear of them, and nothing is taken from it until then',
    withFleet(async ([one, two], redis) => {
      await one.store('k');
      const timeoutMs = 50;
      await using impatient = startCache(configFor([redis], { timeoutMs }));
      await impatient.whenCurrent();
      redis.pause();
      const purging = impatient.fleet.purge(['t shoes'], 'hard');
      const refused = assert.rejects(purging, { code: 'CACHE_STORE_UNAVAILABLE' });
      await impatient.pass(timeoutMs + 40);
      await refused;
      redis.resume();
      // It may have heard of it, but nobody knows.
      assert.equal(textOf(await impatient.cache.get('k')), 'unavailable');
      two.purged.length = 0;
      await impatient.until(() => two.purged.includes('hard t shoes'), 'the others hear of it');
      assert.equal(textOf(await impatient.whenUp('k')), 'missing');
    }),
  );

  it(
    'are not forged by what others publish',
    withFleet(async ([one, two], redis) => {
      for (const text of ['', 'x', '1 2 3', '9007199254740993 1 ["hard"]', '5 4 {"a":1}', '5 4 ["hard",1]'])
        await redis.cli('PUBLISH', 'turnpike:cache:purges', text);
      await one.fleet.purge(['t shoes'], 'hard');
      await reached(two, 'hard t shoes');
      assert.deepEqual(two.purged, ['hard t shoes']);
    }),
  );
});

describe('a Redis that hangs', { skip: withoutRedis(), timeout: 180_000 }, () => {
  it('is waited for no longer than the timeout, three times, and then not at all until it is back', async () => {
    await using redis = await redisServer();
    await using impatient = startCache(configFor([redis], { timeoutMs: 50 }));
    await impatient.whenUp();
    redis.pause();
    for (let i = 0; i < 3; i++) {
      const startMs = impatient.passedMs;
      const looks = [impatient.cache.get('k'), impatient.cache.get('l')];
      for (const look of looks) assert.equal(await passingTime(impatient, look), 'unavailable');
      assert.ok(impatient.passedMs - startMs <= 100);
    }
    // Without that any time passes.
    assert.equal(textOf(await impatient.cache.get('k')), 'unavailable');
    assert.equal(await impatient.cache.lock('k', 1000), 'mine');
    const waiting = impatient.cache.awaited('k', 1e9);
    await impatient.pass(40);
    await waiting;
    await assert.rejects(impatient.fleet.purge(['t x'], 'hard'));
    impatient.cache.put('k', entry(1));
    assert.equal(impatient.counts.stored, 0);
    redis.resume();
    await impatient.whenUp();
    assert.ok(impatient.said.some((line) => line.startsWith('the shared cache does not answer')));
    assert.ok(impatient.said.some((line) => line.startsWith('the shared cache answers again')));
  });
});

describe('three gateways', { skip: withoutRedis(), timeout: 180_000 }, () => {
  it(
    'never find what was purged before they looked, while Redis is killed and restarted',
    withFleet(async (fleet, redis) => {
      const dice = random(7);
      /** What the service answers, and the oldest answer that is not purged. */
      let version = 0;
      let least = 0;
      let found = 0;
      /** Looks; who finds nothing asks the service and stores its answer. */
      const look = async ({ cache }: CacheGateway): Promise<void> => {
        const leastNow = least;
        const find = await cache.get('k');
        if (find.kind === 'found') {
          found++;
          assert.ok(Number(textOf(find)) >= leastNow, `${textOf(find)} was purged: it was ${leastNow}`);
        }
        if (find.kind !== 'missing') return;
        // The service may be slow, and be asked before a purge.
        const text = `${version}`;
        await fleet[0].pass(0);
        cache.put('k', entry(find.asOf, text));
      };
      for (let life = 0; life < 4; life++) {
        for (let step = 0; step < 40; step++) {
          const looks = fleet.filter(() => dice.below(4) > 0).map(look);
          if (dice.below(6) === 0) {
            // First the service has another answer; the one before counts as purged once Redis has said so.
            version++;
            await purgeSurely(fleet[dice.below(3)] ?? fleet[0], 't shoes');
            least = version;
            await Promise.all(fleet.map(({ cache }) => cache.get('k'))).then((finds) => {
              for (const find of finds) if (find.kind === 'found') assert.ok(Number(textOf(find)) >= least);
            });
          }
          await Promise.all(looks);
        }
        const last = fleet.map(look);
        await redis.kill();
        await Promise.all(last);
        await Promise.all(fleet.map(look));
        await redis.restart();
        for (const gateway of fleet) await gateway.whenUp();
      }
      assert.ok(found > 50, `${found}`);
    }),
  );
});

async function passingTime(gateway: CacheGateway, look: ReturnType<CacheGateway['cache']['get']>) {
  const looking = { isOver: false };
  const looked = look.finally(() => (looking.isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  if (!looking.isOver) await gateway.pass(90);
  return textOf(await looked);
}
