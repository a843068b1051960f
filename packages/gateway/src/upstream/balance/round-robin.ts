import type { Random } from '../../core/random.ts';
import { NONE, type Run } from './candidates.ts';
import { UNKNOWN_LATENCY_US } from './endpoint-states.ts';
import { OPEN, type Fitness, type Outlook } from './outlook.ts';
import type { Rule } from './rule.ts';

/** Of more, the turns that lead to a random beginning would take too long; they begin in a random order instead. */
const MANY = 64;

/**
 * Smooth weighted round robin, as nginx does it: everyone gains its weight, the richest is picked and pays the sum.
 *
 * Weights 5, 1, 1 give a a b a c a a: in proportion, and no run longer than it has to be. Every thread takes its own
 * turns and begins anywhere, so that neither threads nor reloads gang up on the first endpoint.
 */
export function roundRobin(outlook: Outlook, runs: readonly Run[], random: Random): Rule {
  const credits = new Float64Array(outlook.candidates.count);

  function pickIn({ from, to }: Run, fitness: Fitness): number {
    let total = 0;
    let richest = NONE;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = from; at < to; at++) {
      if (outlook.fitness(at) !== fitness) continue;
      const weight = outlook.weight(at);
      const credit = (credits[at] ?? 0) + weight;
      credits[at] = credit;
      total += weight;
      if (credit <= most) continue;
      most = credit;
      richest = at;
    }
    if (richest !== NONE) credits[richest] = most - total;
    return richest;
  }

  for (const run of runs) {
    const count = run.to - run.from;
    if (count > MANY) {
      for (let at = run.from; at < run.to; at++) credits[at] = random.unit() * outlook.weight(at);
    } else {
      for (let turns = random.below(count); turns > 0; turns--) pickIn(run, OPEN);
    }
  }
  return { pickIn, reason: 'round-robin', medianUs: UNKNOWN_LATENCY_US };
}
