import type { CountShed } from '../core/admission.ts';
import type { Counter } from './metric-handles.ts';
import type { ThreadMetrics } from './metrics.ts';

/** Counts who is sent away from a service. A series appears with the first of its kind. */
export function shedCounter(metrics: ThreadMetrics, service: string): CountShed {
  const counters = new Map<string, Counter>();
  return (reason, priority) => {
    const key = `${reason} ${priority}`;
    let counter = counters.get(key);
    if (counter === undefined) {
      counter = metrics.counter('turnpike_requests_shed_total', { service, reason, priority });
      counters.set(key, counter);
    }
    counter.add(1);
  };
}
