// Counters on a real Redis that is paused, killed, restarted, flushed and locked. Time passes when the test says so.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { eventually } from '@turnpike/testkit';
import { redisServer, withoutRedis, type RedisServer } from '@turnpike/testkit/redis-server';
import { charge, configFor, isUnavailable, startGateway } from './redis-fixture.ts';

/** Lets a test have a Redis. */
function withRedis(test: (redis: RedisServer) => Promise<void>): () => Promise<void> {
  return async () => {
    await using redis = await redisServer();
    await test(redis);
  };
}

describe('counters in Redis', { skip: withoutRedis(), timeout: 120_000 }, () => {
  it(
    'count for several gateways together',
    withRedis(async (redis) => {
      await using one = startGateway(configFor([redis]));
      await using other = startGateway(configFor([redis]));
      const most = charge({ cost: 600 });
      assert.equal(await one.whenAnswered(most), true);
      assert.equal(await other.whenAnswered(most), false);
    }),
  );

  it(
    'start without Redis, and count once it is there',
    withRedis(async (redis) => {
      await redis.kill();
      await using gateway = startGateway(configFor([redis]));
      assert.equal(await isUnavailable(gateway.allows(charge())), true);
      await redis.restart();
      assert.equal(await gateway.whenAnswered(charge()), true);
    }),
  );

  it(
    'let nobody wait for a Redis that hangs, do not ask it any more, and find back to it',
    withRedis(async (redis) => {
      await using gateway = startGateway(configFor([redis]));
      await gateway.whenAnswered(charge());
      redis.pause();
      for (let i = 0; i < 3; i++) {
        const waiting = isUnavailable(gateway.allows(charge({ key: `waits ${i}` })));
        // It is asked at the end of this turn; then the answer is late.
        await turn();
        gateway.pass(100);
        assert.equal(await waiting, true);
      }
      // Without that any time passes.
      assert.equal(await isUnavailable(gateway.allows(charge())), true);
      redis.resume();
      assert.equal(await gateway.whenAnswered(charge()), true);
      assert.equal(gateway.said.filter((line) => line.startsWith('redis does not count')).length, 1);
      assert.equal(gateway.said.at(-1), 'redis answers again {}');
    }),
  );

  it(
    'hand out what they have on loan while Redis is gone',
    withRedis(async (redis) => {
      await using gateway = startGateway(configFor([redis]));
      await gateway.whenAnswered(charge());
      // The second one brings a unit for a third.
      await gateway.allows(charge());
      await redis.kill();
      assert.equal(gateway.counters.takeNow([charge()])?.[0]?.isAllowed, true);
      gateway.pass(200);
      assert.equal(gateway.counters.takeNow([charge()]), null);
    }),
  );

  it(
    'survive that Redis is killed under a request, and begin anew with one that knows nothing',
    withRedis(async (redis) => {
      await using gateway = startGateway(configFor([redis]));
      assert.equal(await gateway.whenAnswered(charge({ cost: 1000 })), true);
      redis.pause();
      const underWay = isUnavailable(gateway.allows(charge({ key: 'bob' })));
      await turn();
      await redis.kill();
      assert.equal(await underWay, true);
      await redis.restart();
      gateway.pass(1000);
      assert.equal(await gateway.whenAnswered(charge({ cost: 1000 })), true);
    }),
  );

  it(
    'do not notice that the scripts were flushed, and let a burst through when the counts were',
    withRedis(async (redis) => {
      await using gateway = startGateway(configFor([redis]));
      assert.equal(await gateway.whenAnswered(charge({ cost: 1000 })), true);
      await redis.cli('SCRIPT', 'FLUSH');
      assert.equal(await gateway.allows(charge({ cost: 1000, key: 'bob' })), true);
      await redis.cli('FLUSHALL');
      gateway.pass(1000);
      assert.equal(await gateway.allows(charge({ cost: 1000 })), true);
      assert.deepEqual(gateway.said, []);
    }),
  );

  it('log in, and never log the password', async () => {
    await using redis = await redisServer({ password: 'pa55-w0rd' });
    await using gateway = startGateway(configFor([redis]));
    assert.equal(await gateway.whenAnswered(charge()), true);
    const urls = [redis.url.replace('pa55-w0rd', 'not-the-pa55')];
    await using stranger = startGateway(configFor([redis], { urls }));
    await eventually(() => stranger.said.length > 0, 'the log says something');
    assert.match(stranger.said.join(), /WRONGPASS/);
    assert.doesNotMatch(stranger.said.join(), /pa55/);
    assert.equal(await isUnavailable(stranger.allows(charge())), true);
  });

  it(
    'leave no key that does not expire',
    withRedis(async (redis) => {
      await using gateway = startGateway(configFor([redis]));
      for (let i = 0; i < 50; i++) {
        const algorithm = i % 2 === 0 ? 'gcra' : 'sliding';
        await gateway.whenAnswered(charge({ key: `k${i}`, limiter: { id: 'l', algorithm } }));
      }
      const keys = (await redis.cli('--scan')).split('\n');
      assert.equal(keys.length, 50);
      const expiring = /db0:keys=50,expires=50,/;
      assert.match(await redis.cli('INFO', 'keyspace'), expiring);
    }),
  );
});
