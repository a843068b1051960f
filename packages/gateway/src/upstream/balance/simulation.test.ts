// A gateway of four threads before backends that are queues with four workers each, in simulated time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { exchangeFrom } from '../../core/exchange-testing.ts';
import { random, type Random } from '../../core/random.ts';
import type { RuleKind } from './balancer.ts';
import { NOTHING_TRIED } from './candidates.ts';
import { balancerOf, endpointAt, planOf } from './balance-testing.ts';
import { EndpointStates, SUPERVISOR } from './endpoint-states.ts';

const EXCHANGE = exchangeFrom();
const THREADS = 4;
const WORKERS = 4;
const MEAN_SERVICE_MS = 10;
const START_MS = 1_700_000_000_000;

interface Scenario {
  readonly kind: RuleKind;
  readonly weights: readonly number[];
  /** Share of what all backends can do at full speed. */
  readonly load: number;
  readonly seconds: number;
  /** How many times slower than usual a backend works at that second. */
  readonly slowness: (backend: number, second: number) => number;
  /** Whether a backend answers with an error after half a millisecond. */
  readonly fails: (backend: number, second: number) => boolean;
}

interface Call {
  readonly backend: number;
  readonly thread: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly failed: boolean;
}

const HEALTHY = { kind: 'adaptive', seconds: 60, slowness: () => 1, fails: () => false } as const;

/** Ten times slower from second 4 to second 12. */
function slowFirst(backend: number, second: number): number {
  return backend === 0 && second >= 4 && second < 12 ? 10 : 1;
}

function slowOthers(backend: number, second: number): number {
  return backend > 0 && second >= 4 && second < 12 ? 10 : 1;
}

/** How many requests each backend got in each second. */
function simulate(scenario: Scenario, seed: number): number[][] {
  const { weights, load, seconds, kind } = scenario;
  const chance = random(seed);
  const buffer = EndpointStates.allocate(weights.length, THREADS);
  const endpoints = weights.map((weight, slot) => endpointAt(slot, { weight }));
  const threads = Array.from({ length: THREADS }, (_, thread) => {
    const states = new EndpointStates(buffer, thread);
    return {
      states,
      chooser: balancerOf(planOf({ kind }), endpoints, {
        states,
        random: random(seed * THREADS + thread),
      }),
    };
  });
  const freeAtMs = weights.map(() => Array.from({ length: WORKERS }, () => 0));
  const served = Array.from({ length: seconds }, () => weights.map(() => 0));
  const gapMs = MEAN_SERVICE_MS / (load * WORKERS * weights.length);
  const underWay: Call[] = [];

  function finish(call: Call): void {
    const { states, chooser } = threads[call.thread] ?? assert.fail();
    const elapsedMs = call.endMs - call.startMs;
    states.end(call.backend);
    if (call.failed) states.charge(call.backend, 'unavailable', elapsedMs, call.endMs);
    else states.sample(call.backend, elapsedMs, call.endMs, chooser.medianUs);
  }

  function send(thread: number, nowMs: number): Call {
    const { states, chooser } = threads[thread] ?? assert.fail();
    const backend = chooser.pick(NOTHING_TRIED, nowMs, EXCHANGE);
    states.begin(backend);
    const second = Math.floor((nowMs - START_MS) / 1000);
    const inThatSecond = served[second] ?? assert.fail();
    inThatSecond[backend] = (inThatSecond[backend] ?? 0) + 1;
    if (scenario.fails(backend, second))
      return { backend, thread, startMs: nowMs, endMs: nowMs + 0.5, failed: true };
    const workers = freeAtMs[backend] ?? assert.fail();
    const freeMs = Math.min(...workers);
    const serviceMs = exponential(chance, MEAN_SERVICE_MS) * scenario.slowness(backend, second);
    const endMs = Math.max(nowMs, freeMs) + serviceMs;
    workers[workers.indexOf(freeMs)] = endMs;
    return { backend, thread, startMs: nowMs, endMs, failed: false };
  }

  for (let nowMs = START_MS + exponential(chance, gapMs); nowMs < START_MS + seconds * 1000;) {
    for (let call = underWay.at(-1); call !== undefined && call.endMs <= nowMs; call = underWay.at(-1)) {
      finish(call);
      underWay.pop();
    }
    insertByEnd(underWay, send(chance.below(THREADS), nowMs));
    nowMs += exponential(chance, gapMs);
  }
  underWay.forEach(finish);
  const after = new EndpointStates(buffer, SUPERVISOR);
  for (const { slot } of endpoints) assert.equal(after.inflight(slot), 0);
  return served;
}

