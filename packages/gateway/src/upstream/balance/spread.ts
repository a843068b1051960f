import type { Run } from './candidates.ts';
import type { Outlook } from './outlook.ts';

/** Over which runs of candidates the traffic spreads, and which part of it each gets. */
export interface Spread {
  /** Those to use first come first. */
  readonly runs: readonly Run[];
  /** As of the last update; together 1. */
  readonly shares: Float64Array;
  /** The outlook has changed. */
  update(): void;
}

/** By priority only: for rules that weigh distance themselves, or must not look at it. */
export function levelSpread({ candidates, levelShares }: Outlook): Spread {
  return { runs: candidates.levels, shares: levelShares, update() {} };
}

/**
 * By priority, then by zone: our own zone gets everything as long as it has its fair part of the healthy weight, which is one
 * of N when endpoints are in N zones. Of what it has less, so much less stays here, and the rest goes to zones that have more
 * than their part, as far as they have. So all zones are loaded alike, however uneven they are, provided that gateways stand
 * evenly in all of them, each with its share of the callers.
 */
export function zoneSpread(outlook: Outlook): Spread {
  const { levels } = outlook.candidates;
  const zonesOf = levels.map(({ from, to, localTo, zones }) =>
    localTo > from && zones.length > 1 ? zones : [{ from, to, localTo: to }],
  );
  const runs = zonesOf.flat();
  const shares = new Float64Array(runs.length);

  function update(): void {
    let first = 0;
    zonesOf.forEach((zones, level) => {
      const own = shares.subarray(first, first + zones.length);
      zones.forEach((zone, i) => (own[i] = outlook.usableWeightIn(zone)));
      if (!outlook.isPanic(level)) stayNear(own);
      scaleTo(own, outlook.levelShares[level] ?? 0);
      first += zones.length;
    });
  }

  return { runs, shares, update };
}

/** From the weights of zones, ours first, to the parts of the traffic that go there. */
function stayNear(weights: Float64Array): void {
  const total = weights.reduce((a, b) => a + b, 0);
  const fair = total / weights.length;
  const here = Math.min(fair, weights[0] ?? 0);
  for (let zone = 1; zone < weights.length; zone++) weights[zone] = Math.max(0, (weights[zone] ?? 0) - fair);
  weights[0] = 0;
  scaleTo(weights, fair - here);
  weights[0] = here;
}

function scaleTo(parts: Float64Array, sum: number): void {
  const now = parts.reduce((a, b) => a + b, 0);
  for (let at = 0; at < parts.length; at++) parts[at] = now === 0 ? 0 : ((parts[at] ?? 0) * sum) / now;
}
