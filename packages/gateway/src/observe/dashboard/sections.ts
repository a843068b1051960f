import { SHAPES, type MetricShape } from '../metric-shape.ts';

/** A row of the dashboard. */
export interface Section {
  readonly title: string;
  readonly metrics: readonly MetricShape[];
}

/**
 * Every metric of the catalogue in one of the rows, in the order in which somebody looks for trouble: what clients see, then
 * what is behind it. A new metric that no name is for is in the last one.
 */
export function dashboardSections(): readonly Section[] {
  const byTitle = Map.groupBy(SHAPES, ({ name }) => titleOf(name));
  return [...ROWS.map(([title]) => title), REST].flatMap((title) => {
    const metrics = byTitle.get(title);
    return metrics === undefined ? [] : [{ title, metrics }];
  });
}

function titleOf(name: string): string {
  return ROWS.find(([, pattern]) => pattern.test(name))?.[0] ?? REST;
}

const ROWS: readonly (readonly [title: string, names: RegExp])[] = [
  ['Alerts', /^turnpike_alert/],
  [
    'Limits and overload',
    /_(service_(limit|in_flight|waiting)|requests_shed|thread_strain|breaker|policy_decisions)/,
  ],
  ['Control plane', /^turnpike_(control|admin)_/],
  ['Cache', /_cache_/],
  ['Requests', /^turnpike_(requests|request|response|errors)_/],
  ['Endpoints', /_(endpoints?|panic|health|discovery|service)_/],
  ['Services', /_(upstream|added_latency)_/],
  ['Protocols', /_(grpc|websockets?|graphql|soap|mcp)(_|$)/],
  ['Connections', /_(connections|tls|http2|certificate|acme)_?/],
  ['Saturation', /^(process|turnpike_(event_loop|memory|threads?|access_log|telemetry))_?/],
];
const REST = 'Configuration and others';
