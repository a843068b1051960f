import type { BreakerTally } from '../core/breaker-state.ts';
import type { Counter } from './metric-handles.ts';
import type { ThreadMetrics } from './metrics.ts';

/** Counts what this thread does with the breaker of a service. Its series appear with the first change. */
export function breakerCounter(metrics: ThreadMetrics, service: string): BreakerTally {
  let refused: Counter | null = null;
  return {
    changed: (state) => metrics.counter('turnpike_breaker_changes_total', { service, state }).add(1),
    refused() {
      refused ??= metrics.counter('turnpike_breaker_refused_total', { service });
      refused.add(1);
    },
  };
}
