import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RetryConfig } from '@turnpike/config';
import { isWhole } from '../../core/body.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { ExchangeFields } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { random } from '../../core/random.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { Retries } from './retries.ts';
import { RetryBudget } from './retry-budget.ts';
import { RetryPolicy } from './retry-policy.ts';
import { ONE_RETRY } from './retry-testing.ts';
import { ServiceTallies } from './service-tallies.ts';

const START = 1_800_000_000_000;

function retries(config: Partial<RetryConfig> = {}, fields: Partial<ExchangeFields> = {}) {
  let nowMs = START;
  const wheel = new TimingWheel(() => nowMs);
  const tally = new ServiceTallies(ServiceTallies.allocate(1, 1), 0).of(0);
  const policy = new RetryPolicy({ ...ONE_RETRY, ...config });
  const exchange = exchangeFrom(fields);
  const reported: string[] = [];
  let again = 0;
  const budget = new RetryBudget(tally, 20);
  const made = new Retries(
    { policy, budget, reported: (reason) => reported.push(reason) },
    { wheel, random: random(1) },
    { exchange, isReplayable: isWhole(exchange.body), again: () => again++ },
  );
  return {
    retries: made,
    exchange,
    reported,
    total: () => tally.total(nowMs),
    again: () => again,
    budget,
    pass(ms: number) {
      nowMs += ms;
      wheel.advance();
    },
  };
}

describe('the retries of an exchange', () => {
  it('come after a pause', () => {
    const rig = retries();
    assert.equal(rig.retries.follow('UPSTREAM_RESET', null), true);
    rig.pass(19);
    assert.equal(rig.again(), 0);
    rig.pass(100);
    assert.equal(rig.again(), 1);
    rig.pass(10_000);
    assert.equal(rig.again(), 1);
  });

  it('do not come when nobody waits any more', () => {
    const rig = retries();
    assert.equal(rig.retries.follow('UPSTREAM_RESET', null), true);
    rig.retries.end();
    rig.pass(10_000);
    assert.equal(rig.again(), 0);
  });

  it('wait as long as the service asks', () => {
    const rig = retries({ on: [503] });
    assert.equal(rig.retries.follow(503, headersOf(['Retry-After', '1'])), true);
    rig.pass(990);
    assert.equal(rig.again(), 0);
    rig.pass(50);
    assert.equal(rig.again(), 1);
  });

  it('take a place of the budget each', () => {
    const rig = retries({ attempts: 3 });
    rig.retries.follow('UPSTREAM_RESET', null);
    rig.retries.follow('UPSTREAM_RESET', null);
    assert.equal(rig.total().retries, 2);
    assert.equal(rig.retries.follow('UPSTREAM_RESET', null), false);
    assert.equal(rig.exchange.record.unretried, 'attempts');
  });

  it('end with the budget', () => {
    const rig = retries();
    while (rig.budget.tryTake(START));
    assert.equal(rig.retries.follow('UPSTREAM_RESET', null), false);
    assert.equal(rig.exchange.record.unretried, 'budget');
  });

  it('take nothing of the budget where something else speaks against them', () => {
    const rig = retries({}, { method: 'POST' });
    assert.equal(rig.retries.follow('UPSTREAM_RESET', null), false);
    assert.equal(rig.exchange.record.unretried, 'method');
    assert.equal(rig.total().retries, 0);
  });

  it('are only counted in report mode', () => {
    const rig = retries({ mode: 'report', on: [503] });
    assert.equal(rig.retries.follow(503, headersOf()), false);
    assert.deepEqual(rig.reported, ['503']);
    assert.equal(rig.exchange.record.unretried, '');
    const post = retries({ mode: 'report' }, { method: 'POST' });
    assert.equal(post.retries.follow('UPSTREAM_RESET', null), false);
    assert.deepEqual(post.reported, []);
  });
});
