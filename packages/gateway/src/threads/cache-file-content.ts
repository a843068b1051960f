import type { RouteConfig } from '@turnpike/config';
import type { Clock } from '../core/ports.ts';
import { MOST_BODY_BYTES, type FileAbout, type FileEntry } from '../state/cache-file/layout.ts';
import type { FileContent } from '../state/cache-file/write-cache-file.ts';
import type { CacheAreas } from './cache-areas.ts';
import { storingRules } from './storing-rules.ts';

/** What is written. */
export interface ContentSource {
  readonly areas: CacheAreas['areas'];
  readonly routes: readonly RouteConfig[];
  readonly fleet: FileAbout['fleet'];
  readonly clock: Clock;
}

/** How much of it. */
export interface ContentLimits {
  readonly left: FileContent['left'];
  /** Of all memories together; each has a part as large as its part of them. */
  readonly mostBytes: number;
  /** On the clock that only goes forward: what is left then is left out. */
  readonly endsAtMs: number;
}

/** What is in the memories, as a file has it. Counts as it goes. */
export function cacheFileContent(source: ContentSource, limits: ContentLimits) {
  const { areas, routes, fleet, clock } = source;
  const counts = { entries: 0 };
  const about: FileAbout = {
    savedAtMs: clock.epoch(),
    memories: Array.from(areas, ([name, { desk }]) => ({ name, hashKey: desk.hashKey })),
    routes: Object.fromEntries(storingRules(routes)),
    fleet,
  };
  const entries = entriesOf(source, limits, counts);
  return { content: { about, left: limits.left, entries } satisfies FileContent, counts };
}

function* entriesOf(
  { areas, clock }: ContentSource,
  { mostBytes, endsAtMs }: ContentLimits,
  counts: { entries: number },
): Generator<FileEntry> {
  const all = [...areas.values()];
  const usedBytes = all.reduce((sum, { desk }) => sum + desk.readings.usedBytes, 0);
  const part = Math.min(1, mostBytes / Math.max(1, usedBytes));
  for (const [memory, { desk }] of all.entries()) {
    const { takeOut, readings } = desk;
    for (const number of takeOut.numbers(part * readings.usedBytes)) {
      if (clock.now() >= endsAtMs) return;
      const entry = takeOut.take(number, MOST_BODY_BYTES);
      if (entry === null) continue;
      counts.entries++;
      yield { ...entry, memory };
    }
  }
}
