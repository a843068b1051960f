import type { Decisions, DecisionsOf } from '../core/decisions.ts';
import type { DECISIONS } from './catalogue.ts';
import type { Counter } from './metric-handles.ts';
import type { ThreadMetrics } from './metrics.ts';

/** Counts what the policies of a route decide. A series appears with the first decision of its kind. */
export function policyDecisions(metrics: ThreadMetrics, route: string): DecisionsOf {
  return (policy) => {
    const counters = new Map<string, Counter>();
    const count = (decision: (typeof DECISIONS)[number], reason: string): void => {
      const key = `${decision} ${reason}`;
      let counter = counters.get(key);
      if (counter === undefined) {
        counter = metrics.counter('turnpike_policy_decisions_total', { route, policy, reason, decision });
        counters.set(key, counter);
      }
      counter.add(1);
    };
    let allowed: Counter | null = null;
    const countAllowed = (): void => {
      allowed ??= metrics.counter('turnpike_policy_decisions_total', {
        route,
        policy,
        reason: '',
        decision: 'allowed',
      });
      allowed.add(1);
    };
    return {
      allowed: countAllowed,
      denied: (reason) => count('denied', reason),
      reported: (reason) => count('reported', reason),
      failed: (reason) => count('failed', reason),
    } satisfies Decisions;
  };
}
