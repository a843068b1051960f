import type { Operation } from '../core/exchange.ts';
import type { Counter } from './metric-handles.ts';
import type { ThreadMetrics } from './metrics.ts';

/** Names that clients choose, of which a route has series at most; the others are counted together. */
const MAX_NAMES = 100;
const MAX_KNOWN = 1000;
const MAX_LENGTH = 80;
/** Stands for the others. No operation can be called that. */
const OTHER = '*';

/** Counts GraphQL operations of a route by name. */
export function operationCounter(
  metrics: ThreadMetrics,
  route: string,
): (operation: Operation, isKnown: boolean) => void {
  const counters = new Map<string, Counter>();
  const names = new Set<string>();

  function labelOf(name: string, isKnown: boolean): string {
    if (names.has(name)) return name;
    if (name.length > MAX_LENGTH || names.size >= (isKnown ? MAX_KNOWN : MAX_NAMES)) return OTHER;
    names.add(name);
    return name;
  }

  return ({ type, name }, isKnown) => {
    const operation = labelOf(name, isKnown);
    const key = `${type} ${operation}`;
    let counter = counters.get(key);
    if (counter === undefined) {
      counter = metrics.counter('turnpike_graphql_operations_total', { route, type, operation });
      counters.set(key, counter);
    }
    counter.add(1);
  };
}
