import { tagOf, WIRE, WireWriter } from '../core/protobuf/wire-writer.ts';
import type { Exemplar } from './exemplar-table.ts';
import { histogramLayout, type HistogramLayout } from './histogram-layout.ts';
import type { MetricShape } from './metric-shape.ts';
import type { NativeHistogram, Series } from './series.ts';
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
      writeMetric(writer, one, '', () =>
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

