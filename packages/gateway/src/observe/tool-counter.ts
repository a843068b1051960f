import type { TOOL_OUTCOMES } from './catalogue.ts';
import type { Counter } from './metric-handles.ts';
import type { ThreadMetrics } from './metrics.ts';

/** Counts calls of the tools of a route. A series appears with the first of its kind. */
export type CountTool = (tool: string, outcome: (typeof TOOL_OUTCOMES)[number]) => void;

/** Series of one route. Servers choose the names of their tools, and may choose others every day. */
const MAX_SERIES = 3000;
/** Stands for the others. No tool can be called that. */
const OTHER = '*';

/** Whoever counts names no tool that nobody has heard of. */
export function toolCounter(metrics: ThreadMetrics, route: string): CountTool {
  const counters = new Map<string, Counter>();
  return (name, outcome) => {
    const tool = counters.size < MAX_SERIES || counters.has(`${outcome} ${name}`) ? name : OTHER;
    const key = `${outcome} ${tool}`;
    let counter = counters.get(key);
    if (counter === undefined) {
      counter = metrics.counter('turnpike_mcp_calls_total', { route, tool, outcome });
      counters.set(key, counter);
    }
    counter.add(1);
  };
}
