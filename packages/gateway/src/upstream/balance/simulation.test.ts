// What the balancers do to a service, in simulated time: see `simulation-testing.ts`.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpointAt } from './balance-testing.ts';
import type { BalancedEndpoint } from './candidates.ts';
import {
  fairShare,
  HEALTHY,
  lognormal,
  quantile,
  simulate,
  START_MS,
  type Outcome,
  type Scenario,
} from './simulation-testing.ts';

/** Ten times slower from second 4 to second 12. */
function slowFirst(backend: number, second: number): number {
  return backend === 0 && second >= 4 && second < 12 ? 10 : 1;
}

function slowOthers(backend: number, second: number): number {
  return backend > 0 && second >= 4 && second < 12 ? 10 : 1;
}

function equals(count: number): BalancedEndpoint[] {
  return Array.from({ length: count }, (_, slot) => endpointAt(slot));
}

describe('adaptive, simulated', () => {
  for (const [backends, load] of [
    [2, 0.3],
    [3, 0.5],
    [5, 0.7],
    [20, 0.2],
    [20, 0.7],
  ] as const) {
    it(`gives a healed one of ${backends} its share back at load ${load}`, (t) => {
      const outcome = simulate({ ...HEALTHY, endpoints: equals(backends), load, slowness: slowFirst }, 1);
      const ill = fairShare(outcome, 0, [6, 12]);
      const healed = fairShare(outcome, 0, [40, 60]);
      t.diagnostic(`${ill.toFixed(3)} of a fair share while slow, ${healed.toFixed(3)} when healed`);
      assert.ok(ill < 0.1);
      assert.ok(healed >= 0.8);
    });
  }

  it('gives four healed ones of five their share back, though their old averages are the median', (t) => {
    // With so little to do, who looks fastest changes slowly: one run says nothing.
    const shares = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      const scenario = { ...HEALTHY, endpoints: equals(5), load: 0.05, slowness: slowOthers };
      return fairShare(simulate(scenario, seed), 0, [40, 60]);
    });
    const spared = shares.reduce((a, b) => a + b) / shares.length;
    t.diagnostic(`${spared.toFixed(3)} of a fair share for the one that was never slow`);
    assert.ok(spared < 1.15);
  });

  for (const [backends, load] of [
    [2, 0.3],
    [5, 0.6],
    [20, 0.2],
    [20, 0.7],
  ] as const) {
    it(`gives a fast-failing one of ${backends} less than 1 % at load ${load}`, (t) => {
      const outcome = simulate(
        { ...HEALTHY, endpoints: equals(backends), load, fails: (backend) => backend === 0 },
        2,
      );
      const part = fairShare(outcome, 0, [0, 60]) / backends;
      t.diagnostic(`${(100 * part).toFixed(3)} % of the traffic`);
      assert.ok(part < 0.01);
    });
  }

  it('shares evenly when nothing is wrong', (t) => {
    const outcome = simulate({ ...HEALTHY, endpoints: equals(20), load: 0.7 }, 3);
    const shares = equals(20).map((_, backend) => fairShare(outcome, backend, [2, 60]));
    t.diagnostic(`${Math.min(...shares).toFixed(3)} to ${Math.max(...shares).toFixed(3)} of a fair share`);
    assert.ok(Math.min(...shares) > 0.9 && Math.max(...shares) < 1.1);
  });
});

describe('weights, simulated', () => {
  // A weight divides the score, so it is a tendency: it binds more the less there is to do.
  const table: readonly [number, number, number, number][] = [
    [2, 0.3, 0.6, 0.7],
    [2, 0.6, 0.55, 0.67],
    [9, 0.05, 0.95, 1],
    [9, 0.3, 0.85, 0.97],
    [9, 0.5, 0.75, 0.9],
  ];
  for (const kind of ['adaptive', 'least-request'] as const) {
    for (const [weight, load, least, most] of table) {
      it(`${kind} gives ${weight} times the weight ${least} to ${most} of the traffic at load ${load}`, (t) => {
        const outcome = simulate(
          { ...HEALTHY, kind, endpoints: [endpointAt(0, { weight }), endpointAt(1)], load },
          4,
        );
        const part = fairShare(outcome, 0, [1, 60]) / 2;
        t.diagnostic(`${(100 * part).toFixed(1)} %`);
        assert.ok(part >= least && part <= most);
      });
    }
  }
});

/** Twenty backends of three speeds, each of which loses more than half of it for a fifth of the time. */
function mixedSpeeds(backend: number, second: number): number {
  const speed = [1, 1, 1, 0.6, 1, 1, 0.6, 1, 0.35, 1, 1, 1, 0.6, 1, 0.35, 0.6, 1, 0.6, 0.35, 1][backend] ?? 1;
  const isDisturbed = (second + 7 * backend) % 10 < 2;
  return 1 / (speed * (isDisturbed ? 0.4 : 1));
}

/** 70 % of what those can do. */
const MIXED: Omit<Scenario, 'kind'> = {
  ...HEALTHY,
  endpoints: equals(20),
  load: 0.49,
  time: lognormal(1),
  slowness: mixedSpeeds,
};

function p99Of(kind: Scenario['kind'], scenario: Omit<Scenario, 'kind'>): number {
  return quantile(simulate({ ...scenario, kind }, 5), 0.99);
}

