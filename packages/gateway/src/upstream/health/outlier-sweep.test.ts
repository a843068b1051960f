import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random } from '../../core/random.ts';
import { visit } from '../balance/balance-testing.ts';
import { EndpointStates } from '../balance/endpoint-states.ts';
import { membersOf, NOW, RULES } from './health-testing.ts';
import { outliersOf, type EndpointInterval } from './outlier-statistics.ts';
import { OutlierSweep } from './outlier-sweep.ts';

function intervals(...pairs: readonly (readonly [requests: number, failures: number])[]): EndpointInterval[] {
  return pairs.map(([requests, failures], slot) => ({ slot, requests, failures }));
}

describe('outliers', () => {
  const good = [1000, 0] as const;
  const table: readonly [string, EndpointInterval[], string[]][] = [
    ['nobody where all is well', intervals(good, good, good, good, good), []],
    ['nobody without requests', intervals([0, 0], [0, 0]), []],
    ['who failed 85 % of 50', intervals(good, [100, 85]), ['1 failure-percentage']],
    ['not by 85 % of 49, but by half of 20', intervals(good, [49, 42]), ['1 low-success']],
    ['nobody by 19 requests', intervals(good, [19, 19]), []],
    ['who succeeds less than half the time', intervals(good, [20, 11]), ['1 low-success']],
    ['nobody who succeeds half the time', intervals(good, [20, 10]), []],
    ['who is far from its siblings', intervals(good, good, [100, 30], good, good), ['2 success-rate']],
    ['nobody far from three siblings', intervals(good, good, [100, 30], good), []],
    ['nobody with 99 requests', intervals(good, good, [99, 30], good, good), []],
    ['nobody for one failure among perfect siblings', intervals(good, good, [1000, 1], good, good), []],
    [
      'nobody where all are equally bad',
      intervals(...Array.from({ length: 6 }, () => [200, 80] as const)),
      [],
    ],
    [
      'the worst first',
      intervals([100, 60], [100, 99], good, [100, 70]),
      ['1 failure-percentage', '3 low-success', '0 low-success'],
    ],
  ];
  for (const [who, given, expected] of table) {
    it(`are ${who}`, () => {
      assert.deepEqual(
        outliersOf(given).map(({ slot, reason }) => `${slot} ${reason}`),
        expected,
      );
    });
  }
});

function setUp(count: number) {
  const states = new EndpointStates(EndpointStates.allocate(count, 1), 0);
  const sweep = new OutlierSweep({ memory: states, random: random(1) });
  const service = { id: 's', outliers: RULES, members: membersOf(count) };
  sweep.use([service], NOW);
  return {
    states,
    sweep,
    service,
    requests(slot: number, ok: number, failed: number) {
      for (let i = 0; i < ok; i++) states.sample(slot, visit(10, NOW), NOW, 10_000);
      for (let i = 0; i < failed; i++) {
        states.charge(slot, 'unavailable', visit(10, NOW), NOW);
        states.ejections.failed(slot, 'status');
      }
    },
    ejected: () => service.members.filter(({ slot }) => states.ejections.isEjected(slot)).map((m) => m.slot),
  };
}

describe('the sweep', () => {
  it('looks at what came since the last one, when the interval is over', () => {
    const { sweep, requests, ejected } = setUp(3);
    requests(0, 1000, 0);
    requests(1, 10, 40);
    sweep.look(NOW + 9999);
    assert.deepEqual(ejected(), []);
    sweep.look(NOW + 10_000);
    assert.deepEqual(ejected(), [1]);
  });

  it('does not count errors of the application', () => {
    const { sweep, states, requests, ejected } = setUp(3);
    requests(0, 100, 0);
    for (let i = 0; i < 100; i++) states.charge(1, 'error', visit(10, NOW), NOW);
    sweep.look(NOW + 10_000);
    assert.deepEqual(ejected(), []);
  });

  it('ejects the worst, and no more than may be', () => {
    const { sweep, requests, ejected } = setUp(7);
    for (let slot = 0; slot < 7; slot++) requests(slot, 100 - 10 * slot, 30 + 10 * slot);
    sweep.look(NOW + 10_000);
    assert.deepEqual(ejected(), [5, 6]);
  });

  it('does not charge twice for what was before an ejection', () => {
    const { sweep, states, requests, ejected } = setUp(3);
    requests(1, 0, 100);
    states.ejections.eject(1, NOW + 1000, { nowMs: NOW, reason: 'consecutive-failures' });
    states.readmit(1, NOW + 1000);
    sweep.look(NOW + 10_000);
    assert.deepEqual(ejected(), []);
    requests(1, 100, 0);
    sweep.look(NOW + 20_000);
    assert.deepEqual(ejected(), []);
  });

  it('shortens the next ejection by a step for every healthy interval', () => {
    const { sweep, states } = setUp(3);
    for (let i = 0; i < 3; i++) {
      states.eject(0, NOW);
      states.readmit(0, NOW);
    }
    const multipliers: number[] = [];
    for (let i = 1; i <= 6; i++) {
      sweep.look(NOW + 10_000 * i);
      multipliers.push(states.view(0).ejection.multiplier);
    }
    assert.deepEqual(multipliers, [3, 2, 1, 0, 0, 0], 'the first interval had ejections in it');
  });

  it('ends what seems to last too long after the clock went back', () => {
    const { sweep, states } = setUp(3);
    states.eject(0, NOW + 30_000);
    const back = NOW - 24 * 3_600_000;
    sweep.look(back);
    assert.equal(states.view(0).ejection.ejectedUntilMs, back + RULES.maxEjectMs);
    sweep.look(back + 10_000);
    assert.equal(states.isDown(0, back + RULES.maxEjectMs), false);
  });

  it('readmits who was not tried for very long, so that others can be ejected', () => {
    const { sweep, states, ejected } = setUp(3);
    states.eject(0, NOW + 30_000);
    sweep.look(NOW + 10_000);
    sweep.look(NOW + 30_000 + RULES.maxEjectMs);
    assert.deepEqual(ejected(), [0]);
    sweep.look(NOW + 40_001 + RULES.maxEjectMs);
    assert.deepEqual(ejected(), []);
  });

  it('readmits all when detection is switched off', () => {
    const { sweep, states, service, ejected } = setUp(3);
    states.eject(0, NOW + 30_000);
    sweep.use([{ ...service, outliers: null }], NOW);
    assert.deepEqual(ejected(), []);
    sweep.look(NOW + 10_000);
  });

  it('goes on where it was when members come and go', () => {
    const { sweep, requests, service, states, ejected } = setUp(4);
    requests(1, 10, 40);
    requests(3, 0, 100);
    states.reset(3);
    sweep.use([{ ...service, members: membersOf(4) }], NOW + 5000);
    sweep.look(NOW + 10_000);
    assert.deepEqual(ejected(), [1], 'the slot 3 has another endpoint now');
    sweep.use([], NOW + 10_000);
    sweep.look(NOW + 20_000);
  });
});
