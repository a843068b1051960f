import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { RedisConfig } from '@turnpike/config';
import type { Charge, Quota } from '../../core/counters.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { RedisCounters } from './redis-counters.ts';
import { RedisLeases } from './redis-leases.ts';
import { ModelBuckets, ModelLink } from './redis-testing.ts';

const QUOTA: Quota = { limit: 1000, windowMs: 1000, burst: 100 };
const CONFIG: RedisConfig = {
  mode: 'single',
  urls: ['redis://127.0.0.1'],
  master: null,
  authorities: null,
  keyPrefix: 'test:',
  timeoutMs: 50,
};
const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const LIMITER = { id: 'route/limit', algorithm: 'gcra' } as const;

function charge(fields: Partial<Charge> = {}): Charge {
  return { limiter: LIMITER, key: 'alice', quota: QUOTA, cost: 1, ...fields };
}

/** A store, a clock that stands still, and as many threads of gateways as are wanted. */
function world(config: Partial<RedisConfig> = {}) {
  let nowMs = 1_700_000_000_000;
  const buckets = new ModelBuckets();
  const clock = { now: () => nowMs, epoch: () => assert.fail('the wall clock is nobody’s business') };
  const timers = new TimingWheel(clock.now);

  function gateway() {
    const leases = RedisLeases.allocate(64);
    const thread = () => {
      const link = new ModelLink(clock.now, buckets);
      const counters = new RedisCounters({ ...CONFIG, ...config }, { clock, log: LOG, timers, leases }, link);
      const allows = async (...charges: Charge[]) => {
        const taken = counters.takeNow(charges) ?? (await counters.take(charges));
        return taken.map(({ isAllowed }) => isAllowed);
      };
      return { link, counters, allows };
    };
    return { thread, ...thread() };
  }

  return {
    gateway,
    /** Lets time go by, and what is due then happen. */
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 10) {
        nowMs += Math.min(10, left);
        timers.advance();
        await turn();
      }
    },
    /** Units that are left in Redis of the bucket with such a name. */
    level: (name = /./) => buckets.level(buckets.names().find((known) => name.test(known)) ?? '', nowMs),
  };
}

const UNAVAILABLE = { name: 'GatewayError', code: 'COUNTERS_UNAVAILABLE' };

