import { STATUS_CLASSES, type MetricName } from './catalogue.ts';
import { histogramLayout } from './histogram-layout.ts';
import type { Series } from './series.ts';
import type { Family } from './series-book.ts';

/** Counts of requests since some moment. */
export interface Tally {
  readonly requests: number;
  readonly errors: number;
  /** Responses with a status from 400 to 499. */
  readonly refused: number;
  /** How many fell into each classic bucket of the duration. */
  readonly buckets: Float64Array;
}

const FAILED = STATUS_CLASSES.indexOf('5xx');
const REFUSED = STATUS_CLASSES.indexOf('4xx');

/** Adds requests and durations up by the name of a route or a service, and remembers what they were at the last sample. */
export class LoadTally {
  readonly #duration: MetricName;
  readonly #label: 'route' | 'service';
  readonly #buckets: number;
  #now = new Map<string, Tally>();
  #last = new Map<string, Tally>();

  constructor(duration: MetricName, label: 'route' | 'service') {
    this.#duration = duration;
    this.#label = label;
    this.#buckets = histogramLayout(duration).bounds.length;
  }

  /** Of all names together. */
  get total(): Tally {
    const buckets = new Float64Array(this.#buckets);
    let [requests, errors, refused] = [0, 0, 0];
    for (const tally of this.#now.values()) {
      requests += tally.requests;
      errors += tally.errors;
      refused += tally.refused;
      for (const [i, count] of tally.buckets.entries()) buckets[i] = (buckets[i] ?? 0) + count;
    }
    return { requests, errors, refused, buckets };
  }

  read(families: readonly Family[]): void {
    const now = new Map<string, { -readonly [K in keyof Tally]: Tally[K] }>();
    const of = (series: Series) => {
      const name = series.labels.pairs.find(([label]) => label === this.#label)?.[1] ?? '';
      const known = now.get(name) ?? {
        requests: 0,
        errors: 0,
        refused: 0,
        buckets: new Float64Array(this.#buckets),
      };
      now.set(name, known);
      return known;
    };
    const counts = new Float64Array(STATUS_CLASSES.length);
    for (const series of seriesOf(families, 'turnpike_requests_total')) {
      series.read(counts);
      const tally = of(series);
      tally.requests += counts.reduce((sum, count) => sum + count, 0);
      tally.errors += counts[FAILED] ?? 0;
      tally.refused += counts[REFUSED] ?? 0;
    }
    const buckets = new Float64Array(this.#buckets);
    for (const series of seriesOf(families, this.#duration)) {
      series.read(buckets);
      const tally = of(series);
      for (const [i, count] of buckets.entries()) tally.buckets[i] = (tally.buckets[i] ?? 0) + count;
    }
    now.delete(''); // requests that led to no route or service
    this.#now = now;
  }

  /** What came since this was asked the last time, by name. */
  sinceLast(): ReadonlyMap<string, Tally> {
    const grown = Array.from(this.#now, ([name, tally]): [string, Tally] => {
      const before = this.#last.get(name);
      if (before === undefined) return [name, tally];
      const buckets = tally.buckets.map((count, i) => count - (before.buckets[i] ?? 0));
      const [requests, errors, refused] = (['requests', 'errors', 'refused'] as const).map(
        (key) => tally[key] - before[key],
      ) as [number, number, number];
      return [name, { requests, errors, refused, buckets }];
    });
    this.#last = this.#now;
    return new Map(grown);
  }
}

/** A quantile of classic buckets in milliseconds, evenly spread within the bucket that it falls into; 0 without any. */
export function quantileMs(buckets: Float64Array, quantile: number, boundsSeconds: Float64Array): number {
  const all = buckets.reduce((sum, count) => sum + count, 0);
  if (all === 0) return 0;
  let left = quantile * all;
  for (const [i, count] of buckets.entries()) {
    if (left > count) {
      left -= count;
      continue;
    }
    const from = boundsSeconds[i - 1] ?? 0;
    const to = boundsSeconds[i] ?? Infinity;
    return (Number.isFinite(to) ? from + ((to - from) * left) / count : from) * 1000;
  }
  return 0;
}

function seriesOf(families: readonly Family[], name: MetricName): readonly Series[] {
  return families.find(({ metric }) => metric.name === name)?.series ?? [];
}
