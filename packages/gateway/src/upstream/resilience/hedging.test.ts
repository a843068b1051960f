import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HedgeConfig } from '@turnpike/config';
import { Hedging } from './hedging.ts';
import { RetryBudget } from './retry-budget.ts';
import { ServiceTallies } from './service-tallies.ts';

const NOW = 1_800_000_000_000;

function hedging(config: Partial<HedgeConfig> = {}) {
  const tally = new ServiceTallies(ServiceTallies.allocate(1, 1), 0).of(0);
  const budget = new RetryBudget(tally, 20);
  let reported = 0;
  const after = { kind: 'time', ms: 50 } as const;
  const made = new Hedging({ mode: 'on', after, budgetPercent: 5, ...config }, budget, () => reported++);
  return { hedging: made, budget, reported: () => reported };
}

/** How many of so many requests get a second attempt if all of them want one. */
function hedged(of: Hedging, requests: number): number {
  let count = 0;
  for (let i = 0; i < requests; i++) {
    of.begin(NOW);
    if (of.tryTake(NOW) === 'taken') count++;
  }
  return count;
}

describe('hedging', () => {
  it('is due after a fixed time, and never at once', () => {
    assert.equal(hedging().hedging.begin(NOW), 50);
    assert.equal(hedging({ after: { kind: 'time', ms: 1 } }).hedging.begin(NOW), 5);
  });

  it('is due after a percentile, once it is known', () => {
    const { hedging: made } = hedging({ after: { kind: 'percentile', percentile: 95 } });
    for (let i = 0; i < 49; i++) {
      assert.equal(made.begin(NOW), null);
      made.answered(100, NOW);
    }
    made.answered(100, NOW);
    const afterMs = made.begin(NOW) ?? 0;
    assert.ok(afterMs >= 100 && afterMs <= 120);
  });

  it('stays within its share of the requests', () => {
    assert.equal(hedged(hedging().hedging, 1000), 51);
    assert.equal(hedged(hedging({ budgetPercent: 0 }).hedging, 1000), 1);
  });

  it('saves no more than ten', () => {
    const { hedging: made } = hedging();
    for (let i = 0; i < 5000; i++) made.begin(NOW);
    let taken = 0;
    while (made.tryTake(NOW) === 'taken') taken++;
    assert.equal(taken, 10);
  });

  it('is off while the retries of the service are used up', () => {
    const { hedging: made, budget } = hedging();
    while (budget.tryTake(NOW));
    assert.equal(made.tryTake(NOW), 'refused');
    assert.equal(made.tryTake(NOW + 11_000), 'taken');
  });

  it('is only counted in report mode, within the same budget', () => {
    const { hedging: made, reported } = hedging({ mode: 'report' });
    assert.equal(made.tryTake(NOW), 'reported');
    assert.equal(made.tryTake(NOW), 'refused');
    assert.equal(reported(), 1);
  });
});