describe('tails, simulated', () => {
  it('are the shortest with adaptive when backends differ, and far shorter than in turns', (t) => {
    const [adaptive, leastRequest, turns] = [
      p99Of('adaptive', MIXED),
      p99Of('least-request', MIXED),
      p99Of('round-robin', MIXED),
    ];
    t.diagnostic(`p99 ${[adaptive, leastRequest, turns].map((ms) => ms.toFixed(0)).join(', ')} ms`);
    assert.ok(adaptive < leastRequest);
    assert.ok(adaptive < 0.2 * turns);
  });

  it('are at most a third longer than with an oracle that knows who is how fast at the moment', (t) => {
    const [adaptive, oracle] = [p99Of('adaptive', MIXED), p99Of('oracle', MIXED)];
    t.diagnostic(`p99 ${adaptive.toFixed(0)} ms, oracle ${oracle.toFixed(0)} ms`);
    assert.ok(adaptive < 1.33 * oracle);
  });

  it('are not longer for one backend of twenty that is ten times slower', (t) => {
    const scenario = { ...HEALTHY, endpoints: equals(20), load: 0.7, time: lognormal(1) };
    const without = p99Of('adaptive', scenario);
    const slow = p99Of('adaptive', { ...scenario, slowness: (backend) => (backend === 0 ? 10 : 1) });
    t.diagnostic(`p99 ${without.toFixed(0)} ms, with it ${slow.toFixed(0)} ms`);
    assert.ok(slow < 1.2 * without);
  });

  it('do not hide failures: one that fails fast fails 0.3 % of all requests at most', (t) => {
    const { failedPart } = simulate(
      { ...HEALTHY, endpoints: equals(20), load: 0.7, fails: (backend) => backend === 0 },
      6,
    );
    t.diagnostic(`${(100 * failedPart).toFixed(3)} % failed`);
    assert.ok(failedPart > 0 && failedPart <= 0.003);
  });
});

describe('zones, simulated', () => {
  const zones = 'aabbbbbbcccccccccccc';
  const endpoints = Array.from(zones, (zone, slot) => endpointAt(slot, { zone }));
  const gateways = ['a', 'b', 'c'];

  /** What the endpoints of a zone get of a fair share, in the mean. */
  function shareOf(zone: string, outcome: Outcome): number {
    const shares = endpoints.flatMap((e, i) => (e.zone === zone ? [fairShare(outcome, i, [2, 20])] : []));
    return shares.reduce((a, b) => a + b) / shares.length;
  }

  // Two endpoints of twenty are in the zone of every third gateway: if all stayed there, they would get 3.3 times their share.
  for (const [kind, load, most, crossed] of [
    ['adaptive', 0.3, 2.2, 0.3],
    ['adaptive', 0.9, 1.15, 0.5],
    ['least-request', 0.3, 2, 0.3],
    ['least-request', 0.9, 1.15, 0.5],
    ['round-robin', 0.9, 1.05, 0.3],
    ['random', 0.9, 1.05, 0.3],
  ] as const) {
    it(`${kind} prefers its own without overloading a small one, at load ${load}`, (t) => {
      const outcome = simulate({ ...HEALTHY, kind, endpoints, gateways, load, seconds: 20 }, 7);
      const shares = gateways.map((zone) => shareOf(zone, outcome));
      t.diagnostic(
        `${shares.map((share) => share.toFixed(2)).join(', ')} of a fair share; ` +
          `${(100 * outcome.crossedPart).toFixed(0)} % left their zone`,
      );
      assert.ok(Math.max(...shares) < most);
      assert.ok(outcome.crossedPart < crossed);
    });
  }

  it('makes tails no longer', (t) => {
    const scenario = { ...HEALTHY, endpoints, load: 0.9, seconds: 20 };
    const blind = p99Of('adaptive', { ...scenario, gateways: [null, null, null] });
    const aware = p99Of('adaptive', { ...scenario, gateways });
    t.diagnostic(`p99 ${blind.toFixed(1)} ms, with zones ${aware.toFixed(1)} ms`);
    assert.ok(aware < 1.1 * blind);
  });

  it('keeps nearly everything in zones that are even, and lets it leave one that has become slow', () => {
    const even = Array.from('aaaaaabbbbbbcccccc', (zone, slot) => endpointAt(slot, { zone }));
    const scenario = { ...HEALTHY, endpoints: even, gateways, load: 0.3, seconds: 20 };
    assert.ok(simulate(scenario, 8).crossedPart < 0.12);
    const ill = simulate({ ...scenario, slowness: (backend) => (backend < 6 ? 10 : 1) }, 8);
    const left = even.slice(0, 6).map((_, backend) => fairShare(ill, backend, [10, 20]));
    assert.ok(Math.max(...left) < 0.3);
  });
});

describe('slow start, simulated', () => {
  for (const kind of ['adaptive', 'least-request', 'round-robin', 'random'] as const) {
    for (const load of [0.1, 0.5]) {
      it(`lets ${kind} give a new one of ten more and more at load ${load}`, (t) => {
        const scenario: Scenario = {
          ...HEALTHY,
          kind,
          endpoints: equals(10),
          load,
          slowStartMs: 30_000,
          prepare: (states) => states.warmUp(0, START_MS),
        };
        const outcome = simulate(scenario, 9);
        const spans = [[0, 6] as const, [12, 18] as const, [35, 60] as const];
        const [first = 1, then = 0, last = 0] = spans.map((span) => fairShare(outcome, 0, span));
        t.diagnostic([first, then, last].map((share) => share.toFixed(2)).join(', '));
        assert.ok(first < 0.5 && then > 0.2 && then < 0.9 && last > 0.8);
        assert.ok(first < then && then < last);
      });
    }
  }
});