describe('RedisCounters', () => {
  it('ask for the first request, and hardly ever for those that follow at the same pace', async () => {
    const { gateway, pass } = world();
    const { link, counters, allows } = gateway();
    let waited = 0;
    for (let i = 0; i < 1000; i++) {
      if (counters.takeNow([charge()]) === null) {
        waited++;
        assert.deepEqual(await allows(charge()), [true]);
      }
      await pass(i % 2 === 0 ? 2 : 3);
    }
    assert.ok(link.calls < 100, `${link.calls} calls`);
    assert.ok(waited < 5, `${waited} waited`);
  });

  it('do not fetch in advance for whoever comes now and then', async () => {
    const { gateway, pass, level } = world();
    const { link, allows } = gateway();
    for (let i = 0; i < 5; i++) {
      assert.deepEqual(await allows(charge()), [true]);
      assert.ok(level() >= 98, `${level()} left`);
      await pass(500);
    }
    assert.equal(link.calls, 5);
  });

  it('ask once for all requests of one turn of the event loop', async () => {
    const { gateway } = world();
    const { link, allows } = gateway();
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, i) =>
        allows(charge({ key: `k${i % 2}`, quota: { ...QUOTA, burst: 40 } })),
      ),
    );
    assert.equal(answers.flat().filter((isAllowed) => isAllowed).length, 80);
    assert.equal(link.calls, 1);
  });

  it('remember a denial for a while, and ask nobody', async () => {
    const { gateway, pass } = world();
    const { link, counters, allows } = gateway();
    const big = charge({ cost: 100 });
    assert.deepEqual(await allows(big), [true]);
    assert.deepEqual(await allows(big), [false]);
    const { calls } = link;
    for (let i = 0; i < 10; i++) assert.deepEqual(await allows(big), [false]);
    assert.equal(link.calls, calls);
    const [denied] = counters.takeNow([big]) ?? [];
    assert.deepEqual(denied, { isAllowed: false, remaining: 0, resetMs: 10, retryAfterMs: 109 });
    await pass(110);
    assert.deepEqual(await allows(big), [true]);
  });

  it('give back after 200 ms what nobody used', async () => {
    const { gateway, pass, level } = world();
    const { counters, allows } = gateway();
    for (let i = 0; i < 20; i++) await allows(charge());
    assert.ok(level() < 80, 'some units are lent');
    assert.ok(counters.takeNow([charge()]));
    await pass(210);
    assert.equal(counters.takeNow([charge()]), null);
    await pass(200);
    assert.equal(level(), 100);
  });

  it('take from all buckets or from none', async () => {
    const { gateway, level, pass } = world();
    const { counters, allows } = gateway();
    const other = charge({
      key: 'bob',
      limiter: { id: 'other', algorithm: 'sliding' },
      quota: { ...QUOTA, burst: 1000, limit: 3 },
    });
    for (let i = 0; i < 20; i++) await allows(charge());
    for (let i = 0; i < 3; i++) assert.deepEqual(await allows(charge(), other), [true, true]);
    await pass(500);
    const before = level(/route/);
    assert.deepEqual(await allows(charge(), other), [true, false]);
    assert.deepEqual(await allows(other, charge()), [false, true]);
    assert.equal(counters.takeNow([charge(), other])?.[1]?.isAllowed, false);
    await pass(500);
    assert.equal(level(/route/), before);
  });

  it('share what one of the threads has fetched, and only one of them fetches', async () => {
    const { gateway, pass } = world();
    const { thread, ...first } = gateway();
    const second = thread();
    for (let i = 0; i < 20; i++) await first.allows(charge());
    await pass(10);
    const { calls } = first.link;
    while (first.counters.takeNow([charge()]) !== null) assert.ok(second.counters.takeNow([charge()]));
    await pass(10);
    assert.equal(first.link.calls + second.link.calls, calls + 1);
  });

  it('let nobody wait for longer than the timeout', async () => {
    const { gateway, pass, level } = world();
    const { link, counters } = gateway();
    link.mood = 'hangs';
    const waiting = assert.rejects(counters.take([charge({ cost: 10 })]), UNAVAILABLE);
    await pass(100);
    await waiting;
    assert.equal(level(), 100, 'the store did it, and has filled up again');
    link.mood = 'answers';
    link.answer();
    await pass(10);
    assert.equal((await counters.take([charge()]))[0]?.isAllowed, true);
  });

  it('give back what was let through too late', async () => {
    const { gateway, pass, level } = world();
    const { link, counters } = gateway();
    const daily = charge({ cost: 10, quota: { limit: 100, windowMs: 86_400_000, burst: 100 } });
    link.mood = 'hangs';
    const waiting = assert.rejects(counters.take([daily]), UNAVAILABLE);
    await pass(100);
    await waiting;
    assert.equal(Math.floor(level()), 90);
    link.mood = 'answers';
    link.answer();
    await pass(100);
    assert.equal(level(), 100);
  });

  it('do not ask a store that has failed three times, until one request has probed it after five seconds', async () => {
    const { gateway, pass } = world();
    const { link, counters } = gateway();
    const ask = () => counters.take([charge()]);
    link.mood = 'fails';
    for (let i = 0; i < 3; i++) {
      await assert.rejects(ask(), UNAVAILABLE);
      await pass(20);
    }
    assert.equal(link.renewals, 1);
    const { calls } = link;
    await assert.rejects(ask(), UNAVAILABLE);
    assert.equal(link.calls, calls);

    await pass(5000);
    await Promise.all([assert.rejects(ask(), UNAVAILABLE), assert.rejects(ask(), UNAVAILABLE)]);
    assert.equal(link.calls, calls + 1);
    await pass(5000);
    link.mood = 'answers';
    const [probe] = await Promise.all([ask(), assert.rejects(ask(), UNAVAILABLE)]);
    assert.equal(probe[0]?.isAllowed, true);
    assert.equal((await ask())[0]?.isAllowed, true);
  });

  it('hand out what they have on loan when the store is gone', async () => {
    const { gateway } = world();
    const { link, counters, allows } = gateway();
    for (let i = 0; i < 20; i++) await allows(charge());
    link.isUp = false;
    assert.equal(counters.takeNow([charge()])?.[0]?.isAllowed, true);
    await assert.rejects(counters.take([charge({ key: 'bob' })]), UNAVAILABLE);
  });

  it('book what requests have cost with the next call, and let a bucket go into debt by one window', async () => {
    const { gateway, pass, level } = world();
    const { counters, allows } = gateway();
    const minute = charge({ quota: { limit: 60, windowMs: 60_000, burst: 60 } });
    await allows(minute);
    counters.settle(minute, 20);
    counters.settle(minute, -5);
    await pass(60);
    assert.equal(Math.round(level()), 44);
    counters.settle(minute, 1e9);
    await pass(60);
    assert.equal(Math.round(level()), -60);
    counters.settle(minute, -1e9);
    await pass(60);
    assert.equal(level(), 60);
  });

  it('give back what they hold when they close', async () => {
    const { gateway, level } = world();
    const { link, counters, allows } = gateway();
    const daily = charge({ quota: { limit: 100, windowMs: 86_400_000, burst: 100 } });
    for (let i = 0; i < 20; i++) await allows(daily);
    await counters.close();
    assert.equal(level(), 80);
    assert.equal(link.isUp, false);
  });

  it('decide limits by the same key in one call in a cluster, and give back what only some of several calls let through', async () => {
    const { gateway, level, pass } = world({ mode: 'cluster' });
    const { link, allows } = gateway();
    const daily = { ...QUOTA, windowMs: 86_400_000 };
    const second = charge({ quota: daily, limiter: { id: 'second', algorithm: 'gcra' } });
    const other = charge({ quota: { ...daily, limit: 2, burst: 2 }, key: 'bob' });
    assert.deepEqual(await allows(charge({ quota: daily }), second), [true, true]);
    assert.equal(link.calls, 1);
    assert.deepEqual(await allows(second, other), [true, true]);
    assert.equal(link.calls, 3);
    assert.deepEqual(await allows(second, other), [true, true]);
    assert.deepEqual(await allows(second, other), [true, false]);
    await pass(500);
    assert.equal(Math.round(level(/second/)), 97);
  });

  it('count parts of units in Redis only, and never let through what no bucket has room for', async () => {
    const { gateway, level } = world();
    const { counters, allows } = gateway();
    for (let i = 0; i < 30; i++) assert.deepEqual(await allows(charge({ cost: 0.5 })), [true]);
    assert.equal(level(), 85);
    for (const cost of [101, Infinity, NaN, -1])
      assert.equal(counters.takeNow([charge({ cost })])?.[0]?.isAllowed, false);
    assert.equal(counters.takeNow([charge({ quota: { ...QUOTA, limit: 0 } })])?.[0]?.isAllowed, false);
  });
});
