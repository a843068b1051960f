import type { CachedEntry, CachePurge, CacheReadings } from '../../core/cache-memory.ts';
import type { Clock } from '../../core/ports.ts';
import { BLOCK_BYTES, CacheArea, type HashKey } from './area.ts';
import { CacheTable } from './cache-table.ts';
import { ENTRY, STORED } from './entry-words.ts';
import { forgetSeat } from './forget-seat.ts';
import { PutIn } from './put-in.ts';
import { TakeOut } from './take-out.ts';
import { WORD } from './header-words.ts';
import { hitsOf, Lookup } from './lookup.ts';
import { Pins } from './pins.ts';
import { HARD, DIGESTS_PER_TAG, SOFT } from './purge-board.ts';

/** Places that are looked at for one page: some milliseconds. */
const PLACES_PER_PAGE = 16_384;
/** How often the main thread waits for the lock: it has more patience than a thread with requests. */
const SLEEPS = 50;

/** Entries from some place on, and where to go on. */
export interface CachePage {
  readonly entries: readonly CachedEntry[];
  /** To ask with for the next page; null at the end. */
  readonly next: number | null;
}

/**
 * The cache as the main thread sees it: what is in it, and what becomes of what a thread had in hand that is gone. It has the
 * number after the last seat.
 */
export class CacheDesk implements CachePurge {
  readonly #table: CacheTable;
  readonly #lookup: Lookup;
  /** What entries are copied with, to be kept elsewhere. */
  readonly takeOut: TakeOut;
  /** What they come back with. */
  readonly putIn: PutIn;

  constructor(buffer: SharedArrayBuffer, clock: Clock) {
    const area = new CacheArea(buffer);
    this.#table = new CacheTable(area, { seat: area.seats, clock, wheel: null, sleeps: SLEEPS });
    const pins = new Pins(this.#table);
    this.#lookup = new Lookup(this.#table, pins);
    this.takeOut = new TakeOut(this.#table, this.#lookup, pins);
    this.putIn = new PutIn(this.#table);
  }

  get hashKey(): HashKey {
    return this.#table.area.hashKey;
  }

  get readings(): CacheReadings {
    const { area } = this.#table;
    return {
      capacityBytes: area.blocks * BLOCK_BYTES,
      usedBytes: this.#table.word(WORD.USED_BLOCKS) * BLOCK_BYTES,
      entries: this.#table.word(WORD.STORED),
      evictions: this.#table.word(WORD.EVICTIONS),
      insertions: this.#table.word(WORD.INSERTIONS),
      rejections: this.#table.word(WORD.REJECTIONS),
      purges: Number(this.#table.purges.number),
    };
  }

  purge(tags: readonly string[], kind: 'hard' | 'soft'): void {
    this.#table.purges.purge(tags, kind);
  }

  /** Forgets what is under a key. */
  remove(key: string): void {
    this.#table.must(this.#lookup.remove, key);
  }

  /** What is stored under a key. No hit. */
  entry(key: string): CachedEntry | null {
    return this.#table.run(this.#byKey, key);
  }

  /**
   * What is stored, in no order: up to `limit` entries from `from` on, which is 0 or what the page before said; with `tags`, those that
   * a purge of them would reach. A page may have fewer than there are, even none, and still not be the last: one call looks only so far.
   */
  page(from: number, limit: number, tags: readonly string[] = []): CachePage {
    const digests = tags.length === 0 ? null : this.#table.purges.digestsOf(tags);
    const first = Math.max(1, from);
    const entries: CachedEntry[] = [];
    for (let entry = first; entry < this.#table.word(WORD.FRESH_ENTRY); entry++) {
      if (entries.length >= limit || entry - first >= PLACES_PER_PAGE) return { entries, next: entry };
      // Looked at without the lock first: most of a large table may be empty.
      if (this.#table.entries.get(entry, ENTRY.STATE) !== STORED) continue;
      const view = this.#table.run(this.#viewOfTagged, { entry, digests });
      if (view !== null) entries.push(view);
    }
    return { entries, next: null };
  }

  /**
   * The thread with that number is gone, in whatever it was doing: what it filled is abandoned, what it read it reads no more.
   * False: it could not be done now, because somebody else has the lock, maybe another one that is gone. What is left then the
   * next thread with the number does when it opens the cache.
   */
  forget(seat: number): boolean {
    return forgetSeat(this.#table, seat);
  }

  readonly #byKey = (key: string): CachedEntry | null => {
    const { index } = this.#table;
    index.hash(key);
    index.look(key);
    return index.stored === 0 ? null : this.#view(index.stored);
  };

  readonly #viewOfTagged = ({ entry, digests }: TaggedEntry): CachedEntry | null =>
    digests === null || this.#isTagged(entry, digests) ? this.#view(entry) : null;

  #isTagged(entry: number, wanted: readonly number[]): boolean {
    if (this.#table.entries.get(entry, ENTRY.STATE) !== STORED) return false;
    const digests = this.#table.digestsOf(entry);
    for (let i = 0; i < digests.length; i += DIGESTS_PER_TAG)
      for (let w = 0; w < wanted.length; w += DIGESTS_PER_TAG)
        if (digests[i] === wanted[w] && digests[i + 1] === wanted[w + 1]) return true;
    return false;
  }

  readonly #view = (entry: number): CachedEntry | null => {
    const { entries, index } = this.#table;
    const purged = this.#table.purgedOf(entry);
    if (entries.get(entry, ENTRY.STATE) !== STORED || purged === HARD) return null;
    return {
      key: index.keyOf(entry),
      head: this.#lookup.headOf(entry),
      length: entries.get(entry, ENTRY.LENGTH),
      usedBytes: entries.get(entry, ENTRY.BLOCKS) * BLOCK_BYTES,
      hits: hitsOf(this.#table, entry),
      version: entries.versionOf(entry),
      storedAtMs: entries.get(entry, ENTRY.STORED_AT) * 1000,
      isSoftPurged: purged === SOFT,
    };
  };
}

interface TaggedEntry {
  readonly entry: number;
  /** Of the tags of which it has to have one; null: any. */
  readonly digests: readonly number[] | null;
}
