import type { MetricName } from './catalogue.ts';
import { MetricMemory, overflowLabels } from './metric-memory.ts';
import { labelText, shape, SHAPES, type MetricShape } from './metric-shape.ts';

/**
 * Finds the slot of a series, and makes its row when it is used for the first time. For the one thread that writes.
 *
 * When the memory is full, the slot is that of the metric's overflow row: the number of series is bounded whatever
 * the configuration holds.
 */
export class SeriesTable {
  readonly slots: Float64Array;
  readonly memory: MetricMemory;
  /** First slots by label text, per metric. */
  readonly #rows: ReadonlyMap<MetricShape, Map<string, number>> = new Map(
    SHAPES.map((metric) => [metric, new Map()]),
  );

  /** Takes over the rows that an earlier thread made: counters go on, gauges begin anew, as what they counted is gone. */
  constructor(buffer: SharedArrayBuffer) {
    this.memory = new MetricMemory(buffer);
    this.slots = this.memory.slots;
    for (const { metric, labels, slot } of this.memory.rows(0)) {
      this.#rows.get(metric)?.set(labels, slot);
      if (metric.kind.type === 'gauge') this.slots.fill(0, slot, slot + metric.width);
    }
  }

  /** Index in `slots`; for a histogram the first of its row. */
  slot(name: MetricName, labels: Readonly<Record<string, string>>): number {
    const metric = shape(name);
    const choice = metric.choices.indexOf(labels[metric.choiceLabel] ?? '');
    return this.#row(metric, labelText(metric.textLabels, labels)) + Math.max(choice, 0);
  }

  #row(metric: MetricShape, labels: string): number {
    const known = this.#rows.get(metric)?.get(labels);
    if (known !== undefined) return known;
    const added = this.memory.add(metric, labels);
    if (added < 0) return this.#overflowRow(metric);
    this.#rows.get(metric)?.set(labels, added);
    return added;
  }

  #overflowRow(metric: MetricShape): number {
    const labels = overflowLabels(metric);
    const known = this.#rows.get(metric)?.get(labels);
    if (known !== undefined) return known;
    const added = this.memory.addOverflow(metric);
    if (added < 0) throw new RangeError(`metrics memory has no room for the overflow of ${metric.name}`);
    this.#rows.get(metric)?.set(labels, added);
    return added;
  }
}
