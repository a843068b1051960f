import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceTallies } from './service-tallies.ts';

const NOW = 1_800_000_000_000;
const SUPERVISOR = -1;

describe('the tallies of services', () => {
  it('add up what all threads count, each service on its own', () => {
    const buffer = ServiceTallies.allocate(3, 2);
    const [one, other] = [new ServiceTallies(buffer, 0), new ServiceTallies(buffer, 1)];
    one.of(1).request(NOW);
    other.of(1).request(NOW + 1000);
    other.of(1).retry(NOW + 2000);
    other.of(2).request(NOW);
    const watcher = new ServiceTallies(buffer, SUPERVISOR);
    assert.deepEqual(watcher.of(1).total(NOW + 2000), { requests: 2, retries: 1 });
    assert.deepEqual(watcher.of(0).total(NOW), { requests: 0, retries: 0 });
  });

  it('forget what is older than ten seconds, second by second', () => {
    const tally = new ServiceTallies(ServiceTallies.allocate(1, 1), 0).of(0);
    for (let second = 0; second < 25; second++) {
      tally.request(NOW + second * 1000);
      assert.equal(tally.total(NOW + second * 1000).requests, Math.min(10, second + 1));
    }
    assert.equal(tally.total(NOW + 24_000 + 9_999).requests, 1);
    assert.equal(tally.total(NOW + 24_000 + 10_000).requests, 0);
    assert.equal(tally.total(NOW + 3_600_000).requests, 0);
  });

  it('know no service that there is no room for', () => {
    const tallies = new ServiceTallies(ServiceTallies.allocate(2, 1), 0);
    assert.throws(() => tallies.of(2), RangeError);
    assert.throws(() => tallies.of(-1), RangeError);
  });
});
