import type { Clock } from '../core/ports.ts';
import type { TimingWheel } from '../core/timing-wheel.ts';
import { decodeHead, type CachedHead } from '../stages/cache/cached-head.ts';
import type { RouteMemory } from '../stages/cache/fetch.ts';
import { CacheArea } from '../stores/cache/area.ts';
import { SharedCache } from '../stores/cache/shared-cache.ts';
import type { CacheBuffers } from './cache-areas.ts';

/** The time of a thread. */
export interface CachesPorts {
  readonly clock: Clock;
  readonly wheel: TimingWheel;
}

/** The memories of routes as one thread sees them; what it remembers of one outlasts reloads, as the memory does. */
export class ThreadCaches {
  readonly #thread: number;
  readonly #ports: CachesPorts;
  #caches = new Map<string, { readonly id: string; readonly cache: SharedCache<CachedHead> }>();

  constructor(thread: number, ports: CachesPorts) {
    this.#thread = thread;
    this.#ports = ports;
  }

  /** Takes over those of a snapshot; gives what knows the memory of each route. */
  use(buffers: CacheBuffers): (route: string) => RouteMemory {
    this.#caches = new Map(Array.from(buffers, ([name, buffer]) => [name, this.#cacheOf(name, buffer)]));
    const current = this.#caches;
    return (route) => {
      const found = current.get(route) ?? current.get('');
      if (found === undefined) throw new Error(`Route ${route}: there is no memory for its responses`);
      return found.cache;
    };
  }

  #cacheOf(name: string, buffer: SharedArrayBuffer) {
    const known = this.#caches.get(name);
    // A buffer that is posted again is another object.
    const id = CacheArea.idOf(buffer);
    if (known?.id === id) return known;
    const ports = { seat: this.#thread, decodeHead, ...this.#ports };
    return { id, cache: new SharedCache<CachedHead>(buffer, ports) };
  }
}
