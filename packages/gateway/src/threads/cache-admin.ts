import type { GatewayConfig, RouteConfig } from '@turnpike/config';
import type {
  CacheEntries,
  CacheEntryView,
  CachePort,
  CacheRouteStats,
  CacheStats,
  EntriesWish,
  UnknownRoute,
} from '../admin/cache-port.ts';
import type { CacheSelection } from '../admin/cache-selection.ts';
import { addressTag } from '../core/cache-tags.ts';
import type { CacheResult } from '../core/exchange.ts';
import type { Clock } from '../core/ports.ts';
import { cacheCounts } from '../observe/cache-counts.ts';
import type { Reading, ThreadSnapshot } from '../observe/series-book.ts';
import { countedQuery } from '../stages/cache/rules/key.ts';
import type { CacheAreas } from './cache-areas.ts';
import { entryView, type EntryContext } from './cache-entry-view.ts';

/** What the supervisor knows of the cache. */
export interface CacheParts {
  readonly areas: Pick<CacheAreas, 'areas'>;
  readonly config: () => Pick<GatewayConfig, 'routes'>;
  /** What threads have counted. */
  readonly counted: () => readonly ThreadSnapshot[];
  /** In all memories of this gateway, and wherever else it is kept. Every purge of the admin API goes through it. */
  readonly purge: (tags: readonly string[], kind: 'hard' | 'soft') => Promise<void>;
  readonly clock: Clock;
}

/** Routes that are named when one is not known. */
const MOST_NAMED = 20;
/** How a memory is called that routes share: no route can have that name. */
const SHARED = '*';

/** Answers what the admin API asks about the cache. */
export function cacheAdmin(parts: CacheParts): CachePort {
  const { areas, purge } = parts;
  const cached = () => parts.config().routes.filter(({ policies }) => policies.cache !== null);
  const unknownRoute = (selection: CacheSelection | null): UnknownRoute | null => {
    if (selection?.by !== 'route' || cached().some(({ id }) => id === selection.value)) return null;
    const known = cached().map(({ id }) => id);
    return { unknownRoute: selection.value, known: known.slice(0, MOST_NAMED) };
  };
  const memoriesOf = (selection: CacheSelection | null): string[] => {
    const all = [...areas.areas.keys()];
    if (selection?.by !== 'route') return all;
    return all.filter((name) => name === ownMemory(areas, selection.value));
  };
  return {
    stats: () => statsOf(areas, cached(), parts.counted()),
    entries: (wish) => {
      const missing = unknownRoute(wish.selection);
      if (missing !== null) return missing;
      const place = placeOf(wish.cursor, memoriesOf(wish.selection));
      return place && pageOf(parts, cached(), { ...wish, ...place });
    },
    purge: async (selection, kind) => {
      const missing = unknownRoute(selection);
      if (missing !== null) return missing;
      await purge(tagsOf(selection, cached()), kind);
      const { by, value } = selection;
      return { kind, by, value, memories: memoriesOf(selection).map(shownName) };
    },
  };
}

/** Under how many names an address may be stored: where only a part of its query counts, its tag has only that. */
function tagsOf(selection: CacheSelection, routes: readonly RouteConfig[]): string[] {
  if (selection.by !== 'address') return [selection.tag];
  const [path = '', ...rest] = selection.value.split('?');
  const query = rest.length === 0 ? '' : `?${rest.join('?')}`;
  const queries = routes.flatMap(({ policies: { cache } }) =>
    cache ? [countedQuery(cache.key)(query)] : [],
  );
  return [...new Set([query, ...queries])].map((counted) => addressTag(`${path}${counted}`));
}

// --- numbers -------------------------------------------------------------------------------------------------------

function statsOf(
  { areas }: CacheParts['areas'],
  routes: readonly RouteConfig[],
  counted: readonly ThreadSnapshot[],
): CacheStats {
  const countsOf = cacheCounts(counted);
  const nameOf = ({ id }: RouteConfig): string => shownName(ownMemory({ areas }, id));
  return {
    memories: Array.from(areas, ([name, { desk }]) => {
      const memory = shownName(name);
      const using = routes.filter((route) => nameOf(route) === memory).map(({ id }) => id);
      return { memory, routes: using, ...desk.readings };
    }),
    routes: routes.map((route): CacheRouteStats => {
      const { results, bytesServed } = countsOf(route.id);
      return { route: route.id, memory: nameOf(route), results, hitRatio: hitRatio(results), bytesServed };
    }),
  };
}

/** What the cache had nothing to do with is left out. */
function hitRatio({ hit, stale, coalesced, revalidated, miss }: Record<CacheResult, number>): number | null {
  const unasked = hit + stale + coalesced;
  const all = unasked + revalidated + miss;
  return all === 0 ? null : unasked / all;
}

/** The same of memories as metrics. */
export function cacheReadings({ areas }: CacheParts['areas']): Reading[] {
  return Array.from(areas, ([name, { desk }]): Reading[] => {
    const { capacityBytes, usedBytes, entries, ...counts } = desk.readings;
    const labels = { memory: shownName(name) };
    return [
      { name: 'turnpike_cache_memory_bytes', labels, values: [capacityBytes, usedBytes] },
      { name: 'turnpike_cache_memory_entries', labels, values: [entries] },
      { name: 'turnpike_cache_memory_insertions_total', labels, values: [counts.insertions] },
      { name: 'turnpike_cache_memory_evictions_total', labels, values: [counts.evictions] },
      { name: 'turnpike_cache_memory_rejections_total', labels, values: [counts.rejections] },
      { name: 'turnpike_cache_memory_purges_total', labels, values: [counts.purges] },
    ];
  }).flat();
}

// --- entries -------------------------------------------------------------------------------------------------------

/** Where a page begins, and which memories there are from there on. */
interface Place {
  readonly from: number;
  readonly memories: readonly string[];
}

/** A cursor is a place in a memory and the name of that. Null: it is none, or the memory is gone. */
function placeOf(cursor: string | null, memories: readonly string[]): Place | null {
  if (cursor === null) return { from: 0, memories };
  const [, from = '', name = ''] = /^(\d{1,10})\.(.{1,128})$/.exec(cursor) ?? [];
  const at = memories.findIndex((memory) => shownName(memory) === name);
  return at < 0 ? null : { from: Number(from), memories: memories.slice(at) };
}

function pageOf(
  { areas, clock }: CacheParts,
  routes: readonly RouteConfig[],
  { selection, limit, from, memories }: EntriesWish & Place,
): CacheEntries {
  const [name, following] = memories;
  const area = name === undefined ? undefined : areas.areas.get(name);
  if (name === undefined || area === undefined) return { entries: [], next: null };
  const memory = shownName(name);
  const keys = new Map(routes.map(({ id, policies }) => [id, policies.cache?.key ?? null]));
  const context: EntryContext = {
    memory,
    keyOf: (route) => keys.get(route) ?? null,
    nowMs: clock.epoch(),
  };
  const page = area.desk.page(from, limit, selection === null ? [] : tagsOf(selection, routes));
  const entries = page.entries.map((entry): CacheEntryView => entryView(entry, context));
  if (page.next !== null) return { entries, next: `${page.next}.${memory}` };
  return { entries, next: following === undefined ? null : `0.${shownName(following)}` };
}

function ownMemory({ areas }: CacheParts['areas'], route: string): string {
  return areas.has(route) ? route : '';
}

function shownName(memory: string): string {
  return memory === '' ? SHARED : memory;
}
