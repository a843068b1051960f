// A thread that serves a request in 1 ms and sends one away in 0.2 ms, in simulated time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Priority } from '@turnpike/config';
import { PRIORITIES } from '../core/priority.ts';
import { random } from '../core/random.ts';
import { ThreadStrain } from './thread-strain.ts';

const SERVE_MS = 1;
const SHED_MS = 0.2;
const SECONDS = 40;
/** The first half is left out: it is about what lasts. */
const COUNTED_FROM_MS = 20_000;

interface Outcome {
  served: number;
  shed: number;
}

/** What becomes of such a load, by priority; each turn of the event loop takes what came during the one before. */
function simulate(perSecond: number, priorities: readonly Priority[]): Map<Priority, Outcome> {
  const dice = random(2);
  const outcomes = new Map(priorities.map((priority) => [priority, { served: 0, shed: 0 }]));
  let nowMs = 0;
  let cpuMs = 0;
  let tickedMs = 0;
  let arrived = 0;
  const strain = new ThreadStrain({
    clock: { now: () => nowMs, epoch: () => nowMs },
    random: random(1),
    memoryUse: () => ({ heap: 0, resident: 0 }),
    cpuMs: () => cpuMs,
    shown: { show: () => {} },
  });
  const serve = (priority: Priority): number => {
    const isShed = strain.sheds(priority) !== null;
    const outcome = outcomes.get(priority);
    if (outcome !== undefined && nowMs >= COUNTED_FROM_MS) outcome[isShed ? 'shed' : 'served']++;
    return isShed ? SHED_MS : SERVE_MS;
  };
  while (nowMs < SECONDS * 1000) {
    let tookMs = 0;
    const due = (nowMs / 1000) * perSecond;
    for (; arrived < due; arrived++) tookMs += serve(priorities[dice.below(priorities.length)] ?? 'normal');
    cpuMs += tookMs;
    nowMs += tookMs || 0.1;
    if (nowMs - tickedMs < 11) continue;
    tickedMs = nowMs;
    strain.tick();
  }
  return outcomes;
}

/** Of what comes at 1.5 times of what the thread can do, it can serve this part when it sheds no more than it must. */
const BEST = (1 / 1.5 - SHED_MS) / (SERVE_MS - SHED_MS);

describe('self-protection, simulated', () => {
  it('sheds nobody as long as the thread can follow', () => {
    for (const { shed } of simulate(950, PRIORITIES).values()) assert.equal(shed, 0);
  });

  it('sheds as much as it must, from the lowest priority on', (t) => {
    const outcomes = simulate(1500, PRIORITIES);
    const shares = Array.from(outcomes.values(), ({ served, shed }) => served / (served + shed));
    t.diagnostic(PRIORITIES.map((priority, i) => `${priority} ${(shares[i] ?? 0).toFixed(2)}`).join(', '));
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    assert.ok(mean >= 0.9 * BEST);
    assert.deepEqual(shares.slice(0, 2), [1, 1]);
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => b - a),
    );
    assert.ok((shares.at(-1) ?? 1) < 0.05);
  });

  it('does not swing between all and nothing where all have the same priority', (t) => {
    const { served = 0, shed = 0 } = simulate(1500, ['normal']).get('normal') ?? {};
    const share = served / (served + shed);
    t.diagnostic(`${share.toFixed(2)} are served of ${BEST.toFixed(2)} that could be`);
    assert.ok(share >= 0.8 * BEST);
  });
});
