import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from '@turnpike/testkit/fast-check';

import { exchangeFrom } from '../../core/exchange-testing.ts';
import { random, type Random } from '../../core/random.ts';
import type { Balancer, RuleKind } from './balancer.ts';
import { NOTHING_TRIED, type BalancedEndpoint } from './candidates.ts';
import { balancerOf, endpointAt, planOf } from './balance-testing.ts';
import { EndpointStates } from './endpoint-states.ts';

const EXCHANGE = exchangeFrom();
const NOW = 1_700_000_000_000;
const KINDS: readonly RuleKind[] = ['adaptive', 'round-robin', 'least-request', 'random'];
/** Begins where it says, and draws the first. */
const ALWAYS_ZERO: Random = { next: () => 0, below: () => 0, unit: () => 0 };

function openStates(): EndpointStates {
  return new EndpointStates(EndpointStates.allocate(256, 1), 0);
}

/** Endpoints with slots that differ from their indexes. */
function endpointsOf(weights: readonly number[]): BalancedEndpoint[] {
  return weights.map((weight, index) => endpointAt(255 - index, { weight }));
}

/** What `times` picks in a row give, nothing being sent. */
function picks(chooser: Balancer, times: number): number[] {
  return Array.from({ length: times }, () => chooser.pick(NOTHING_TRIED, NOW, EXCHANGE));
}

function sharesOf(picked: readonly number[], count: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => picked.filter((index) => index === i).length / picked.length,
  );
}

function assertShares(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  const isNear = actual.every((share, i) => Math.abs(share - (expected[i] ?? 0)) <= tolerance);
  assert.ok(isNear, `${actual.map((share) => share.toFixed(3)).join(' ')} is not ${expected.join(' ')}`);
}

for (const kind of KINDS) {
  describe(`every balancer: ${kind}`, () => {
    for (const [title, weights] of [
      ['no endpoints', []],
      ['one that is drained', [0]],
      ['many that are drained', Array.from({ length: 12 }, () => 0)],
    ] as const) {
      it(`picks none of ${title}`, () => {
        const chooser = balancerOf(planOf({ kind }), endpointsOf(weights), {
          states: openStates(),
          random: random(1),
        });
        assert.equal(chooser.pick(NOTHING_TRIED, NOW, EXCHANGE), -1);
      });
    }

    it('picks each endpoint once in an exchange, then none; never a drained one, whatever is penalised', () => {
      const weights = fc.array(fc.nat({ max: 3 }), { maxLength: 40 });
      fc.assert(
        fc.property(weights, fc.nat(), fc.nat(), (weights, penalised, seed) => {
          const states = openStates();
          const endpoints = endpointsOf(weights);
          endpoints.forEach(({ slot }, i) => {
            if (((penalised >>> (i % 32)) & 1) === 1) states.penalise(slot, NOW + 1);
          });
          const chooser = balancerOf(planOf({ kind }), endpoints, { states, random: random(seed) });
          const order: number[] = [];
          const tried: number[] = [];
          for (;;) {
            const index = chooser.pick(tried, NOW, EXCHANGE);
            if (index === -1) break;
            order.push(index);
            tried.push(index);
            assert.ok(order.length <= weights.length);
          }
          const live = weights.flatMap((weight, index) => (weight > 0 ? [index] : []));
          assert.deepEqual(
            [...order].sort((a, b) => a - b),
            live,
          );
          // Those that asked for a pause come last.
          const pauses = order.map((index) => (penalised >>> (index % 32)) & 1);
          assert.deepEqual(
            pauses,
            [...pauses].sort((a, b) => a - b),
          );
        }),
      );
    });

    it('does not confuse the 33rd endpoint with the first', () => {
      const weights = Array.from({ length: 33 }, (_, i) => (i === 32 ? 1 : 0));
      const chooser = balancerOf(planOf({ kind }), endpointsOf(weights), {
        states: openStates(),
        random: random(1),
      });
      assert.equal(chooser.pick([0], NOW, EXCHANGE), 32);
      assert.equal(chooser.pick([0, 1, 31], NOW, EXCHANGE), 32);
    });

    it('takes an endpoint back when its pause is over', () => {
      const states = openStates();
      const endpoints = endpointsOf([1, 1]);
      states.penalise(255, NOW + 10);
      const chooser = balancerOf(planOf({ kind }), endpoints, { states, random: random(1) });
      assert.deepEqual(new Set(picks(chooser, 50)), new Set([1]));
      assert.equal(chooser.pick([1], NOW + 10, EXCHANGE), 0);
    });

    for (const count of [3, 40]) {
      it(`shares evenly among ${count} equals without history`, () => {
        const endpoints = endpointsOf(Array.from({ length: count }, () => 1));
        const chooser = balancerOf(planOf({ kind }), endpoints, {
          states: openStates(),
          random: random(2),
        });
        const even = endpoints.map(() => 1 / count);
        assertShares(sharesOf(picks(chooser, 20_000), count), even, 0.02);
      });
    }

    it('notices within the pick that so few are healthy that health is ignored, and that they have healed', () => {
      const states = openStates();
      const endpoints = endpointsOf([1, 1, 1, 1]);
      const chooser = balancerOf(planOf({ kind }), endpoints, { states });
      chooser.pick(NOTHING_TRIED, NOW, EXCHANGE);
      for (const slot of [255, 254, 253]) states.setChecked(slot, false);
      assert.equal(new Set(picks(chooser, 200)).size, 4);
      for (const slot of [255, 254]) states.setChecked(slot, true);
      assert.deepEqual(new Set(picks(chooser, 200)), new Set([0, 1, 3]));
    });

    it('does not begin with the same endpoint in every thread', () => {
      const endpoints = endpointsOf([1, 1, 1, 1]);
      const firsts = Array.from({ length: 200 }, (_, seed) =>
        balancerOf(planOf({ kind }), endpoints, {
          states: openStates(),
          random: random(seed),
        }).pick(NOTHING_TRIED, NOW, EXCHANGE),
      );
      assertShares(sharesOf(firsts, 4), [0.25, 0.25, 0.25, 0.25], 0.1);
    });
  });
}

