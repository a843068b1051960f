import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceTallies } from './service-tallies.ts';

const NOW = 1_800_000_000_000;
const SUPERVISOR = -1;

describe('the tallies of services', () => {
  it('add up what all threads count, each service on its own', () => {
    const buffer = ServiceTallies.allocate(3, 2);
    const [one, other] = [new ServiceTallies(buffer, 0), new ServiceTallies(buffer, 1)];
    one.of(1).begin(NOW);
    other.of(1).begin(NOW + 1000);
    other.of(1).beginRetry(NOW + 2000);
    other.of(2).begin(NOW);
    const watcher = new ServiceTallies(buffer, SUPERVISOR);
    assert.deepEqual(watcher.of(1).total(NOW + 2000), { requests: 2, retries: 1, inflight: 2, retrying: 1 });
    other.of(1).endRetry();
    other.of(1).end();
    assert.deepEqual(watcher.of(1).total(NOW + 2000), { requests: 2, retries: 1, inflight: 1, retrying: 0 });
    assert.deepEqual(watcher.of(0).total(NOW), { requests: 0, retries: 0, inflight: 0, retrying: 0 });
  });

  it('forget what is older than ten seconds, second by second', () => {
    const tally = new ServiceTallies(ServiceTallies.allocate(1, 1), 0).of(0);
    for (let second = 0; second < 25; second++) {
      tally.begin(NOW + second * 1000);
      tally.end();
      assert.equal(tally.total(NOW + second * 1000).requests, Math.min(10, second + 1));
    }
    assert.equal(tally.total(NOW + 24_000 + 9_999).requests, 1);
    assert.equal(tally.total(NOW + 24_000 + 10_000).requests, 0);
    assert.equal(tally.total(NOW + 3_600_000).requests, 0);
  });

  it('take back what a thread had under way, and nothing else', () => {
    const buffer = ServiceTallies.allocate(2, 2);
    const [one, other] = [new ServiceTallies(buffer, 0).of(1), new ServiceTallies(buffer, 1).of(1)];
    for (const tally of [one, other]) {
      tally.begin(NOW);
      tally.beginRetry(NOW);
    }
    new ServiceTallies(buffer, SUPERVISOR).releaseThread(1);
    assert.deepEqual(one.total(NOW), { requests: 2, retries: 2, inflight: 1, retrying: 1 });
  });

  it('know no service that there is no room for', () => {
    const tallies = new ServiceTallies(ServiceTallies.allocate(2, 1), 0);
    assert.throws(() => tallies.of(2), RangeError);
    assert.throws(() => tallies.of(-1), RangeError);
  });
});
