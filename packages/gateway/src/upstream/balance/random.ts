import type { Random } from '../../core/random.ts';
import { NONE, type Run, type Tried } from './candidates.ts';
import { UNKNOWN_LATENCY_US } from './endpoint-states.ts';
import { SHUT, type Outlook } from './outlook.ts';
import type { Rule } from './rule.ts';

/** Picks at random, each candidate as often as its weight says. */
export function randomRule(outlook: Outlook, random: Random): Rule {
  function pickIn(run: Run, tried: Tried, nowMs: number): number {
    const fitness = outlook.bestFitness(run, tried, nowMs);
    if (fitness === SHUT) return NONE;
    let total = 0;
    for (let at = run.from; at < run.to; at++) {
      if (outlook.fitness(at, tried, nowMs) === fitness) total += outlook.weight(at);
    }
    let rest = random.unit() * total;
    // The last of them wins if rounding leaves a rest.
    let picked = NONE;
    for (let at = run.from; at < run.to && rest >= 0; at++) {
      if (outlook.fitness(at, tried, nowMs) !== fitness) continue;
      rest -= outlook.weight(at);
      picked = at;
    }
    return picked;
  }

  return { pickIn, reason: 'random', medianUs: UNKNOWN_LATENCY_US };
}
