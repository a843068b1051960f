import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpointAt } from './balance-testing.ts';
import { Candidates, NOTHING_TRIED, type BalancedEndpoint } from './candidates.ts';
import { EndpointStates } from './endpoint-states.ts';
import { OPEN, Outlook, PENALISED, SHUT, type HealthRules } from './outlook.ts';

const NOW = 1_700_000_000_000;

interface Known {
  readonly priority?: number;
  readonly weight?: number;
  readonly isDown?: boolean;
  readonly warmForMs?: number;
}

function setUp(knowns: readonly Known[], rules: Partial<HealthRules> = {}) {
  const states = new EndpointStates(EndpointStates.allocate(knowns.length, 1), 0);
  const endpoints = knowns.map(({ priority = 0, weight = 1 }, slot): BalancedEndpoint =>
    endpointAt(slot, { priority, weight }),
  );
  knowns.forEach(({ isDown = false, warmForMs }, slot) => {
    if (isDown) states.setChecked(slot, false);
    if (warmForMs !== undefined) states.warmUp(slot, NOW - warmForMs);
  });
  let panics = 0;
  const outlook = new Outlook(new Candidates(endpoints, null), states, {
    slowStartMs: 30_000,
    panicThreshold: 50,
    panicked: () => panics++,
    ...rules,
  });
  outlook.begin(NOTHING_TRIED, NOW);
  return { states, outlook, panics: () => panics };
}

function repeat(count: number, known: Known): Known[] {
  return Array.from({ length: count }, () => known);
}

const UP: Known = {};
const DOWN: Known = { isDown: true };

describe('health', () => {
  it('shuts those that are down or were tried, and keeps those that want a pause for later', () => {
    const { outlook, states } = setUp([UP, DOWN, UP, UP]);
    states.penalise(2, NOW + 10);
    outlook.begin([3], NOW);
    assert.deepEqual(
      [0, 1, 2, 3].map((at) => outlook.fitness(at)),
      [OPEN, SHUT, PENALISED, SHUT],
    );
  });

  it('notices at once when one of few has fallen ill or healed, and of many when it is time', () => {
    for (const [count, isNoticed] of [
      [4, true],
      [40, false],
    ] as const) {
      const { outlook, states } = setUp(repeat(count, UP));
      for (let slot = 0; slot < count - 1; slot++) states.setChecked(slot, false);
      assert.equal(outlook.begin(NOTHING_TRIED, NOW + 1), false);
      assert.equal(outlook.fitness(0), SHUT);
      assert.equal(outlook.isStale, isNoticed);
      assert.equal(outlook.begin(NOTHING_TRIED, NOW + 50), true);
      assert.equal(outlook.fitness(0), OPEN);
      states.setChecked(0, true);
      outlook.fitness(0);
      assert.equal(outlook.isStale, isNoticed);
    }
  });

  it('counts who is picked although it is down', () => {
    const { outlook, panics } = setUp([UP, DOWN, DOWN]);
    assert.deepEqual(
      [0, 1, 2].map((at) => outlook.take(at)),
      ['well', 'down', 'down'],
    );
    assert.equal(panics(), 2);
  });
});

describe('panic', () => {
  const table: readonly [string, readonly Known[], number, readonly boolean[]][] = [
    ['none while half is healthy', [UP, DOWN], 50, [false]],
    ['some when less is', [UP, DOWN, DOWN], 50, [true]],
    ['by weight, not by number', [{ weight: 3 }, DOWN, DOWN], 50, [false]],
    ['none with a threshold of 0, even when all are down', [DOWN, DOWN], 0, [false]],
    ['some with a threshold of 100 when one is down', [UP, UP, UP, DOWN], 100, [true]],
    [
      'none as long as the next level carries it all',
      [DOWN, DOWN, { priority: 1 }, { priority: 1 }],
      50,
      [false, false],
    ],
    [
      'some in the level that is ill when the next one cannot carry it',
      [DOWN, DOWN, { priority: 1 }, { priority: 1, isDown: true }],
      50,
      [true, false],
    ],
  ];
  for (const [title, knowns, panicThreshold, panics] of table) {
    it(`is ${title}`, () => {
      const { outlook } = setUp(knowns, { panicThreshold });
      assert.deepEqual(
        panics.map((_, level) => outlook.isPanic(level)),
        panics,
      );
    });
  }
});

describe('levels of priority', () => {
  const second: Known = { priority: 1 };
  const third: Known = { priority: 2 };
  const table: readonly [string, readonly Known[], readonly number[]][] = [
    ['all to the first', [UP, UP, second, third], [1, 0, 0]],
    ['all to the first while 71 % of it are healthy', [...repeat(5, UP), DOWN, DOWN, second], [1, 0]],
    ['what is missing to the second', [...repeat(5, UP), ...repeat(5, DOWN), second], [0.7, 0.3]],
    ['all to the second when the first is down', [DOWN, second], [0, 1]],
    ['what both lack to the third', [DOWN, second, { ...second, isDown: true }, third], [0, 0.7, 0.3]],
    [
      'more than they should carry to those that are left',
      [UP, ...repeat(3, DOWN), second, ...repeat(3, { ...second, isDown: true })],
      [0.5, 0.5],
    ],
    ['all to the first when nobody is healthy', [DOWN, { ...second, isDown: true }], [1, 0]],
    ['by weight', [{ weight: 5 }, { weight: 5, isDown: true }, second], [0.7, 0.3]],
  ];
  for (const [title, knowns, shares] of table) {
    it(`give ${title}`, () => {
      const { outlook } = setUp(knowns);
      shares.forEach((share, level) => {
        assert.ok(Math.abs((outlook.levelShares[level] ?? NaN) - share) < 1e-9, outlook.levelShares.join());
      });
    });
  }
});

describe('slow start', () => {
  const table: readonly [warmForMs: number, weight: number][] = [
    [0, 0.4],
    [1500, 0.4],
    [6000, 0.8],
    [15_000, 2],
    [29_999, 4],
    [30_000, 4],
    [1e9, 4],
    // The clocks of threads differ by a little.
    [-2, 0.4],
  ];
  for (const [warmForMs, weight] of table) {
    it(`gives weight ${weight} of 4 after ${warmForMs} ms of 30 s`, () => {
      const { outlook } = setUp([{ weight: 4, warmForMs }, UP, UP]);
      assert.ok(Math.abs(outlook.weight(0) - weight) < 0.01);
      assert.equal(outlook.weight(1), 1);
    });
  }

  const cold: Known = { warmForMs: 0 };
  const exceptions: readonly [string, readonly Known[], Partial<HealthRules>, number][] = [
    ['not when more than half are new', [cold, cold, UP], {}, 1],
    ['when just half are', [cold, cold, UP, UP], {}, 0.1],
    ['not when more than half of the healthy are', [cold, UP, DOWN, cold], {}, 1],
    ['of each level on its own', [cold, UP, { ...cold, priority: 1 }, { ...cold, priority: 1 }], {}, 0.1],
    ['not when it is off', [cold, UP, UP], { slowStartMs: 0 }, 1],
  ];
  for (const [title, knowns, rules, weight] of exceptions) {
    it(`is made ${title}`, () => assert.equal(setUp(knowns, rules).outlook.weight(0), weight));
  }

  it('goes on while time goes on', () => {
    const { outlook } = setUp([cold, UP, UP]);
    outlook.begin(NOTHING_TRIED, NOW + 15_000);
    assert.equal(outlook.weight(0), 0.5);
  });
});
