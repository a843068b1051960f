import { CACHE_RESULTS, type CacheResult } from '../core/exchange.ts';
import { MetricMemory } from './metric-memory.ts';
import { labelText, shape } from './metric-shape.ts';
import type { ThreadSnapshot } from './series-book.ts';

/** What the cache did for the requests of a route, in all threads since the start. */
export interface CacheCounts {
  readonly results: Readonly<Record<CacheResult, number>>;
  /** Of bodies that came from memory. */
  readonly bytesServed: number;
}

/** Adds up what threads have counted; gives what knows it for each route. */
export function cacheCounts(threads: readonly ThreadSnapshot[]): (route: string) => CacheCounts {
  const requests = shape('turnpike_cache_requests_total');
  const bytes = shape('turnpike_cache_bytes_served_total');
  const sums = new Map([requests, bytes].map((metric) => [metric, new Map<string, number[]>()]));
  for (const { buffer } of threads) {
    const memory = new MetricMemory(buffer);
    for (const { metric, labels, slot } of memory.rows(0)) {
      const numbers = sums.get(metric);
      if (numbers === undefined) continue;
      const before = numbers.get(labels) ?? [];
      const row = Array.from(
        { length: metric.width },
        (_, i) => (before[i] ?? 0) + (memory.slots[slot + i] ?? 0),
      );
      numbers.set(labels, row);
    }
  }
  return (route) => {
    const labels = labelText(['route'], { route });
    const counted = sums.get(requests)?.get(labels) ?? [];
    const results = Object.fromEntries(CACHE_RESULTS.map((result, i) => [result, counted[i] ?? 0]));
    const [bytesServed = 0] = sums.get(bytes)?.get(labels) ?? [];
    return { results: results as Record<CacheResult, number>, bytesServed };
  };
}
