// How a bucket in Redis starts afresh, for gateways that have fetched units of it or were denied some.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually, manualClock } from '@turnpike/testkit';
import { redisServer, withoutRedis, type RedisServer } from '@turnpike/testkit/redis-server';
import type { Charge, Taken } from '../../src/core/counters.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import { RedisBuckets } from '../../src/stores/redis/redis-buckets.ts';
import { RedisCounters } from '../../src/stores/redis/redis-counters.ts';
import { RedisLeases } from '../../src/stores/redis/redis-leases.ts';
import { charge, configFor, DAILY } from './redis-fixture.ts';

/** A gateway whose time stands still: what it was denied, it remembers until it is told otherwise. */
async function gatewayOn(redis: RedisServer) {
  const clock = manualClock();
  const timers = new TimingWheel(() => clock.now());
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const ports = { clock, log, timers, leases: RedisLeases.allocate(1024) };
  const config = configFor([redis], { timeoutMs: 10_000 });
  const counters = new RedisCounters(config, ports);
  const buckets = new RedisBuckets(config, ports);
  const take = async (wanted: Charge): Promise<Taken | undefined> => {
    const taken = counters.takeNow([wanted]) ?? (await counters.take([wanted]));
    return taken[0];
  };
  const works = async (ask: () => Promise<unknown>) => {
    const state = { isUp: false };
    while (!state.isUp) {
      await ask().then(
        () => (state.isUp = true),
        () => new Promise((resolve) => setImmediate(resolve)),
      );
    }
  };
  await works(() => buckets.look(charge({ key: 'nobody' })));
  await works(() => counters.take([charge({ key: 'nobody' })]));
  // The channel is heard as soon as it is subscribed to.
  const isHeard = async () => (await redis.cli('PUBSUB', 'NUMSUB', 'turnpike:limits:afresh')).trim();
  return {
    buckets,
    take,
    isHeard,
    async [Symbol.asyncDispose]() {
      await Promise.all([counters.close(), buckets.close(1000)]);
    },
  };
}

describe('buckets in Redis', { skip: withoutRedis(), timeout: 60_000 }, () => {
  it('start afresh in all gateways, with what these have fetched and were denied', async () => {
    await using redis = await redisServer();
    await using first = await gatewayOn(redis);
    await using second = await gatewayOn(redis);
    while (!(await first.isHeard()).endsWith('2'));
    const whole = charge({ cost: DAILY.limit });
    assert.equal((await first.take(whole))?.isAllowed, true);
    assert.equal((await first.take(charge()))?.isAllowed, false);
    assert.equal((await second.take(charge()))?.isAllowed, false);
    assert.equal((await second.buckets.look(charge())).isAllowed, false);

    await first.buckets.forget(charge());
    const afresh = { isAllowed: true, remaining: DAILY.limit, resetMs: 0, retryAfterMs: 0 };
    assert.deepEqual(await first.buckets.look(charge()), afresh);
    assert.equal((await first.take(charge()))?.isAllowed, true);
    let isAllowed = false;
    void (async () => {
      while (!isAllowed) isAllowed = (await second.take(charge()))?.isAllowed === true;
    })();
    await eventually(() => isAllowed, 'the other one hears of it');
  });

  it('are looked at without a trace', async () => {
    await using redis = await redisServer();
    await using gateway = await gatewayOn(redis);
    const keys = await redis.cli('KEYS', '*');
    for (const algorithm of ['gcra', 'sliding'] as const) {
      const limiter = { id: 'never-used', algorithm };
      const { remaining, resetMs } = await gateway.buckets.look(charge({ limiter }));
      assert.deepEqual([remaining, resetMs], [DAILY.limit, 0]);
    }
    const none = { ...DAILY, limit: 0, burst: 0 };
    assert.equal((await gateway.buckets.look(charge({ quota: none }))).isAllowed, false);
    assert.equal(await redis.cli('KEYS', '*'), keys);
  });
});
