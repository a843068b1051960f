import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { balanceOf, type Scramble } from './redis-leases-testing.ts';
import { LEASE_MS, RedisLeases } from './redis-leases.ts';

const NOW_MS = 1_700_000_000_123;

function leased(units: number, nowMs = NOW_MS) {
  const leases = new RedisLeases(RedisLeases.allocate(8));
  const key = leases.keyOf('alice');
  const place = leases.settle(key, nowMs);
  assert.equal(leases.grant(place, key, units, nowMs), 0);
  return { leases, key, place };
}

describe('RedisLeases', () => {
  it('hand out what was granted, and no more', () => {
    const { leases, key, place } = leased(5);
    assert.equal(leases.draw(place, key, 3, NOW_MS), 2);
    assert.equal(leases.draw(place, key, 3, NOW_MS), -1);
    assert.equal(leases.draw(place, key, 2, NOW_MS), 0);
    assert.equal(leases.draw(place, key, 0, NOW_MS), -1, 'there could be debt');
  });

  it('end after their time, also where the low bits of the time overflow', () => {
    for (const nowMs of [0, NOW_MS, 2 ** 31 - 100, 2 ** 32 - 100]) {
      const { leases, key, place } = leased(5, nowMs);
      assert.equal(leases.draw(place, key, 1, nowMs + LEASE_MS - 1), 4);
      assert.equal(leases.reclaim(place, key, nowMs + LEASE_MS - 1), 0);
      assert.equal(leases.draw(place, key, 1, nowMs + LEASE_MS), -1);
      assert.equal(leases.putBack(place, key, 1, nowMs + LEASE_MS), false);
      assert.equal(leases.reclaim(place, key, nowMs + LEASE_MS), 4);
      assert.equal(leases.reclaim(place, key, nowMs + LEASE_MS), 0);
    }
  });

  it('do not last for as long as the clocks of two threads are apart', () => {
    const { leases, key, place } = leased(5, NOW_MS + 3_600_000);
    assert.equal(leases.draw(place, key, 1, NOW_MS), -1);
  });

  it('return what had become too old when more is granted', () => {
    const { leases, key, place } = leased(5);
    assert.equal(leases.grant(place, key, 7, NOW_MS + 100), 0);
    assert.equal(leases.draw(place, key, 12, NOW_MS + 200), 0);
    assert.equal(leases.grant(place, key, 5, NOW_MS + 200), 0);
    assert.equal(leases.grant(place, key, 3, NOW_MS + 500), 5);
    assert.equal(leases.draw(place, key, 3, NOW_MS + 500), 0);
  });

  it('return what is more than one place can hold', () => {
    const { leases, key, place } = leased(2 ** 20 - 1);
    assert.equal(leases.grant(place, key, 10, NOW_MS), 10);
    assert.equal(leases.putBack(place, key, 1, NOW_MS), false);
  });

  it('give the places of keys that nobody asks for to others, but none that holds units', () => {
    const leases = new RedisLeases(RedisLeases.allocate(8));
    const keys = Array.from({ length: 20 }, (_, i) => leases.keyOf(`key ${i}`));
    const places = keys.slice(0, 8).map((key) => leases.settle(key, NOW_MS));
    assert.equal(new Set(places).size, 8);
    for (const [i, key] of keys.slice(0, 7).entries()) leases.grant(places[i] ?? -1, key, 5, NOW_MS);
    const ninth = keys[8] ?? assert.fail();
    const place = leases.settle(ninth, NOW_MS + 10);
    assert.equal(place, places[7]);
    assert.equal(leases.find(keys[7] ?? assert.fail()), -1);
    leases.grant(place, ninth, 5, NOW_MS + 10);
    assert.equal(leases.settle(keys[9] ?? assert.fail(), NOW_MS + 20), -1);
    assert.equal(leases.draw(places[0] ?? -1, ninth, 1, NOW_MS), -1, 'it is the place of another');
    assert.ok(leases.settle(keys[9] ?? assert.fail(), NOW_MS + LEASE_MS) >= 0);
  });

  it('have one fetch as much as was asked for lately, and others when that takes too long', () => {
    const { leases, place } = leased(0);
    assert.equal(leases.beginFetch(place, NOW_MS, 50), 0);
    leases.demand(place, 3, NOW_MS);
    leases.demand(place, 4, NOW_MS);
    assert.equal(leases.beginFetch(place, NOW_MS, 50), 7);
    assert.equal(leases.beginFetch(place, NOW_MS + 49, 50), 0);
    assert.equal(leases.beginFetch(place, NOW_MS + 50, 50), 7);
    leases.endFetch(place);
    leases.demand(place, 2, NOW_MS + 100);
    assert.equal(leases.beginFetch(place, NOW_MS + 100, 50), 7);
    leases.endFetch(place);
    assert.equal(leases.beginFetch(place, NOW_MS + 200, 50), 2);
    leases.endFetch(place);
    assert.equal(leases.beginFetch(place, NOW_MS + 400, 50), 0);
  });

  it('belong to the process: the same name is another key elsewhere', () => {
    const [one, other] = [leased(1).leases, leased(1).leases];
    assert.deepEqual(one.keyOf('a'), one.keyOf('a'));
    assert.notDeepEqual(one.keyOf('a'), other.keyOf('a'));
  });

  it('never give more for a key than was granted, whatever four threads do with more keys than there are places', async () => {
    const keys = 12;
    const shared = {
      leases: RedisLeases.allocate(8),
      balance: new SharedArrayBuffer(8 * keys),
      keys,
      steps: 40_000,
    };
    const threads = [1, 2, 3, 4].map((seed) => {
      const workerData: Scramble = { ...shared, seed };
      return new Worker(new URL('./redis-leases-testing.ts', import.meta.url), { workerData });
    });
    for (const [code] of await Promise.all(threads.map((thread) => once(thread, 'exit'))))
      assert.equal(code, 0);
    const leases = new RedisLeases(shared.leases);
    for (const [i, { granted, out }] of balanceOf(shared.balance).entries()) {
      const key = leases.keyOf(`key ${i}`);
      const place = leases.find(key);
      const left = place < 0 ? 0 : leases.empty(place, key);
      assert.ok(granted > 1000);
      assert.ok(out + left <= granted, `key ${i}: ${out} + ${left} of ${granted}`);
      assert.ok(out > 0);
    }
  });
});
