import type { Random } from '../../core/random.ts';
import type { Balancer } from './balancer.ts';
import { NONE, TRIED, type Candidates, type Tried } from './candidates.ts';
import { UNKNOWN_LATENCY_US } from './endpoint-states.ts';

/** Picks at random, each candidate as often as its weight says. */
export function randomBalancer(candidates: Candidates, random: Random): Balancer {
  function pick(tried: Tried, nowMs: number): number {
    const standing = candidates.bestStanding(tried, nowMs);
    if (standing === TRIED) return NONE;
    let total = 0;
    for (let at = 0; at < candidates.count; at++) {
      if (candidates.standing(at, tried, nowMs) === standing) total += candidates.weight(at);
    }
    let rest = random.unit() * total;
    // The last of them wins if rounding leaves a rest.
    let picked = NONE;
    for (let at = 0; at < candidates.count && rest >= 0; at++) {
      if (candidates.standing(at, tried, nowMs) !== standing) continue;
      rest -= candidates.weight(at);
      picked = at;
    }
    return candidates.index(picked);
  }

  return { pick, reason: 'random', medianUs: UNKNOWN_LATENCY_US };
}
