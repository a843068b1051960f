import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { visit } from './balance-testing.ts';
import { EndpointStates, SUPERVISOR, type Charge } from './endpoint-states.ts';

const NOW = 1_700_000_000_000;
const SLOT = 2;

function open(): EndpointStates {
  return new EndpointStates(EndpointStates.allocate(4, 2), 0);
}

/** States with an average of exactly 10 ms, last sampled at {@link NOW}. */
function settled(): EndpointStates {
  const states = open();
  states.sample(SLOT, visit(10, NOW), NOW, 10_000);
  return states;
}

function near(actual: number, expected: number, tolerance = 0.01): void {
  const isNear = Math.abs(actual - expected) <= tolerance * Math.abs(expected);
  assert.ok(isNear, `${actual} is not within ${tolerance * 100} % of ${expected}`);
}

describe('in flight', () => {
  it('is shared by those who open the same buffer', () => {
    const buffer = EndpointStates.allocate(4, 2);
    const [one, two] = [new EndpointStates(buffer, 0), new EndpointStates(buffer, 1)];
    one.begin(SLOT);
    two.begin(SLOT);
    assert.equal(one.inflight(SLOT), 2);
    one.end(SLOT);
    assert.equal(two.inflight(SLOT), 1);
    assert.equal(two.inflight(SLOT + 1), 0);
  });

  it('says how many there are when one begins', () => {
    const states = open();
    assert.equal(states.begin(SLOT), 1);
    states.becomeStream(SLOT);
    assert.equal(states.begin(SLOT), 1.25);
  });

  it('counts a stream as a quarter of a request', () => {
    const states = open();
    states.begin(SLOT);
    states.becomeStream(SLOT);
    assert.equal(states.inflight(SLOT), 0.25);
    states.endStream(SLOT);
    assert.equal(states.inflight(SLOT), 0);
  });

  it('never falls below zero', () => {
    const states = open();
    states.begin(SLOT);
    states.end(SLOT);
    assert.throws(() => states.end(SLOT), /more often/);
    assert.equal(states.inflight(SLOT), 0);
  });

  it('is not for the supervisor, nor for slots that do not exist', () => {
    const buffer = EndpointStates.allocate(4, 2);
    assert.throws(() => new EndpointStates(buffer, SUPERVISOR).begin(0), RangeError);
    assert.throws(() => new EndpointStates(buffer, 0).begin(4), RangeError);
    assert.throws(() => new EndpointStates(buffer, 2), RangeError);
  });

  it('is taken back from a dead thread, and only from that one', () => {
    const buffer = EndpointStates.allocate(4, 2);
    const [one, two] = [new EndpointStates(buffer, 0), new EndpointStates(buffer, 1)];
    for (const slot of [0, 0, 3]) one.begin(slot);
    for (const slot of [0, 1]) two.begin(slot);
    const supervisor = new EndpointStates(buffer, SUPERVISOR);
    supervisor.releaseThread(0);
    supervisor.releaseThread(0);
    assert.deepEqual(
      [0, 1, 2, 3].map((slot) => two.inflight(slot)),
      [1, 1, 0, 0],
    );
    two.end(0);
    assert.equal(two.inflight(0), 0);
  });
});

describe('sample', () => {
  it('begins at the median of the service and moves a twentieth of the way', () => {
    const states = open();
    states.sample(SLOT, visit(120, NOW), NOW, 20_000);
    near(states.ewmaUs(SLOT), 20_000 + 0.05 * 100_000);
  });

  for (const [gapMs, gain] of [
    [0, 0.05],
    [50, 0.05],
    [1000, 0.3935],
    [2000, 0.6321],
    [60_000, 1],
  ] as const) {
    it(`weighs ${gain} after ${gapMs} ms`, () => {
      const states = settled();
      states.sample(SLOT, visit(110, NOW + gapMs), NOW + gapMs, 0);
      near(states.ewmaUs(SLOT), 10_000 + gain * 100_000);
    });
  }

  it('takes a clock that went back for one that stood still', () => {
    const states = settled();
    states.sample(SLOT, visit(110, NOW - 5000), NOW - 5000, 0);
    near(states.ewmaUs(SLOT), 15_000);
  });

  it('reckons with what a request would have taken alone, and keeps what callers feel', () => {
    const states = settled();
    states.sample(SLOT, visit(110, NOW + 60_000, 4), NOW + 60_000, 0);
    near(states.ewmaUs(SLOT), 55_000);
    near(states.view(SLOT).latencyUs, 110_000);
  });

  it('counts as ok', () => {
    const { ok, failed, lastSampleMs } = settled().view(SLOT);
    assert.deepEqual({ ok, failed, lastSampleMs }, { ok: 1, failed: 0, lastSampleMs: NOW });
  });
});

