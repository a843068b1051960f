import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { LEAST_RETRIES, RetryBudget } from './retry-budget.ts';
import { ServiceTallies, type ServiceTally } from './service-tallies.ts';

const NOW = 1_800_000_000_000;

function tallies(threads = 1): ServiceTally[] {
  const buffer = ServiceTallies.allocate(4, threads);
  return Array.from({ length: threads }, (_, thread) => new ServiceTallies(buffer, thread).of(2));
}

/** Takes as many as there are; gives how many. */
function takeAll(budget: RetryBudget, nowMs: number, most = 1000): number {
  let taken = 0;
  while (taken < most && budget.tryTake(nowMs)) taken++;
  return taken;
}

describe('the budget of retries', () => {
  it('is a share of the requests, and some in any case', () => {
    for (const [requests, most] of [
      [0, 10],
      [49, 10],
      [50, 10],
      [55, 11],
      [1000, 200],
    ] as const) {
      const [tally] = tallies() as [ServiceTally];
      for (let i = 0; i < requests; i++) {
        tally.request(NOW);
      }
      assert.equal(takeAll(new RetryBudget(tally, 20), NOW), most);
    }
  });

  it('is none where the share is none', () => {
    const [tally] = tallies() as [ServiceTally];
    assert.equal(new RetryBudget(tally, 0).tryTake(NOW), false);
  });

  it('is one for all threads', () => {
    const [one, other] = tallies(2) as [ServiceTally, ServiceTally];
    for (let i = 0; i < 100; i++) {
      one.request(NOW);
    }
    assert.equal(takeAll(new RetryBudget(other, 20), NOW, 15), 15);
    assert.equal(takeAll(new RetryBudget(one, 20), NOW), 5);
  });

  it('is there again when ten seconds have gone', () => {
    const [tally] = tallies() as [ServiceTally];
    const budget = new RetryBudget(tally, 20);
    assert.equal(takeAll(budget, NOW), LEAST_RETRIES);
    assert.equal(budget.hasRoom(NOW + 8_999), false);
    assert.equal(budget.hasRoom(NOW + 11_000), true);
  });

  it('keeps its word in a total outage, however requests are spread over time', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 200, maxLength: 500 });
    fc.assert(
      fc.property(gaps, (sequence) => {
        const [tally] = tallies() as [ServiceTally];
        const budget = new RetryBudget(tally, 20);
        let nowMs = NOW;
        const requests: number[] = [];
        const retries: number[] = [];
        for (const gap of sequence) {
          nowMs += gap;
          tally.request(nowMs);
          requests.push(nowMs);
          // Every one fails, and would be tried four times more.
          for (let i = takeAll(budget, nowMs, 4); i > 0; i--) retries.push(nowMs);
        }
        for (const endMs of retries) {
          const within = (times: number[]): number =>
            times.filter((time) => time <= endMs && time > endMs - 9_000).length;
          const requestsBefore = requests.filter((time) => time <= endMs && time > endMs - 10_000).length;
          assert.ok(within(retries) <= Math.max(LEAST_RETRIES, requestsBefore * 0.2));
        }
      }),
      { numRuns: 50 },
    );
  });
});
