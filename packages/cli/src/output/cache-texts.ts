import type { CacheEntryView, CachePurged, CacheStats } from '../gateway.ts';
import { alignColumns } from './table.ts';
import type { Paint } from './terminal.ts';
import { printable } from './printable.ts';
import { roughBytes, roughSeconds } from './units.ts';

/** The memory of the cache that routes share, as it is called on the admin API. */
const SHARED = '*';

/** Two tables: memories, and routes. */
export function statsLines({ memories, routes }: CacheStats, paint: Paint): string[] {
  if (memories.length === 0) return ['no route keeps responses'];
  const memoryRows = memories.map(({ memory, routes, capacityBytes, usedBytes, ...counts }) => [
    memoryText(memory),
    `${roughBytes(usedBytes)} of ${roughBytes(capacityBytes)}`,
    ...[counts.entries, counts.insertions, counts.evictions, counts.rejections, counts.purges].map(String),
    routes.join(', '),
  ]);
  const routeRows = routes.map(({ route, results, hitRatio, bytesServed }) => [
    route,
    hitRatio === null ? '-' : `${(100 * hitRatio).toFixed(1)}%`,
    ...[results.hit, results.stale, results.coalesced, results.revalidated, results.miss, results.pass].map(
      String,
    ),
    roughBytes(bytesServed),
  ]);
  return [
    ...titled(
      ['MEMORY', 'USED', 'ENTRIES', 'STORED', 'EVICTED', 'REJECTED', 'PURGES', 'ROUTES'],
      memoryRows,
      paint,
    ),
    '',
    ...titled(
      ['ROUTE', 'HIT RATIO', 'HIT', 'STALE', 'COALESCED', 'REVALIDATED', 'MISS', 'PASS', 'FROM MEMORY'],
      routeRows,
      paint,
    ),
  ];
}

/** What is stored, a line each. */
export function entryLines(entries: readonly CacheEntryView[], paint: Paint): string[] {
  if (entries.length === 0) return ['nothing is stored'];
  const rows = entries.map((entry) => [
    entry.status === null ? entry.kind : String(entry.status),
    entry.state,
    secondsText(entry.ageSeconds),
    secondsText(entry.freshSeconds),
    String(entry.hits),
    roughBytes(entry.bodyBytes),
    printable(entry.address ?? '(an address that is too long to be shown)'),
    variantText(entry),
  ]);
  return titled(['WHAT', 'STATE', 'AGE', 'FRESH FOR', 'HITS', 'SIZE', 'ADDRESS', 'VARIANT'], rows, paint);
}

/** What was purged, and where. */
export function purgedLines({ kind, by, value, memories }: CachePurged, paint: Paint): string[] {
  const how = paint(['bold', 'green'], kind === 'soft' ? 'to be asked for again:' : 'gone:');
  const what = by === 'all' ? 'everything' : `${by} ${printable(value)}`;
  const where =
    memories.length === 0 ? 'but no route keeps responses' : `in ${memories.map(memoryText).join(', ')}`;
  return [`${how} ${what}, ${where}`];
}

function titled(titles: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string[] {
  return alignColumns([titles.map((title) => paint('bold', title)), ...rows]);
}

function memoryText(memory: string): string {
  return memory === SHARED ? '(shared)' : memory;
}

function secondsText(seconds: number | null): string {
  return seconds === null ? '-' : roughSeconds(seconds);
}

function variantText({ variant, isForOneCaller }: CacheEntryView): string {
  const parts = Object.entries(variant).map(([name, value]) => `${name}: ${value ?? '(none)'}`);
  return printable([...parts, ...(isForOneCaller ? ['one caller'] : [])].join('; '));
}
