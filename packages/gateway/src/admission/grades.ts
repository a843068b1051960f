import type { PoliciesConfig, Priority } from '@turnpike/config';
import { higherPriority, RANK } from '../core/priority.ts';

/** Which part of a limit each priority may use up, by rank: what is above is kept free for those before it. */
const SHARES: readonly number[] = [1, 0.95, 0.85, 0.7, 0.5];

/**
 * The part of a service's limit that each priority may use, by rank. Nothing is kept free for priorities above `highest`,
 * which no request to this service can have.
 */
export function gradesUpTo(highest: Priority): readonly number[] {
  const most = SHARES[RANK[highest]] ?? 1;
  return SHARES.map((share) => Math.min(1, share / most));
}

/** The most important priority that a request to each service can have; services without routes are left out. */
export function highestPriorities(
  routes: readonly {
    readonly services: readonly string[];
    readonly policies: Pick<PoliciesConfig, 'priority'>;
  }[],
): ReadonlyMap<string, Priority> {
  const highest = new Map<string, Priority>();
  for (const { services, policies } of routes) {
    const { level, header, plans } = policies.priority;
    const own = header === null ? Object.values(plans).reduce(higherPriority, level) : 'critical';
    for (const service of services) highest.set(service, higherPriority(own, highest.get(service) ?? own));
  }
  return highest;
}
