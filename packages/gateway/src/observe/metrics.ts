import type { LabelValues, MetricNameOf } from './catalogue.ts';
import { histogramLayout } from './histogram-layout.ts';
import { Counter, Gauge, Histogram } from './metric-handles.ts';
import { RouteMetrics } from './route-metrics.ts';
import { SeriesTable } from './series-table.ts';

/**
 * The metrics of one thread, in memory that outlives it (`metricsBuffer`).
 *
 * A handle stays valid as long as the thread; looking one up costs a map or two, so callers keep it. One thread at a
 * time may have a buffer: numbers are added without atomics.
 */
export class ThreadMetrics {
  readonly #table: SeriesTable;

  constructor(buffer: SharedArrayBuffer) {
    this.#table = new SeriesTable(buffer);
  }

  /** A number that only grows. */
  counter<Name extends MetricNameOf<'counter'>>(name: Name, labels: LabelValues<Name>): Counter {
    return new Counter(this.#table.slots, this.#table.slot(name, labels));
  }

  /** A number that goes up and down. */
  gauge<Name extends MetricNameOf<'gauge'>>(name: Name, labels: LabelValues<Name>): Gauge {
    return new Gauge(this.#table.slots, this.#table.slot(name, labels));
  }

  /** How values are spread. */
  histogram<Name extends MetricNameOf<'histogram'>>(name: Name, labels: LabelValues<Name>): Histogram {
    return new Histogram(this.#table.memory, this.#table.slot(name, labels), histogramLayout(name));
  }

  /**
   * Everything that is counted of an exchange, for one route and the service that it went to. Its series appear
   * with the first request. Where no route matched, both are `''`.
   */
  route(route: string, service: string): RouteMetrics {
    return new RouteMetrics(this.#table, route, service);
  }
}
