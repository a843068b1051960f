import type { Random } from '../../core/random.ts';
import type { Balancer } from './balancer.ts';
import { NONE, NOTHING_TRIED, TRIED, type Candidates, type Tried } from './candidates.ts';
import { UNKNOWN_LATENCY_US } from './endpoint-states.ts';

/**
 * Smooth weighted round robin, as nginx does it: everyone gains its weight, the richest is picked and pays the sum.
 *
 * Weights 5, 1, 1 give a a b a c a a: in proportion, and no run longer than it has to be. Every thread takes its own
 * turns and begins anywhere, so that neither threads nor reloads gang up on the first endpoint.
 */
export function roundRobin(candidates: Candidates, random: Random): Balancer {
  const credits = new Float64Array(candidates.count);

  function pick(tried: Tried, nowMs: number): number {
    const standing = candidates.bestStanding(tried, nowMs);
    if (standing === TRIED) return NONE;
    let total = 0;
    let richest = NONE;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < credits.length; at++) {
      if (candidates.standing(at, tried, nowMs) !== standing) continue;
      const weight = candidates.weight(at);
      const credit = (credits[at] ?? 0) + weight;
      credits[at] = credit;
      total += weight;
      if (credit <= most) continue;
      most = credit;
      richest = at;
    }
    credits[richest] = most - total;
    return candidates.index(richest);
  }

  for (let turns = random.below(candidates.count); turns > 0; turns--)
    pick(NOTHING_TRIED, Number.POSITIVE_INFINITY);
  return { pick, reason: 'round-robin', medianUs: UNKNOWN_LATENCY_US };
}
