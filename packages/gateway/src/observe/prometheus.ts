import { SeriesBook, type Reading, type ThreadSnapshot } from './series-book.ts';
import { prometheusText } from './text-exposition.ts';

/** The metrics of all threads in Prometheus' text format 0.0.4, for who looks once. Who looks again keeps a {@link SeriesBook}. */
export function exposition(
  threads: readonly ThreadSnapshot[],
  process: ThreadSnapshot | null,
  readings: readonly Reading[] = [],
): string {
  const all = process === null ? threads : [...threads, process];
  return prometheusText(new SeriesBook().families(all, readings)).toString();
}
