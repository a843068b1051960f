import type { MetricNameOf } from './catalogue.ts';
import type { Exemplar } from './exemplar-table.ts';
import { LabelSet, joined } from './label-set.ts';
import { MetricMemory, type MetricRow } from './metric-memory.ts';
import { labelText, SHAPES, shape, type MetricShape } from './metric-shape.ts';
import { Series } from './series.ts';

/** The metrics of one thread, under the name that its `thread` label gets. */
export interface ThreadSnapshot {
  readonly thread: string;
  readonly buffer: SharedArrayBuffer;
}

/** A gauge that nobody counts, because it can be read elsewhere. */
export interface Reading {
  readonly name: MetricNameOf<'gauge' | 'counter'>;
  /** All but the one with a closed list. */
  readonly labels: Readonly<Record<string, string>>;
  /** One for each value of the closed list, or just one. */
  readonly values: readonly number[];
}

/** A metric with its series, of which there is one at least. */
export interface Family {
  readonly metric: MetricShape;
  readonly series: readonly Series[];
}

/** The newest exemplar of each classic bucket that has one, by its number. */
export type ExemplarsOf = ReadonlyMap<Series, ReadonlyMap<number, Exemplar>>;

/** The memory of a thread, as far as it is known. */
interface Source {
  readonly thread: string;
  readonly memory: MetricMemory;
  /** Rows that were looked at. */
  rows: number;
  /** By their first slot, which exemplars name. */
  readonly histograms: Map<number, Series>;
}

/**
 * Adds up what all threads count. Series with the same labels are one, unless the catalogue keeps threads apart.
 *
 * It remembers which series there are and where: rows are only ever added to a memory, so that each is read once, and a look at
 * ten thousand routes costs additions. Reads memory that is being written: a number may be newer than the one before it.
 */
export class SeriesBook {
  readonly #sources = new Map<SharedArrayBuffer, Source>();
  readonly #series = SHAPES.map(() => new Map<string, Series>());
  readonly #labels = new Map<string, LabelSet>();

  /** What there is at this moment, in the order of the catalogue. */
  families(threads: readonly ThreadSnapshot[], readings: readonly Reading[] = []): readonly Family[] {
    for (const thread of threads) this.#learn(thread);
    const read = Map.groupBy(readings, ({ name }) => shape(name).index);
    return SHAPES.flatMap((metric): Family[] => {
      const known = this.#series[metric.index] ?? NONE;
      const now = read.get(metric.index);
      const all = now === undefined ? known : this.#withReadings(known, now);
      return all.size === 0 ? [] : [{ metric, series: [...all.values()] }];
    });
  }

  /** Exemplars of histograms of {@link families}. */
  exemplars(): ExemplarsOf {
    const found = new Map<Series, Map<number, Exemplar>>();
    for (const { memory, histograms } of this.#sources.values()) {
      for (const exemplar of memory.exemplars.read()) {
        const series = histograms.get(exemplar.row);
        if (series === undefined) continue;
        const ofSeries = found.get(series) ?? new Map<number, Exemplar>();
        const known = ofSeries.get(exemplar.bucket);
        if (known === undefined || known.trace.epochMs < exemplar.trace.epochMs)
          ofSeries.set(exemplar.bucket, exemplar);
        found.set(series, ofSeries);
      }
    }
    return found;
  }

  #learn({ thread, buffer }: ThreadSnapshot): void {
    let source = this.#sources.get(buffer);
    if (source === undefined) {
      source = { thread, memory: new MetricMemory(buffer), rows: 0, histograms: new Map() };
      this.#sources.set(buffer, source);
    }
    const rows = source.memory.rows(source.rows);
    source.rows += rows.length;
    for (const row of rows) this.#enter(row, source);
  }

  #enter({ metric, labels, slot }: MetricRow, { thread, memory, histograms }: Source): void {
    const own = metric.kind.perThread === true ? joined(labels, labelText(['thread'], { thread })) : labels;
    const known = this.#series[metric.index];
    const series = known?.get(own) ?? new Series(this.#labelSet(own));
    series.isIn(memory, slot);
    known?.set(own, series);
    if (metric.kind.type === 'histogram') histograms.set(slot, series);
  }

  #withReadings(known: ReadonlyMap<string, Series>, readings: readonly Reading[]): Map<string, Series> {
    const all = new Map(known);
    for (const { labels, values } of readings) {
      const text = labelText(Object.keys(labels), labels);
      all.set(text, new Series(new LabelSet(text), values));
    }
    return all;
  }

  /** Metrics of one route have the same labels: they share them. */
  #labelSet(text: string): LabelSet {
    let labels = this.#labels.get(text);
    if (labels === undefined) this.#labels.set(text, (labels = new LabelSet(text)));
    return labels;
  }
}

const NONE: ReadonlyMap<string, Series> = new Map();
