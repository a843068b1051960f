import type { GatewayConfig } from '@turnpike/config';
import type { CachePurge } from '../core/cache-memory.ts';
import { systemClock } from '../core/ports.ts';
import { CacheArea, type HashKey } from '../stores/cache/area.ts';
import { CacheDesk } from '../stores/cache/cache-desk.ts';

/** The memory of routes by name: `''` is the one that they share, others have the id of their route. */
export type CacheBuffers = ReadonlyMap<string, SharedArrayBuffer>;

/** What the supervisor knows of one memory. */
export interface CacheAreaOf {
  readonly bytes: number;
  readonly buffer: SharedArrayBuffer;
  readonly desk: CacheDesk;
}

/**
 * The memories in which responses are kept. One that has the same name and size in the next configuration stays as it is, with
 * all that is in it; one that nobody wants any more goes when its last request has.
 */
export class CacheAreas implements CachePurge {
  readonly #seats: number;
  #areas: ReadonlyMap<string, CacheAreaOf> = new Map();
  #hashKeys: ReadonlyMap<string, HashKey> = new Map();

  constructor(seats: number) {
    this.#seats = seats;
  }

  /** Those that are in use, by name. */
  get areas(): ReadonlyMap<string, CacheAreaOf> {
    return this.#areas;
  }

  /** Memories that are made first have these keys, by name: what comes back into them was made with those. */
  useHashKeys(hashKeys: ReadonlyMap<string, HashKey>): void {
    this.#hashKeys = hashKeys;
  }

  /** What a configuration needs. Changes nothing before `keep`. */
  plan({ routes, stores }: Pick<GatewayConfig, 'routes' | 'stores'>): ReadonlyMap<string, CacheAreaOf> {
    const wanted = new Map<string, number>();
    for (const { id, policies } of routes) {
      if (policies.cache === null) continue;
      const { sizeBytes } = policies.cache;
      wanted.set(sizeBytes === null ? '' : id, sizeBytes ?? stores.cache.sizeBytes);
    }
    return new Map(Array.from(wanted, ([name, bytes]) => [name, this.#areaOf(name, bytes)]));
  }

  keep(areas: ReadonlyMap<string, CacheAreaOf>): void {
    this.#areas = areas;
    this.#hashKeys = new Map();
  }

  /** In all memories, and so for all threads. */
  purge(tags: readonly string[], kind: 'hard' | 'soft'): void {
    for (const { desk } of this.#areas.values()) desk.purge(tags, kind);
  }

  /** A thread is gone, and with it what it had in hand. */
  releaseThread(thread: number): void {
    for (const { desk } of this.#areas.values()) desk.forget(thread);
  }

  #areaOf(name: string, bytes: number): CacheAreaOf {
    const known = this.#areas.get(name);
    if (known?.bytes === bytes) return known;
    const buffer = CacheArea.allocate(bytes, this.#seats, this.#hashKeys.get(name));
    return { bytes, buffer, desk: new CacheDesk(buffer, systemClock) };
  }
}

/** As the threads get them. */
export function buffersOf(areas: ReadonlyMap<string, CacheAreaOf>): CacheBuffers {
  return new Map(Array.from(areas, ([name, { buffer }]) => [name, buffer]));
}
