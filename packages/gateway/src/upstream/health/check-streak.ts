import type { HealthCheckConfig } from '@turnpike/config';

/** What the checks of an endpoint have shown. Unknown counts as up: a gateway that starts must not refuse everything. */
export interface CheckStreak {
  readonly state: 'unknown' | 'up' | 'down';
  /** Results in a row that speak against the state. */
  readonly against: number;
}

/** Before the first check. */
export const UNCHECKED: CheckStreak = { state: 'unknown', against: 0 };

/** Takes in a result. The first one decides at once; after that a state holds until enough in a row speak against it. */
export function afterCheck(
  { state, against }: CheckStreak,
  isSuccess: boolean,
  { healthyAfter, unhealthyAfter }: Pick<HealthCheckConfig, 'healthyAfter' | 'unhealthyAfter'>,
): CheckStreak {
  const shown = isSuccess ? 'up' : 'down';
  if (state === shown) return { state, against: 0 };
  const needed = isSuccess ? healthyAfter : unhealthyAfter;
  if (state === 'unknown' || against + 1 >= needed) return { state: shown, against: 0 };
  return { state, against: against + 1 };
}
