import type { TOOL_OUTCOMES } from './catalogue.ts';
import type { Counter } from './metric-handles.ts';
import type { ThreadMetrics } from './metrics.ts';

/** Counts calls of the tools of a route. A series appears with the first of its kind. */
export type CountTool = (tool: string, outcome: (typeof TOOL_OUTCOMES)[number]) => void;

/** Whoever counts names no tool that nobody has heard of, so there are only so many series. */
export function toolCounter(metrics: ThreadMetrics, route: string): CountTool {
  const counters = new Map<string, Counter>();
  return (tool, outcome) => {
    const key = `${outcome} ${tool}`;
    let counter = counters.get(key);
    if (counter === undefined) {
      counter = metrics.counter('turnpike_mcp_calls_total', { route, tool, outcome });
      counters.set(key, counter);
    }
    counter.add(1);
  };
}