describe('round-robin', () => {
  const table: readonly [readonly number[], string][] = [
    [[5, 1, 1], 'aabacaa'],
    [[1, 1, 1], 'abc'],
    [[3, 2], 'ababa'],
    [[4, 2, 1], 'abacaba'],
    [[2, 0, 1], 'aca'],
  ];
  for (const [weights, cycle] of table) {
    it(`goes ${cycle} for weights ${weights.join('/')}, again and again`, () => {
      const chooser = balancerOf(planOf({ kind: 'round-robin' }), endpointsOf(weights), {
        states: openStates(),
        random: ALWAYS_ZERO,
      });
      const names = picks(chooser, 3 * cycle.length).map((index) => 'abc'[index]);
      assert.equal(names.join(''), cycle.repeat(3));
    });
  }

  it('is exact over each cycle, for any weights and any beginning', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(weights, fc.nat(), (weights, seed) => {
        const total = weights.reduce((a, b) => a + b);
        const chooser = balancerOf(planOf({ kind: 'round-robin' }), endpointsOf(weights), {
          states: openStates(),
          random: random(seed),
        });
        const picked = picks(chooser, total);
        assertShares(
          sharesOf(picked, weights.length),
          weights.map((weight) => weight / total),
          1e-9,
        );
      }),
    );
  });

  it('is fair among many, by weight, and gives one that was away no more than its turns', () => {
    const weights = Array.from({ length: 100 }, (_, i) => (i < 50 ? 1 : 3));
    const states = openStates();
    const endpoints = endpointsOf(weights);
    const chooser = balancerOf(planOf({ kind: 'round-robin' }), endpoints, { states });
    for (const { slot } of endpoints.slice(0, 40)) states.setChecked(slot, false);
    assert.ok(Math.min(...picks(chooser, 500)) >= 40);
    for (const { slot } of endpoints.slice(0, 40)) states.setChecked(slot, true);
    const later = Array.from({ length: 20_000 }, () => chooser.pick(NOTHING_TRIED, NOW + 100, EXCHANGE));
    assertShares(
      sharesOf(later, 100),
      weights.map((weight) => weight / 200),
      0.0002,
    );
  });

  it('gives no credit to those that had to be skipped', () => {
    const chooser = balancerOf(planOf({ kind: 'round-robin' }), endpointsOf([1, 1]), {
      states: openStates(),
      random: ALWAYS_ZERO,
    });
    for (let i = 0; i < 10; i++) assert.equal(chooser.pick([0], NOW, EXCHANGE), 1);
    assertShares(sharesOf(picks(chooser, 4), 2), [0.5, 0.5], 0);
  });
});

describe('random', () => {
  for (const weights of [
    [1, 1],
    [9, 1],
    [5, 3, 2],
    [0.5, 0, 1.5],
    [100, 1, 1, 1, 1],
  ]) {
    it(`respects the weights ${weights.join('/')}`, () => {
      const total = weights.reduce((a, b) => a + b);
      const chooser = balancerOf(planOf({ kind: 'random' }), endpointsOf(weights), {
        states: openStates(),
        random: random(3),
      });
      const shares = sharesOf(picks(chooser, 50_000), weights.length);
      assertShares(
        shares,
        weights.map((weight) => weight / total),
        0.01,
      );
    });
  }

  it('respects weights among many, and who of them is down', () => {
    const weights = Array.from({ length: 60 }, (_, i) => (i < 30 ? 1 : 3));
    const states = openStates();
    const endpoints = endpointsOf(weights);
    for (const { slot } of endpoints.slice(0, 10)) states.setChecked(slot, false);
    const chooser = balancerOf(planOf({ kind: 'random' }), endpoints, { states, random: random(5) });
    assertShares(
      sharesOf(picks(chooser, 50_000), 60),
      weights.map((weight, i) => (i < 10 ? 0 : weight / 110)),
      0.005,
    );
  });

  it('keeps the proportions of those that are left', () => {
    const chooser = balancerOf(planOf({ kind: 'random' }), endpointsOf([10, 3, 1]), {
      states: openStates(),
      random: random(4),
    });
    const picked = Array.from({ length: 50_000 }, () => chooser.pick([0], NOW, EXCHANGE));
    assertShares(sharesOf(picked, 3), [0, 0.75, 0.25], 0.01);
  });
});