describe('charge', () => {
  const table: readonly [Charge, number, number, number, string][] = [
    ['unavailable', 0.5, 1_000_000, 1, 'a second, however fast it failed'],
    ['unavailable', 5000, 5_000_000, 1, 'the time it took, if that is longer'],
    ['error', 1, 30_000, 1, 'three times the average'],
    ['error', 70, 70_000, 1, 'the time it took, if that is longer'],
    ['abandoned', 3, 10_000, 0, 'nothing, if the client left early'],
    ['abandoned', 70, 70_000, 0, 'the time it took, if the client left late'],
  ];
  for (const [kind, elapsedMs, costUs, failures, title] of table) {
    it(`costs for ${kind} after ${elapsedMs} ms: ${title}`, () => {
      const states = settled();
      states.charge(SLOT, kind, visit(elapsedMs, NOW + 60_000), NOW + 60_000);
      near(states.ewmaUs(SLOT), costUs);
      assert.equal(states.view(SLOT).failed, failures);
      assert.equal(states.view(SLOT).ok, 1);
    });
  }

  it('costs ten times the average, if that is more than a second', () => {
    const states = open();
    states.sample(SLOT, visit(300, NOW), NOW, 300_000);
    states.charge(SLOT, 'unavailable', visit(1, NOW + 60_000), NOW + 60_000);
    near(states.ewmaUs(SLOT), 3_000_000);
  });

  it('is reckoned as if it had come alone, and is no latency that anybody felt', () => {
    const states = settled();
    states.charge(SLOT, 'abandoned', visit(30, NOW + 60_000, 16), NOW + 60_000);
    near(states.ewmaUs(SLOT), 10_000);
    states.charge(SLOT, 'unavailable', visit(8000, NOW + 60_000, 16), NOW + 60_000);
    near(states.ewmaUs(SLOT), 2_000_000);
    near(states.view(SLOT).latencyUs, 10_000);
  });

  it('has an end, so that no endpoint is lost for good', () => {
    const states = settled();
    for (let i = 0; i < 10_000; i++) states.charge(SLOT, 'unavailable', visit(1, NOW + i), NOW + i);
    assert.equal(states.ewmaUs(SLOT), 60_000_000);
    assert.ok(states.expectedUs(SLOT, NOW + 130_000, 10_000) < 200_000);
  });
});

describe('expectedUs', () => {
  for (const idleMs of [0, 1, 100, 5000, 10_000, 50_000]) {
    it(`has faded towards the median after ${idleMs} ms`, () => {
      const states = settled();
      const expected = 2000 + 8000 * Math.exp(-idleMs / 10_000);
      near(states.expectedUs(SLOT, NOW + idleMs, 2000), expected, 0.002);
    });
  }

  it('is the median after a very long time, and without a sample', () => {
    near(settled().expectedUs(SLOT, NOW + 1e12, 2000), 2000, 1e-6);
    assert.equal(open().expectedUs(SLOT, NOW, 2000), 2000);
  });
});

describe('penalise', () => {
  it('lasts until its time and is not shortened by a later, shorter one', () => {
    const states = open();
    states.penalise(SLOT, NOW + 1000);
    states.penalise(SLOT, NOW + 500);
    assert.equal(states.isPenalised(SLOT, NOW + 999), true);
    assert.equal(states.isPenalised(SLOT, NOW + 1000), false);
    assert.equal(states.isPenalised(SLOT + 1, NOW), false);
  });
});

describe('condition', () => {
  const table: readonly [string, string, (states: EndpointStates) => void][] = [
    ['up', 'at first', () => {}],
    ['penalised', 'when it asked for a pause', (states) => states.penalise(SLOT, NOW + 1)],
    ['ejected', 'while it is out', (states) => states.eject(SLOT, NOW + 1)],
    ['half-open', 'when its time is over', (states) => states.eject(SLOT, NOW)],
    ['down', 'by checks', (states) => states.setChecked(SLOT, false)],
    [
      'down',
      'by checks though ejected',
      (states) => (states.eject(SLOT, NOW), states.setChecked(SLOT, false)),
    ],
    ['up', 'when readmitted', (states) => (states.eject(SLOT, NOW + 1), states.readmit(SLOT, NOW))],
    ['up', 'by checks', (states) => (states.setChecked(SLOT, false), states.setChecked(SLOT, true))],
  ];
  for (const [expected, when, happens] of table) {
    it(`is ${expected} ${when}`, () => {
      const states = open();
      happens(states);
      assert.equal(states.condition(SLOT, NOW), expected);
      assert.equal(states.isDown(SLOT, NOW), expected === 'down' || expected === 'ejected');
      assert.equal(states.condition(SLOT + 1, NOW), 'up');
    });
  }
});

describe('reset', () => {
  it('forgets the past but not what is in flight', () => {
    const states = settled();
    states.charge(SLOT, 'error', visit(1, NOW), NOW);
    states.penalise(SLOT, NOW + 1000);
    states.begin(SLOT);
    states.warmUp(SLOT, NOW);
    states.ejections.failed(SLOT, 'reset');
    states.reset(SLOT);
    assert.deepEqual(states.view(SLOT), {
      inflight: 1,
      latencyUs: 0,
      ewmaUs: 0,
      lastSampleMs: 0,
      ok: 0,
      failed: 0,
      penalisedUntilMs: 0,
      warmSinceMs: 0,
      ejection: {
        isEjected: false,
        ejectedAtMs: 0,
        ejectedUntilMs: 0,
        multiplier: 0,
        ejections: 0,
        reason: null,
        lastFailure: null,
        failures: 0,
        generation: 0,
      },
    });
  });

  it('leaves the neighbours alone', () => {
    const states = settled();
    const before = states.view(SLOT);
    states.reset(SLOT - 1);
    states.reset(SLOT + 1);
    assert.deepEqual(states.view(SLOT), before);
  });
});
