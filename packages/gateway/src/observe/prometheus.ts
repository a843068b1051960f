import { BOUNDS_SECONDS, type MetricNameOf } from './catalogue.ts';
import { MetricMemory } from './metric-memory.ts';
import { labelText, shape, SHAPES, type MetricShape } from './metric-shape.ts';

/** The metrics of one thread, under the name that its `thread` label gets. */
export interface ThreadSnapshot {
  readonly thread: string;
  readonly buffer: SharedArrayBuffer;
}

/** A number that nobody counts here, because it can be read elsewhere. */
export interface Reading {
  readonly name: MetricNameOf<'gauge' | 'counter'>;
  /** All but the one with a closed list. */
  readonly labels: Readonly<Record<string, string>>;
  /** One for each value of the closed list, or just one. */
  readonly values: readonly number[];
}

/** Content type of {@link exposition}. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The metrics of all threads and the readings in Prometheus' text format 0.0.4. Series with the same labels are added up, unless the
 * catalogue keeps threads apart. Reads memory that is being written: a number may be newer than the one before it,
 * but the buckets and the count of a histogram always agree.
 */
export function exposition(
  threads: readonly ThreadSnapshot[],
  process: ThreadSnapshot | null,
  readings: readonly Reading[] = [],
): string {
  const series = SHAPES.map(() => new Map<string, number[]>());
  for (const source of threads) merge(series, source);
  if (process !== null) merge(series, process);
  for (const { name, labels, values } of readings) {
    series[shape(name).index]?.set(labelText(Object.keys(labels), labels), [...values]);
  }

  const text: string[] = [];
  for (const metric of SHAPES) {
    const rows = series[metric.index];
    if (rows === undefined || rows.size === 0) continue;
    text.push(`# HELP ${metric.name} ${metric.kind.help}\n# TYPE ${metric.name} ${metric.kind.type}\n`);
    const write = metric.kind.type === 'histogram' ? histogramText : numbersText;
    for (const [labels, numbers] of rows) text.push(write(metric, labels, numbers));
  }
  return text.join('');
}

function merge(series: readonly Map<string, number[]>[], source: ThreadSnapshot): void {
  const memory = new MetricMemory(source.buffer);
  const thread = labelText(['thread'], { thread: source.thread });
  for (const { metric, labels, slot } of memory.rows(0)) {
    const key = metric.kind.perThread === true ? joined(labels, thread) : labels;
    const numbers = series[metric.index]?.get(key);
    const sums = numbers ?? Array<number>(metric.width).fill(0);
    for (let i = 0; i < metric.width; i++) sums[i] = (sums[i] ?? 0) + (memory.slots[slot + i] ?? 0);
    if (numbers === undefined) series[metric.index]?.set(key, sums);
  }
}

function numbersText(metric: MetricShape, labels: string, numbers: readonly number[]): string {
  let text = '';
  for (const [i, choice] of metric.choices.entries()) {
    const number = numbers[i] ?? 0;
    if (number === 0 && metric.kind.sparse === true) continue;
    const all = metric.choiceLabel === '' ? labels : joined(labels, `${metric.choiceLabel}="${choice}"`);
    text += `${metric.name}${all === '' ? '' : `{${all}}`} ${numberText(number)}\n`;
  }
  return text;
}

function histogramText(metric: MetricShape, labels: string, numbers: readonly number[]): string {
  const bucket = `${metric.name}_bucket{${labels}${labels === '' ? '' : ','}le="`;
  let text = '';
  let count = 0;
  for (let i = 0; i < BUCKETS.length; i++) {
    count += numbers[i] ?? 0;
    text += bucket + BUCKETS[i] + '"} ' + count + '\n';
  }
  const own = labels === '' ? '' : `{${labels}}`;
  return `${text}${metric.name}_sum${own} ${numberText(numbers[BUCKETS.length] ?? 0)}\n${metric.name}_count${own} ${count}\n`;
}

function joined(labels: string, more: string): string {
  return labels === '' ? more : `${labels},${more}`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

const BUCKETS: readonly string[] = [...BOUNDS_SECONDS.map(String), '+Inf'];
