import { tagOf, WIRE, WireWriter } from '../core/protobuf/wire-writer.ts';
import type { Exemplar } from './exemplar-table.ts';
import { histogramLayout, type HistogramLayout } from './histogram-layout.ts';
import type { MetricShape } from './metric-shape.ts';
import type { NativeHistogram, Series } from './series.ts';
import { beginMessage, writeDouble, writeNumber, writeText } from './otlp/otlp-values.ts';
import type { ExemplarsOf, Family } from './series-book.ts';

/**
 * The format in which Prometheus takes native histograms: `io.prometheus.client.MetricFamily`, each with its length before it
 * (github.com/prometheus/client_model, metrics.proto). Histograms have classic and native buckets, and exemplars.
 */
export function prometheusProtobuf(families: readonly Family[], exemplars: ExemplarsOf): Uint8Array {
  const writer = new WireWriter();
  for (const family of families) {
    const start = writer.begin();
    writeFamily(writer, family, exemplars);
    writer.end(start);
  }
  return writer.finish();
}

const TYPES = { counter: 0, gauge: 1, histogram: 4 } as const;
/** The field of `Metric` that holds the value. */
const VALUES = { counter: 3, gauge: 2 } as const;

function writeFamily(writer: WireWriter, { metric, series }: Family, exemplars: ExemplarsOf): void {
  const { name, kind } = metric;
  writeText(writer, 1, name);
  writeText(writer, 2, kind.help);
  writer.varint(tagOf(3, WIRE.varint));
  writer.varint(TYPES[kind.type]);
  if (kind.type === 'histogram') {
    const layout = histogramLayout(name);
    const numbers = new Float64Array(layout.sum + 1);
    for (const one of series) {
      one.read(numbers);
      const native = one.readNative(layout);
      writeMetric(writer, one, null, () =>
        writeHistogram(writer, { layout, numbers, native, found: exemplars.get(one) }),
      );
    }
    return;
  }
  const numbers = new Float64Array(metric.width);
  for (const one of series) {
    one.read(numbers);
    writeNumbers(writer, one, { metric, numbers, field: VALUES[kind.type] });
  }
}

/** What the numbers of a counter or a gauge are written with. */
interface NumberParts {
  readonly metric: MetricShape;
  readonly numbers: Float64Array;
  readonly field: number;
}

function writeNumbers(writer: WireWriter, series: Series, { metric, numbers, field }: NumberParts): void {
  for (const [i, choice] of metric.choices.entries()) {
    const number = numbers[i] ?? 0;
    if (number === 0 && metric.kind.sparse === true) continue;
    const own: Choice = metric.choiceLabel === '' ? null : [metric.choiceLabel, choice];
    writeMetric(writer, series, own, () => {
      const start = beginMessage(writer, field);
      writeDouble(writer, 1, number);
      writer.end(start);
    });
  }
}

/** What a histogram is written from: its classic numbers, its native buckets, and its exemplars. */
interface HistogramParts {
  readonly layout: HistogramLayout;
  readonly numbers: Float64Array;
  readonly native: NativeHistogram | null;
  readonly found: ReadonlyMap<number, Exemplar> | undefined;
}

function writeHistogram(writer: WireWriter, parts: HistogramParts): void {
  const { layout, numbers, native } = parts;
  const start = beginMessage(writer, 7);
  let counted = 0;
  for (let i = 0; i < layout.sum; i++) counted += numbers[i] ?? 0;
  // Native buckets are counted a moment later, and read a moment later: theirs is the count, and no classic one is above it.
  const count = native?.count ?? counted;
  writeCount(writer, 1, count);
  writeDouble(writer, 2, numbers[layout.sum] ?? 0);
  writeClassic(writer, parts, count);
  if (native !== null) writeNative(writer, native);
  if (native !== null) for (const found of parts.found?.values() ?? []) writeExemplar(writer, 16, found);
  writer.end(start);
}

function writeClassic(writer: WireWriter, { layout, numbers, found }: HistogramParts, count: number): void {
  let below = 0;
  for (let i = 0; i < layout.sum; i++) {
    below += numbers[i] ?? 0;
    const start = beginMessage(writer, 3);
    writeCount(writer, 1, i === layout.sum - 1 ? count : Math.min(below, count));
    writeDouble(writer, 2, layout.bounds[i] ?? 0);
    const exemplar = found?.get(i);
    if (exemplar !== undefined) writeExemplar(writer, 3, exemplar);
    writer.end(start);
  }
}

/** Counts go out as the difference to the one before; all buckets from the first to the last are one span. */
function writeNative(writer: WireWriter, native: NativeHistogram): void {
  writeSigned(writer, 5, native.scale);
  writeDouble(writer, 6, native.zeroThreshold);
  writeCount(writer, 7, native.zeroCount);
  if (native.counts.length === 0) return;
  const span = beginMessage(writer, 12);
  writeSigned(writer, 1, native.offset + 1);
  writeNumber(writer, 2, native.counts.length);
  writer.end(span);
  const deltas = beginMessage(writer, 13);
  let before = 0;
  for (const count of native.counts) {
    writeZigzag(writer, count - before);
    before = count;
  }
  writer.end(deltas);
}

function writeExemplar(writer: WireWriter, field: number, { value, trace }: Exemplar): void {
  const start = beginMessage(writer, field);
  writeLabel(writer, 1, 'trace_id', trace.traceId);
  writeLabel(writer, 1, 'span_id', trace.spanId);
  writeDouble(writer, 2, value);
  const time = beginMessage(writer, 3);
  writeCount(writer, 1, Math.floor(trace.epochMs / 1000));
  writeNumber(writer, 2, Math.floor((trace.epochMs % 1000) * 1e6));
  writer.end(time);
  writer.end(start);
}

/** A label besides those that the series has. */
type Choice = readonly [name: string, value: string] | null;

function writeMetric(writer: WireWriter, { labels }: Series, choice: Choice, writeValue: () => void): void {
  const start = beginMessage(writer, 4);
  for (const [name, value] of labels.pairs) writeLabel(writer, 1, name, value);
  if (choice !== null) writeLabel(writer, 1, ...choice);
  writeValue();
  writer.end(start);
}

function writeLabel(writer: WireWriter, field: number, ...[name, value]: readonly [string, string]): void {
  const start = beginMessage(writer, field);
  writeText(writer, 1, name);
  writeText(writer, 2, value);
  writer.end(start);
}

/** A whole number up to 2⁵³. */
function writeCount(writer: WireWriter, field: number, value: number): void {
  writer.varint(tagOf(field, WIRE.varint));
  writer.varint64(value % TWO_TO_32, value / TWO_TO_32);
}

/** A small number with a sign (`sint32`). */
function writeSigned(writer: WireWriter, field: number, value: number): void {
  writer.varint(tagOf(field, WIRE.varint));
  writeZigzag(writer, value);
}

/** A whole number with a sign, as `sint64`: the sign in the last bit. */
function writeZigzag(writer: WireWriter, value: number): void {
  const coded = value < 0 ? -2 * value - 1 : 2 * value;
  writer.varint64(coded % TWO_TO_32, coded / TWO_TO_32);
}

const TWO_TO_32 = 2 ** 32;
