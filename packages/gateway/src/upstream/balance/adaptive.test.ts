import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { exchangeFrom } from '../../core/exchange-testing.ts';
import { random } from '../../core/random.ts';
import type { RuleKind } from './balancer.ts';
import { NOTHING_TRIED } from './candidates.ts';
import { balancerOf, endpointAt, planOf, visit } from './balance-testing.ts';
import { EndpointStates } from './endpoint-states.ts';

const EXCHANGE = exchangeFrom();
const NOW = 1_700_000_000_000;

interface Known {
  /** Average latency, in milliseconds; the default is no history. */
  readonly ewmaMs?: number;
  readonly inflight?: number;
  readonly weight?: number;
  readonly idleMs?: number;
}

function choose(kind: RuleKind, knowns: readonly Known[]) {
  const states = new EndpointStates(EndpointStates.allocate(knowns.length, 1), 0);
  knowns.forEach(({ ewmaMs, inflight = 0, idleMs = 0 }, slot) => {
    if (ewmaMs !== undefined) states.sample(slot, visit(ewmaMs, NOW - idleMs), NOW - idleMs, ewmaMs * 1000);
    for (let i = 0; i < inflight; i++) states.begin(slot);
  });
  const endpoints = knowns.map(({ weight = 1 }, slot) => endpointAt(slot, { weight }));
  return {
    states,
    chooser: balancerOf(planOf({ kind }), endpoints, { states, random: random(1) }),
  };
}

