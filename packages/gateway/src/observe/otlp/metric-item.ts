import type { WireWriter } from '../../core/protobuf/wire-writer.ts';
import { ITEM_FIELD } from '../../core/otlp-batch.ts';
import {
  beginMessage,
  writeAttributes,
  writeDouble,
  writeFixed64,
  writeHex,
  writeNumber,
  writeText,
  writeTime,
  type Attributes,
} from './otlp-values.ts';

/** A metric with its points (opentelemetry/proto/metrics/v1). Everything is cumulative. */
export type MetricItem = {
  readonly name: string;
  readonly description: string;
  /** As in UCUM: `s`, `By`, `{request}`, or `1`. */
  readonly unit: string;
} & (
  | { readonly kind: 'gauge' | 'counter' | 'up-down-counter'; readonly points: readonly NumberPoint[] }
  | { readonly kind: 'histogram'; readonly points: readonly HistogramPoint[] }
  | { readonly kind: 'exponential-histogram'; readonly points: readonly ExponentialPoint[] }
);

/** What all points have. */
interface Point {
  readonly attributes: Attributes;
  /** Since when it is counted, in milliseconds since 1970. */
  readonly startMs: number;
  readonly timeMs: number;
}

/** A number. */
export interface NumberPoint extends Point {
  readonly value: number;
}

/** How values are spread over buckets with written bounds. */
export interface HistogramPoint extends Point {
  readonly count: number;
  readonly sum: number;
  /** One more than bounds, not cumulative. */
  readonly bucketCounts: readonly number[];
  /** Upper bounds. */
  readonly bounds: readonly number[];
  readonly exemplars: readonly Exemplar[];
}

/** How values are spread over buckets that grow by 2^(2^-scale). */
export interface ExponentialPoint extends Point {
  readonly count: number;
  readonly sum: number;
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  /** Counts from the bucket with that index on. */
  readonly positive: { readonly offset: number; readonly counts: readonly number[] };
  readonly exemplars: readonly Exemplar[];
}

/** A value that was seen, and where. */
export interface Exemplar {
  readonly timeMs: number;
  readonly value: number;
  readonly traceId: string;
  readonly spanId: string;
}

const CUMULATIVE = 2;
/** Fields of `Metric`. */
const DATA = {
  gauge: 5,
  counter: 7,
  'up-down-counter': 7,
  histogram: 9,
  'exponential-histogram': 10,
} as const;

/** Writes a metric as an item of a batch. */
export function writeMetric(writer: WireWriter, metric: MetricItem): void {
  const start = beginMessage(writer, ITEM_FIELD);
  writeText(writer, 1, metric.name);
  writeText(writer, 2, metric.description);
  writeText(writer, 3, metric.unit);
  const data = beginMessage(writer, DATA[metric.kind]);
  if (metric.kind === 'histogram') for (const point of metric.points) writeHistogramPoint(writer, point);
  else if (metric.kind === 'exponential-histogram')
    for (const point of metric.points) writeExponentialPoint(writer, point);
  else for (const point of metric.points) writeNumberPoint(writer, point);
  if (metric.kind !== 'gauge') writeNumber(writer, 2, CUMULATIVE);
  if (metric.kind === 'counter') writeNumber(writer, 3, 1);
  writer.end(data);
  writer.end(start);
}

function writeNumberPoint(writer: WireWriter, point: NumberPoint): void {
  const start = beginMessage(writer, 1);
  writeTimes(writer, point);
  writeDouble(writer, 4, point.value);
  writeAttributes(writer, 7, point.attributes);
  writer.end(start);
}

function writeHistogramPoint(writer: WireWriter, point: HistogramPoint): void {
  const start = beginMessage(writer, 1);
  writeTimes(writer, point);
  writeFixed64(writer, 4, point.count);
  writeDouble(writer, 5, point.sum);
  const counts = beginMessage(writer, 6);
  for (const count of point.bucketCounts) writer.fixed64(count % TWO_TO_32, count / TWO_TO_32);
  writer.end(counts);
  const bounds = beginMessage(writer, 7);
  for (const bound of point.bounds) writer.double(bound);
  writer.end(bounds);
  writeExemplars(writer, 8, point.exemplars);
  writeAttributes(writer, 9, point.attributes);
  writer.end(start);
}

function writeExponentialPoint(writer: WireWriter, point: ExponentialPoint): void {
  const start = beginMessage(writer, 1);
  writeAttributes(writer, 1, point.attributes);
  writeTimes(writer, point);
  writeFixed64(writer, 4, point.count);
  writeDouble(writer, 5, point.sum);
  writeNumber(writer, 6, zigzag(point.scale));
  writeFixed64(writer, 7, point.zeroCount);
  const buckets = beginMessage(writer, 8);
  writeNumber(writer, 1, zigzag(point.positive.offset));
  const counts = beginMessage(writer, 2);
  for (const count of point.positive.counts) writer.varint64(count % TWO_TO_32, count / TWO_TO_32);
  writer.end(counts);
  writer.end(buckets);
  writeExemplars(writer, 11, point.exemplars);
  writeDouble(writer, 14, point.zeroThreshold);
  writer.end(start);
}

/** In all kinds of points the same fields. */
function writeTimes(writer: WireWriter, { startMs, timeMs }: Point): void {
  writeTime(writer, 2, startMs);
  writeTime(writer, 3, timeMs);
}

function writeExemplars(writer: WireWriter, field: number, exemplars: readonly Exemplar[]): void {
  for (const { timeMs, value, traceId, spanId } of exemplars) {
    const start = beginMessage(writer, field);
    writeTime(writer, 2, timeMs);
    writeDouble(writer, 3, value);
    writeHex(writer, 4, spanId);
    writeHex(writer, 5, traceId);
    writer.end(start);
  }
}

/** Of a `sint32`. */
function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

const TWO_TO_32 = 2 ** 32;
