import type { Random } from '../../core/random.ts';
import { NONE, type Run } from './candidates.ts';
import { UNKNOWN_LATENCY_US } from './endpoint-states.ts';
import { OPEN, type Fitness, type Outlook } from './outlook.ts';
import type { Rule } from './rule.ts';
import { TurnQueue } from './turn-queue.ts';

/** Of more, a walk over all takes too long. */
const MANY = 64;

/**
 * Smooth weighted round robin, as nginx does it: everyone gains its weight, the richest is picked and pays the sum.
 *
 * Weights 5, 1, 1 give a a b a c a a: in proportion, and no run longer than it has to be. Every thread takes its own
 * turns and begins anywhere, so that neither threads nor reloads gang up on the first endpoint. Where there are many, a queue
 * gives the turns.
 */
export function roundRobin(outlook: Outlook, runs: readonly Run[], random: Random): Rule {
  const credits = new Float64Array(outlook.candidates.count);
  const queues = new Map(
    runs.filter(isLong).map((run) => [run, new TurnQueue(outlook, run, random)] as const),
  );

  function pickIn(run: Run, fitness: Fitness): number {
    const queued = queues.get(run)?.next(fitness) ?? NONE;
    return queued === NONE ? richestIn(run, fitness) : queued;
  }

  function richestIn({ from, to }: Run, fitness: Fitness): number {
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

  for (const run of runs.filter((each) => !isLong(each))) {
    for (let turns = random.below(run.to - run.from); turns > 0; turns--) richestIn(run, OPEN);
  }
  return { pickIn, reason: 'round-robin', medianUs: UNKNOWN_LATENCY_US };
}

function isLong({ from, to }: Run): boolean {
  return to - from > MANY;
}