function exponential(chance: Random, mean: number): number {
  return -mean * Math.log(1 - chance.unit());
}

/** Keeps the calls sorted, the one that ends first at the end. */
function insertByEnd(calls: Call[], call: Call): void {
  let at = calls.length;
  while (at > 0 && (calls[at - 1]?.endMs ?? 0) < call.endMs) at--;
  calls.splice(at, 0, call);
}

/** The part of all requests from second `from` to second `to` that the backend got, times the number of backends. */
function fairShare(
  served: readonly (readonly number[])[],
  backend: number,
  from: number,
  to: number,
): number {
  let own = 0;
  let all = 0;
  for (const counts of served.slice(from, to)) {
    own += counts[backend] ?? 0;
    all += counts.reduce((a, b) => a + b);
  }
  return (own * (served[0]?.length ?? 0)) / all;
}

function ones(count: number): number[] {
  return Array.from({ length: count }, () => 1);
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
      const served = simulate({ ...HEALTHY, weights: ones(backends), load, slowness: slowFirst }, 1);
      const ill = fairShare(served, 0, 6, 12);
      const healed = fairShare(served, 0, 40, 60);
      t.diagnostic(`${ill.toFixed(3)} of a fair share while slow, ${healed.toFixed(3)} when healed`);
      assert.ok(ill < 0.1);
      assert.ok(healed >= 0.8);
    });
  }

  it('gives four healed ones of five their share back, though their old averages are the median', (t) => {
    const served = simulate({ ...HEALTHY, weights: ones(5), load: 0.05, slowness: slowOthers }, 1);
    const spared = fairShare(served, 0, 40, 60);
    t.diagnostic(`${spared.toFixed(3)} of a fair share for the one that was never slow`);
    assert.ok(spared < 1.3);
  });

  for (const [backends, load] of [
    [2, 0.3],
    [5, 0.6],
    [20, 0.2],
    [20, 0.7],
  ] as const) {
    it(`gives a fast-failing one of ${backends} less than 1 % at load ${load}`, (t) => {
      const served = simulate(
        { ...HEALTHY, weights: ones(backends), load, fails: (backend) => backend === 0 },
        2,
      );
      const part = fairShare(served, 0, 0, 60) / backends;
      t.diagnostic(`${(100 * part).toFixed(3)} % of the traffic`);
      assert.ok(part < 0.01);
    });
  }

  it('shares evenly when nothing is wrong', (t) => {
    const served = simulate({ ...HEALTHY, weights: ones(20), load: 0.7 }, 3);
    const shares = ones(20).map((_, backend) => fairShare(served, backend, 2, 60));
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
    [9, 0.3, 0.85, 0.95],
    [9, 0.5, 0.75, 0.9],
  ];
  for (const kind of ['adaptive', 'least-request'] as const) {
    for (const [weight, load, least, most] of table) {
      it(`${kind} gives ${weight} times the weight ${least} to ${most} of the traffic at load ${load}`, (t) => {
        const served = simulate({ ...HEALTHY, kind, weights: [weight, 1], load }, 4);
        const part = fairShare(served, 0, 1, 60) / 2;
        t.diagnostic(`${(100 * part).toFixed(1)} %`);
        assert.ok(part >= least && part <= most);
      });
    }
  }
});
