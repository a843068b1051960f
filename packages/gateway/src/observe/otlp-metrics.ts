import type { OtlpBatch } from '../core/otlp-batch.ts';
import { WireWriter } from '../core/protobuf/wire-writer.ts';
import type { Exemplar } from './exemplar-table.ts';
import { histogramLayout } from './histogram-layout.ts';
import type { MetricShape } from './metric-shape.ts';
import {
  writeMetric,
  type Exemplar as OtlpExemplar,
  type ExponentialPoint,
  type HistogramPoint,
  type MetricItem,
  type NumberPoint,
} from './otlp/metric-item.ts';
import type { Series } from './series.ts';
import type { ExemplarsOf, Family } from './series-book.ts';

/** From when to when everything is counted, in milliseconds since 1970. */
export interface PushTimes {
  readonly startMs: number;
  readonly timeMs: number;
}

/**
 * All metrics for a collector, under the names that they have for Prometheus: so one reference, and the same questions, hold for
 * both. Histograms are exponential; one that has no room for that is sent with its classic buckets.
 */
export function* otlpMetrics(
  families: readonly Family[],
  exemplars: ExemplarsOf,
  times: PushTimes,
): Generator<MetricItem> {
  for (const { metric, series } of families) {
    for (let from = 0; from < series.length; from += MOST_POINTS) {
      const some = series.slice(from, from + MOST_POINTS);
      if (metric.kind.type === 'histogram') yield* histograms(metric, some, { exemplars, times });
      else yield numbers(metric, some, times);
    }
  }
}

/** The same as bytes, in pieces of which a collector takes some at once. */
export function otlpMetricBatches(items: Iterable<MetricItem>): OtlpBatch[] {
  const batches: OtlpBatch[] = [];
  const writer = new WireWriter();
  let count = 0;
  const flush = (): void => {
    if (count > 0) batches.push({ signal: 'metrics', items: count, bytes: writer.finish() });
    count = 0;
  };
  for (const item of items) {
    writeMetric(writer, item);
    if (++count >= BATCH_ITEMS) flush();
  }
  flush();
  return batches;
}

function numbers(metric: MetricShape, series: readonly Series[], times: PushTimes): MetricItem {
  const values = new Float64Array(metric.width);
  const points = series.flatMap((one): NumberPoint[] => {
    one.read(values);
    return metric.choices.flatMap((choice, i): NumberPoint[] => {
      const value = values[i] ?? 0;
      if (value === 0 && metric.kind.sparse === true) return [];
      const own: readonly [string, string][] =
        metric.choiceLabel === '' ? [] : [[metric.choiceLabel, choice]];
      return [{ ...times, attributes: [...one.labels.pairs, ...own], value }];
    });
  });
  return { ...aboutOf(metric), kind: metric.kind.type === 'counter' ? 'counter' : 'gauge', points };
}

/** What the points of histograms share. */
interface HistogramContext {
  readonly exemplars: ExemplarsOf;
  readonly times: PushTimes;
}

function* histograms(
  metric: MetricShape,
  series: readonly Series[],
  { exemplars, times }: HistogramContext,
): Generator<MetricItem> {
  const layout = histogramLayout(metric.name);
  const values = new Float64Array(layout.sum + 1);
  const exponential: ExponentialPoint[] = [];
  const classic: HistogramPoint[] = [];
  for (const one of series) {
    one.read(values);
    const native = one.readNative(layout);
    const common = {
      ...times,
      attributes: one.labels.pairs,
      sum: values[layout.sum] ?? 0,
      exemplars: Array.from(exemplars.get(one)?.values() ?? [], otlpExemplar),
    };
    if (native === null) {
      const bucketCounts = Array.from(values.subarray(0, layout.sum));
      const count = bucketCounts.reduce((sum, one) => sum + one, 0);
      const bounds = Array.from(layout.bounds.subarray(0, -1));
      classic.push({ ...common, count, bucketCounts, bounds });
    } else {
      const { count, scale, zeroCount, zeroThreshold, offset, counts } = native;
      const positive = { offset, counts };
      exponential.push({ ...common, count, scale, zeroCount, zeroThreshold, positive });
    }
  }
  if (exponential.length > 0)
    yield { ...aboutOf(metric), kind: 'exponential-histogram', points: exponential };
  if (classic.length > 0) yield { ...aboutOf(metric), kind: 'histogram', points: classic };
}

function aboutOf({ name, kind }: MetricShape): Pick<MetricItem, 'name' | 'description' | 'unit'> {
  const unit = /_seconds(_total)?$/.test(name) ? 's' : /_bytes(_total)?$/.test(name) ? 'By' : '1';
  return { name, description: kind.help, unit };
}

function otlpExemplar({ value, trace }: Exemplar): OtlpExemplar {
  return { value, timeMs: trace.epochMs, traceId: trace.traceId, spanId: trace.spanId };
}

/** Points of one item: a collector gets a request of some megabytes, not of all that there is. */
const MOST_POINTS = 64;
const BATCH_ITEMS = 128;
