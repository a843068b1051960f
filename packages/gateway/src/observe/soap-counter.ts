import type { Counter } from './metric-handles.ts';
import type { ThreadMetrics } from './metrics.ts';

type Outcome = 'answer' | 'client-fault' | 'server-fault';

/** Counts calls of SOAP on a route by how they ended. */
export function soapCounter(metrics: ThreadMetrics, route: string): (outcome: Outcome) => void {
  const counters = new Map<string, Counter>();
  return (outcome) => {
    let counter = counters.get(outcome);
    if (counter === undefined) {
      counter = metrics.counter('turnpike_soap_calls_total', { route, outcome });
      counters.set(outcome, counter);
    }
    counter.add(1);
  };
}
