import type { Random } from '../../core/random.ts';
import { NONE, type Run } from './candidates.ts';
import { UNKNOWN_LATENCY_US } from './endpoint-states.ts';
import type { Fitness, Outlook } from './outlook.ts';
import type { Rule } from './rule.ts';
import { WeightedDraw } from './weighted-draw.ts';

/** Of more, a walk over all takes too long. */
const MANY = 16;
/** Draws that may meet somebody who is not fit, before a walk over all is cheaper. */
const MAX_DRAWS = 8;

/** Picks at random, each candidate as often as its weight says. */
export function randomRule(outlook: Outlook, runs: readonly Run[], random: Random): Rule {
  const draws = new Map(runs.filter(isLong).map((run) => [run, new WeightedDraw(outlook, run)] as const));

  function pickIn(run: Run, fitness: Fitness): number {
    const draw = draws.get(run);
    const drawn = draw === undefined ? NONE : drawFit(draw, fitness);
    return drawn === NONE ? pickAmongAll(run, fitness) : drawn;
  }

  function drawFit(draw: WeightedDraw, fitness: Fitness): number {
    for (let i = 0; i < MAX_DRAWS; i++) {
      const at = draw.draw(random);
      if (outlook.fitness(at) === fitness) return at;
    }
    return NONE;
  }

  function pickAmongAll({ from, to }: Run, fitness: Fitness): number {
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

function isLong({ from, to }: Run): boolean {
  return to - from > MANY;
}
