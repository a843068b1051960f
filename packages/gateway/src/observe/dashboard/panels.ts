import type { MetricShape } from '../metric-shape.ts';

/** A query of a panel. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** What is drawn of a metric. */
export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly queries: readonly Query[];
}

/** The panel of a metric: the rate of a counter, the value of a gauge, percentiles of a histogram. */
export function panelOf(metric: MetricShape): Panel {
  const { name, kind } = metric;
  const title = titleOf(name);
  const description = `${name}: ${kind.help}`;
  const queries = kind.type === 'histogram' ? percentiles(metric) : [sumOf(metric)];
  return {
    title: kind.type === 'counter' ? `${title}, a second` : title,
    description,
    unit: unitOf(metric),
    queries,
  };
}

/** What clients see first: rate, errors, duration. */
export const OVERVIEW: readonly Panel[] = [
  {
    title: 'Requests, a second',
    description: 'Of all routes that are chosen above.',
    unit: 'reqps',
    queries: [
      {
        expr: `sum(rate(turnpike_requests_total{${chosen('route', 'service')}}[$__rate_interval]))`,
        legend: 'requests',
      },
    ],
  },
  {
    title: 'Requests that failed',
    description: 'Which share was answered with 500 or more.',
    unit: 'percentunit',
    queries: [
      {
        expr: `(sum by (route) (rate(turnpike_requests_total{code="5xx",${chosen('route', 'service')}}[$__rate_interval])) / sum by (route) (rate(turnpike_requests_total{${chosen('route', 'service')}}[$__rate_interval])))`,
        legend: '{{route}}',
      },
    ],
  },
  {
    title: 'Hits of the cache',
    description: 'Which share of the requests of routes with a cache did not need the service for an answer.',
    unit: 'percentunit',
    queries: [
      {
        expr: `(sum by (route) (rate(turnpike_cache_requests_total{result!~"miss|pass",${chosen('route')}}[$__rate_interval])) / sum by (route) (rate(turnpike_cache_requests_total{${chosen('route')}}[$__rate_interval])))`,
        legend: '{{route}}',
      },
    ],
  },
];

function percentiles({ name, kind }: MetricShape): Query[] {
  const labels = Object.keys(kind.labels);
  return [0.5, 0.95, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (${['le', ...labels].join(', ')}) (rate(${name}_bucket{${chosen(...labels)}}[$__rate_interval])))`,
    legend: [`p${quantile * 100}`, ...labels.map((label) => `{{${label}}}`)].join(' '),
  }));
}

function sumOf({ name, kind }: MetricShape): Query {
  const labels = [...Object.keys(kind.labels), ...(kind.perThread === true ? ['thread'] : [])];
  const series = `${name}{${chosen(...labels)}}`;
  const how = isMoment(name) ? 'max' : 'sum';
  const by = labels.length === 0 ? '' : ` by (${labels.join(', ')})`;
  return {
    expr:
      kind.type === 'counter'
        ? `sum${by} (rate(${series}[$__rate_interval]))`
        : `${how}${by} (${series})${isDate(name) ? ' * 1000' : ''}`,
    legend: labels.length === 0 ? 'all' : labels.map((label) => `{{${label}}}`).join(' '),
  };
}

/** The gateways, routes and services that are chosen at the top. */
function chosen(...labels: readonly string[]): string {
  const filters = ['route', 'service'].filter((label) => labels.includes(label));
  return ['instance', ...filters].map((label) => `${label}=~"$${label}"`).join(',');
}

/** What several gateways have in common, or each for itself, is not added up. */
function isMoment(name: string): boolean {
  return (
    isDate(name) ||
    /_(ratio|revision|age_seconds|lag_seconds|up|panic|state|start_time_seconds|info)$/.test(name)
  );
}

function isDate(name: string): boolean {
  return /_(timestamp|start_time)_seconds$/.test(name);
}

function unitOf({ name, kind }: MetricShape): string {
  if (isDate(name)) return 'dateTimeFromNow';
  if (/_bytes(_total)?$/.test(name)) return kind.type === 'counter' ? 'Bps' : 'bytes';
  if (name.endsWith('_ratio')) return 'percentunit';
  if (/_seconds(_total)?$/.test(name)) return kind.type === 'counter' ? 'percentunit' : 's';
  return kind.type === 'counter' ? 'ops' : 'short';
}

function titleOf(name: string): string {
  const words = name
    .replace(/^turnpike_/, '')
    .replace(/(_seconds)?(_total)?$/, '')
    .replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
