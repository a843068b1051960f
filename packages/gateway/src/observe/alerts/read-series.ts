import type { ObjectiveConfig, ThresholdConfig } from '@turnpike/config';
import { STATUS_CLASSES, type MetricName } from '../catalogue.ts';
import { histogramLayout } from '../histogram-layout.ts';
import { labelText } from '../metric-shape.ts';
import type { Family } from '../series-book.ts';
import type { Series } from '../series.ts';

/** How many requests there were since the counters began, and how many of them were bad. */
export interface Tally {
  readonly bad: number;
  readonly total: number;
}

/** Where an objective looks. */
export function metricOf({ of, latencyMs }: ObjectiveConfig): MetricName {
  if (latencyMs === null) return 'turnpike_requests_total';
  return of.kind === 'route' ? 'turnpike_request_duration_seconds' : 'turnpike_upstream_duration_seconds';
}

/** Counts the requests of an objective. Those whose client left before any answer are neither good nor bad. */
export function tallyOf(objective: ObjectiveConfig, families: readonly Family[]): Tally {
  const { of, latencyMs } = objective;
  const name = metricOf(objective);
  const sum = { bad: 0, total: 0 };
  const numbers = new Float64Array(
    latencyMs === null ? STATUS_CLASSES.length : histogramLayout(name).bounds.length,
  );
  for (const series of seriesOf(families, name, [labelText([of.kind], { [of.kind]: of.id })])) {
    series.read(numbers);
    const total = numbers.reduce((all, number) => all + number, 0);
    if (latencyMs === null) {
      sum.total += total - (numbers[LEFT] ?? 0);
      sum.bad += numbers[FAILED] ?? 0;
    } else {
      sum.total += total;
      sum.bad += total - within(numbers, histogramLayout(name).bounds, latencyMs / 1000);
    }
  }
  return sum;
}

/** How many were no longer than this. Between two bounds they count as evenly spread. */
function within(buckets: Float64Array, bounds: Float64Array, limit: number): number {
  let count = 0;
  let lower = 0;
  for (let i = 0; i < bounds.length; i++) {
    const upper = bounds[i] ?? Infinity;
    const bucket = buckets[i] ?? 0;
    if (upper > limit) return count + (upper === Infinity ? 0 : (bucket * (limit - lower)) / (upper - lower));
    count += bucket;
    lower = upper;
  }
  return count;
}

/** The values of a metric that have the labels of a bound. */
export function valuesOf({ metric, labels }: ThresholdConfig, families: readonly Family[]): number[] {
  const family = families.find((one) => one.metric.name === metric);
  if (family === undefined) return [];
  const { choiceLabel, choices, width } = family.metric;
  const chosen = labels.find(({ name }) => name === choiceLabel && name !== '')?.value;
  const texts = labels
    .filter(({ name }) => name !== choiceLabel)
    .map(({ name, value }) => labelText([name], { [name]: value }));
  const numbers = new Float64Array(width);
  return family.series
    .filter((series) => has(series, texts))
    .flatMap((series) => {
      series.read(numbers);
      return choices.flatMap((choice, i) =>
        chosen === undefined || chosen === choice ? [numbers[i] ?? 0] : [],
      );
    });
}

function seriesOf(
  families: readonly Family[],
  name: MetricName,
  texts: readonly string[],
): readonly Series[] {
  const family = families.find(({ metric }) => metric.name === name);
  return family?.series.filter((series) => has(series, texts)) ?? [];
}

/** Quotes in values are escaped, so that a label cannot stand inside the value of another. */
function has({ labels: { text } }: Series, wanted: readonly string[]): boolean {
  const all = `,${text},`;
  return wanted.every((label) => all.includes(`,${label},`));
}

const LEFT = STATUS_CLASSES.indexOf('none');
const FAILED = STATUS_CLASSES.indexOf('5xx');
