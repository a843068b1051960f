/** What is known of the endpoints of one priority together. */
export interface LevelHealth {
  /** Weight of all, and of those that are not down. */
  readonly weight: number;
  readonly healthyWeight: number;
}

/** A level counts as whole as long as 1 / 1.4 = 71 % of it is healthy: nobody runs without any reserve. */
const OVERPROVISIONING = 1.4;

/** Which part of its own traffic a level can carry, from 0 to 1. */
function carries({ weight, healthyWeight }: LevelHealth): number {
  return weight === 0 ? 0 : Math.min(1, (OVERPROVISIONING * healthyWeight) / weight);
}

/**
 * Which part of the traffic each level gets: the first as much as it can carry, the next what is missing, and so on. If all
 * together cannot carry it, each gets the more; if none is healthy, the first gets everything.
 */
export function levelShares(levels: readonly LevelHealth[], shares: Float64Array): void {
  let missing = 1;
  levels.forEach((level, at) => {
    const share = Math.min(missing, carries(level));
    shares[at] = share;
    missing -= share;
  });
  const carried = 1 - missing;
  if (carried === 0) shares[0] = 1;
  else for (let at = 0; at < shares.length; at++) shares[at] = (shares[at] ?? 0) / carried;
}

/**
 * Whether health is ignored in a level, because so little of it is healthy that the checks are more likely wrong than right,
 * or the few that are left would break down too. As long as levels behind it carry what it cannot, there is no panic.
 */
export function isPanic(levels: readonly LevelHealth[], at: number, thresholdPercent: number): boolean {
  const { weight = 0, healthyWeight = 0 } = levels[at] ?? {};
  if (100 * healthyWeight >= thresholdPercent * weight) return false;
  return levels.length === 1 || levels.reduce((sum, level) => sum + carries(level), 0) < 1;
}