describe('adaptive', () => {
  const table: readonly [string, readonly Known[], number][] = [
    ['the faster of two', [{ ewmaMs: 20 }, { ewmaMs: 10 }], 1],
    [
      'the idler of two',
      [
        { ewmaMs: 10, inflight: 3 },
        { ewmaMs: 10, inflight: 2 },
      ],
      1,
    ],
    // (1 + 1)^1.5 is 2.83.
    [
      'the faster one with a request while it is 2.9 times as fast',
      [{ ewmaMs: 10, inflight: 1 }, { ewmaMs: 29 }],
      0,
    ],
    [
      'the slower one without while it is 2.7 times as slow',
      [{ ewmaMs: 10, inflight: 1 }, { ewmaMs: 27 }],
      1,
    ],
    ['the heavier of two', [{ ewmaMs: 10 }, { ewmaMs: 10, weight: 2 }], 1],
    ['a slower one of three times the weight', [{ ewmaMs: 10 }, { ewmaMs: 29, weight: 3 }], 1],
    [
      'one without history before one above the median',
      [{ ewmaMs: 10 }, { ewmaMs: 20 }, { ewmaMs: 30, inflight: 1 }, {}],
      0,
    ],
    [
      'one without history when it costs the median',
      [{ ewmaMs: 10, inflight: 1 }, { ewmaMs: 20, inflight: 1 }, {}],
      2,
    ],
    [
      'one that was slow long ago like one that is at the median',
      [
        { ewmaMs: 10, inflight: 1 },
        { ewmaMs: 10, inflight: 1 },
        { ewmaMs: 100, idleMs: 40_000 },
      ],
      2,
    ],
    [
      'not one that was slow just now',
      [
        { ewmaMs: 10, inflight: 1 },
        { ewmaMs: 10, inflight: 2 },
        { ewmaMs: 100, idleMs: 1000 },
      ],
      0,
    ],
  ];
  for (const [title, knowns, expected] of table) {
    it(`picks ${title}`, () => {
      assert.equal(choose('adaptive', knowns).chooser.pick(NOTHING_TRIED, NOW, EXCHANGE), expected);
    });
  }

  const medians: readonly [string, readonly Known[], number][] = [
    ['30 ms without history', [{}, {}], 30_000],
    ['the lower of two', [{ ewmaMs: 100 }, { ewmaMs: 10 }], 10_000],
    ['the middle of three', [{ ewmaMs: 100 }, { ewmaMs: 10 }, { ewmaMs: 20 }], 20_000],
    ['of those with history', [{ ewmaMs: 100 }, {}, {}], 100_000],
    [
      'of those used lately',
      [{ ewmaMs: 100, idleMs: 11_000 }, { ewmaMs: 90, idleMs: 11_000 }, { ewmaMs: 10 }],
      10_000,
    ],
    [
      'of all, if none was used lately',
      [
        { ewmaMs: 100, idleMs: 11_000 },
        { ewmaMs: 10, idleMs: 12_000 },
      ],
      10_000,
    ],
    ['of those that are not drained', [{ ewmaMs: 100 }, { ewmaMs: 10, weight: 0 }], 100_000],
  ];
  for (const [title, knowns, expectedUs] of medians) {
    it(`has a median ${title}`, () => {
      const { chooser } = choose('adaptive', knowns);
      chooser.pick(NOTHING_TRIED, NOW, EXCHANGE);
      assert.ok(Math.abs(chooser.medianUs - expectedUs) < 1);
    });
  }

  it('looks at the median again after 64 picks', () => {
    const { states, chooser } = choose('adaptive', [{ ewmaMs: 10 }]);
    chooser.pick(NOTHING_TRIED, NOW, EXCHANGE);
    states.sample(0, visit(20, NOW + 60_000), NOW + 60_000, 0);
    for (let i = 0; i < 63; i++) chooser.pick(NOTHING_TRIED, NOW + 60_000, EXCHANGE);
    assert.ok(Math.abs(chooser.medianUs - 10_000) < 1);
    chooser.pick(NOTHING_TRIED, NOW + 60_000, EXCHANGE);
    assert.ok(Math.abs(chooser.medianUs - 20_000) < 1);
  });

  it('draws eight of many, each equally likely', () => {
    // Endpoint i takes i + 1 ms, so the fastest of a random eight is picked: 0 with 8/40, 1 with 8/40 × 32/39, …
    const { chooser } = choose(
      'adaptive',
      Array.from({ length: 40 }, (_, i) => ({ ewmaMs: i + 1 })),
    );
    const counts = Array.from({ length: 40 }, () => 0);
    for (let i = 0; i < 50_000; i++) {
      const index = chooser.pick(NOTHING_TRIED, NOW, EXCHANGE);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    assert.ok(Math.abs((counts[0] ?? 0) / 50_000 - 8 / 40) < 0.01);
    assert.ok(Math.abs((counts[1] ?? 0) / 50_000 - ((8 / 40) * 32) / 39) < 0.01);
    assert.deepEqual(counts.slice(33), [0, 0, 0, 0, 0, 0, 0]);
  });

  it('compares up to twenty', () => {
    const { chooser } = choose(
      'adaptive',
      Array.from({ length: 20 }, (_, i) => ({ ewmaMs: i + 1 })),
    );
    for (let i = 0; i < 100; i++) assert.equal(chooser.pick(NOTHING_TRIED, NOW, EXCHANGE), 0);
  });

  it('finds the one of many that is open', () => {
    const { states, chooser } = choose(
      'adaptive',
      Array.from({ length: 100 }, () => ({ ewmaMs: 10 })),
    );
    for (let slot = 0; slot < 100; slot++) if (slot !== 73) states.penalise(slot, NOW + 1);
    for (let i = 0; i < 100; i++) assert.equal(chooser.pick(NOTHING_TRIED, NOW, EXCHANGE), 73);
  });
});

describe('least-request', () => {
  const table: readonly [string, readonly Known[], number][] = [
    ['the idler of two, however slow', [{ ewmaMs: 1, inflight: 1 }, { ewmaMs: 1000 }], 1],
    ['the heavier of two with as much to do', [{ inflight: 2 }, { inflight: 2, weight: 2 }], 1],
    ['the one with less for its weight', [{ inflight: 0 }, { inflight: 1, weight: 2 }], 0],
  ];
  for (const [title, knowns, expected] of table) {
    it(`picks ${title}`, () => {
      assert.equal(choose('least-request', knowns).chooser.pick(NOTHING_TRIED, NOW, EXCHANGE), expected);
    });
  }
});

describe('distance', () => {
  function nearShare(kind: RuleKind, [near, far]: [number, number], { nearLoad = 0, nearMs = 10 } = {}) {
    const states = new EndpointStates(EndpointStates.allocate(near + far, 1), 0);
    const endpoints = Array.from({ length: near + far }, (_, slot) =>
      endpointAt(slot, { zone: slot < near ? 'here' : 'there' }),
    );
    for (const { slot } of endpoints) {
      const ms = slot < near ? nearMs : 10;
      states.sample(slot, visit(ms, NOW), NOW, ms * 1000);
      const inflight = slot < near ? nearLoad : 0;
      for (let i = 0; i < inflight; i++) states.begin(slot);
    }
    const chooser = balancerOf(planOf({ kind }), endpoints.toReversed(), { states, zone: 'here' });
    const picked = Array.from({ length: 300 }, () => chooser.pick(NOTHING_TRIED, NOW, EXCHANGE));
    return picked.filter((index) => near + far - 1 - index < near).length / picked.length;
  }

  for (const kind of ['adaptive', 'least-request'] as const) {
    it(`keeps requests of ${kind} in the zone as long as nothing is the matter there`, () => {
      assert.equal(nearShare(kind, [2, 4]), 1);
      assert.equal(nearShare(kind, [2, 40]), 1);
      assert.equal(nearShare(kind, [40, 2]), 1);
    });

    it(`lets requests of ${kind} leave when there is much to do here`, () => {
      assert.equal(nearShare(kind, [2, 4], { nearLoad: 3 }), 0);
      assert.equal(nearShare(kind, [2, 40], { nearLoad: 3 }), 0);
    });
  }

  it('lets requests leave when what is near has become slow', () => {
    assert.equal(nearShare('adaptive', [2, 4], { nearMs: 39 }), 1);
    assert.equal(nearShare('adaptive', [2, 4], { nearMs: 41 }), 0);
  });
});
