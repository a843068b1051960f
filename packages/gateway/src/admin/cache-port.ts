import type { CacheReadings } from '../core/cache-memory.ts';
import type { CacheResult } from '../core/exchange.ts';
import type { CacheSelection } from './cache-selection.ts';

/** What the admin API can ask about the cache, and have it do. */
export interface CachePort {
  stats(): CacheStats;
  /** Null: the cursor is not one that was given out. */
  entries(wish: EntriesWish): CacheEntries | UnknownRoute | null;
  /** Makes what is meant go, in this gateway and wherever else it is kept. */
  purge(selection: CacheSelection, kind: 'hard' | 'soft'): Promise<CachePurged | UnknownRoute>;
}

/** Memories, and what became of requests, by route. */
export interface CacheStats {
  readonly memories: readonly ({
    readonly memory: string;
    readonly routes: readonly string[];
  } & CacheReadings)[];
  readonly routes: readonly CacheRouteStats[];
}

/** What the cache did for the requests of one route since the start. */
export interface CacheRouteStats {
  readonly route: string;
  readonly memory: string;
  readonly results: Readonly<Record<CacheResult, number>>;
  /** Of requests that the cache had to do with, how many the service was not asked for; null: there was none. */
  readonly hitRatio: number | null;
  readonly bytesServed: number;
}

/** Which entries are asked for. */
export interface EntriesWish {
  /** Null: all. */
  readonly selection: CacheSelection | null;
  readonly limit: number;
  /** From the page before; null: the first. */
  readonly cursor: string | null;
}

/** A page of what is stored, in no order. */
export interface CacheEntries {
  readonly entries: readonly CacheEntryView[];
  /** To ask with for the next page; null: there is none. A page may be short, or empty, and not the last. */
  readonly next: string | null;
}

/** Something that is stored, for people. */
export interface CacheEntryView {
  readonly memory: string;
  /** Null: its key is too long to be kept. */
  readonly route: string | null;
  readonly address: string | null;
  /** `variants`: by what the responses of an address vary; `pass`: nothing is stored, and nobody waits for another one. */
  readonly kind: 'response' | 'variants' | 'pass';
  readonly state: 'fresh' | 'stale' | 'purged';
  readonly status: number | null;
  readonly ageSeconds: number | null;
  /** What is left of its freshness, or of a pass; negative: it is over for so long. */
  readonly freshSeconds: number | null;
  readonly hits: number;
  readonly bodyBytes: number;
  readonly memoryBytes: number;
  /** Request fields, cookies and bodies that tell it apart from others with its address; values that may be secret are hidden. */
  readonly variant: Readonly<Record<string, string | null>>;
  /** Whether only the caller gets it who asked first. */
  readonly isForOneCaller: boolean;
}

/** What was purged, and where. */
export interface CachePurged {
  readonly kind: 'hard' | 'soft';
  readonly by: CacheSelection['by'];
  /** As it was understood. */
  readonly value: string;
  readonly memories: readonly string[];
}

/** No route of that name keeps responses. */
export interface UnknownRoute {
  readonly unknownRoute: string;
  /** Some of those that do. */
  readonly known: readonly string[];
}
