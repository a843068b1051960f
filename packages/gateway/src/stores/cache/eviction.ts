import type { CacheArea } from './area.ts';
import type { Entries } from './entries.ts';
import { ENTRY } from './entry-words.ts';
import { Fifo } from './fifo.ts';
import { Ghosts } from './ghosts.ts';
import { WORD } from './header-words.ts';
import type { KeyIndex } from './key-index.ts';

/** The part of the memory that new entries share until they were found again. */
const SMALL_PART = 0.1;
/** Found so often, an entry leaves the small queue for the main one. Once is not enough: two requests of one page are no proof. */
const PROMOTED_FROM = 2;
/** Low bits of `ENTRY.USES`: how often it was found lately, up to three times. */
export const LATELY = 3;
/** So many that somebody reads are passed over in one go; evicting them makes no room yet. */
const MOST_SPARED = 64;
/** Even a cache that is hardly filled remembers a few. */
const LEAST_GHOSTS = 64;

/**
 * Which entries go when there is no room: S3-FIFO (Yang et al., SOSP 2023).
 *
 * What is new stands in a small queue. What was found again by the time it reaches the end goes on to the main queue, the
 * rest goes, and leaves a ghost; what comes back while its ghost is there belongs to the main queue at once. In the
 * main queue, what was found since it came by last gets another round. A hit changes a number and nothing else.
 */
export class Eviction {
  readonly small: Fifo;
  readonly main: Fifo;
  readonly #ghosts: Ghosts;
  readonly #area: CacheArea;
  readonly #entries: Entries;
  readonly #index: KeyIndex;

  constructor(area: CacheArea, entries: Entries, index: KeyIndex) {
    this.#area = area;
    this.#entries = entries;
    this.#index = index;
    this.#ghosts = new Ghosts(area);
    this.small = new Fifo(area, entries, WORD.SMALL);
    this.main = new Fifo(area, entries, WORD.MAIN);
  }

  /** Whether something with this hash went lately, or was turned away lately. */
  hasGhost(low: number, high: number): boolean {
    return this.#ghosts.has(low, high, Math.max(this.main.count, LEAST_GHOSTS));
  }

  leaveGhost(low: number, high: number): void {
    this.#ghosts.add(low, high);
  }

  /** An entry that is stored from now on. What it takes the place of, or 0, passes its standing on. */
  add(entry: number, predecessor: number): void {
    const [low, high] = [this.#entries.get(entry, ENTRY.HASH), this.#entries.get(entry, ENTRY.HASH_HIGH)];
    const isKnown = predecessor === 0 ? this.hasGhost(low, high) : this.main.has(predecessor);
    (isKnown ? this.main : this.small).add(entry);
  }

  remove(entry: number): void {
    if (this.small.has(entry)) this.small.remove(entry);
    else if (this.main.has(entry)) this.main.remove(entry);
  }

  /** A stored entry has so many blocks more. */
  grow(entry: number, blocks: number): void {
    if (this.small.has(entry)) this.small.grow(blocks);
    else if (this.main.has(entry)) this.main.grow(blocks);
  }

  /** Has entries go until `hasRoom`; false if all are gone before. */
  makeRoom(hasRoom: () => boolean): boolean {
    let spared = 0;
    while (!hasRoom()) {
      const isSmall = this.small.blocks > this.#area.blocks * SMALL_PART || this.main.oldest === 0;
      const queue = isSmall ? this.small : this.main;
      const entry = queue.oldest;
      if (entry === 0) return false;
      queue.remove(entry);
      const isRead = spared < MOST_SPARED && this.#entries.isPinned(entry);
      if (isRead) spared++;
      if (isRead || (isSmall ? this.#promotes(entry) : this.#spares(entry))) this.main.add(entry);
      else this.#evict(entry, isSmall);
    }
    return true;
  }

  #promotes(entry: number): boolean {
    const uses = this.#entries.get(entry, ENTRY.USES);
    if ((uses & LATELY) < PROMOTED_FROM) return false;
    this.#entries.set(entry, ENTRY.USES, uses & ~LATELY);
    return true;
  }

  #spares(entry: number): boolean {
    const uses = this.#entries.get(entry, ENTRY.USES);
    if ((uses & LATELY) === 0) return false;
    this.#entries.set(entry, ENTRY.USES, uses - 1);
    return true;
  }

  #evict(entry: number, leavesGhost: boolean): void {
    const [low, high] = [this.#entries.get(entry, ENTRY.HASH), this.#entries.get(entry, ENTRY.HASH_HIGH)];
    if (leavesGhost) this.#ghosts.add(low, high);
    const { words } = this.#area;
    words[WORD.EVICTIONS] = (words[WORD.EVICTIONS] ?? 0) + 1;
    words[WORD.STORED] = (words[WORD.STORED] ?? 0) - 1;
    this.#index.remove(entry);
    this.#entries.discard(entry);
  }
}
