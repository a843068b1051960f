import type { Random } from '../../core/random.ts';
import { NONE, type Run } from './candidates.ts';
import { UNKNOWN_LATENCY_US } from './endpoint-states.ts';
import type { Fitness, Outlook } from './outlook.ts';
import type { Rule } from './rule.ts';

/** Picks at random, each candidate as often as its weight says. */
export function randomRule(outlook: Outlook, random: Random): Rule {
  function pickIn({ from, to }: Run, fitness: Fitness): number {
    let total = 0;
    for (let at = from; at < to; at++) {
      if (outlook.fitness(at) === fitness) total += outlook.weight(at);
    }
    let rest = random.unit() * total;
    // The last of them wins if rounding leaves a rest.
    let picked = NONE;
    for (let at = from; at < to && rest >= 0; at++) {
      if (outlook.fitness(at) !== fitness) continue;
      rest -= outlook.weight(at);
      picked = at;
    }
    return picked;
  }

  return { pickIn, reason: 'random', medianUs: UNKNOWN_LATENCY_US };
}
