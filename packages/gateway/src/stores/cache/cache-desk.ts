import type { CachedEntry, CachePurge, CacheReadings } from '../../core/cache-memory.ts';
import type { Clock } from '../../core/ports.ts';
import { BLOCK_BYTES, CacheArea } from './area.ts';
import { CacheTable } from './cache-table.ts';
import { ENTRY, STORED } from './entry-words.ts';
import { FillSteps } from './fill-steps.ts';
import { WORD } from './header-words.ts';
import { hitsOf, Lookup } from './lookup.ts';
import { Pins } from './pins.ts';
import { HARD, SOFT } from './purge-board.ts';

/** Entries that are looked at in one go when a thread is gone: about ten microseconds. */
const PAGE_ENTRIES = 1024;

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
  readonly #steps: FillSteps;
  readonly #lookup: Lookup;

  constructor(buffer: SharedArrayBuffer, clock: Clock) {
    const area = new CacheArea(buffer);
    this.#table = new CacheTable(area, { seat: area.seats, clock, wheel: null });
    this.#steps = new FillSteps(this.#table);
    this.#lookup = new Lookup(this.#table, new Pins(this.#table));
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

  /** What is stored, in no order: up to `limit` entries from `from` on, which is 0 or what the page before said. */
  page(from: number, limit: number): CachePage {
    const entries: CachedEntry[] = [];
    for (let entry = Math.max(1, from); entry < this.#table.word(WORD.FRESH_ENTRY); entry++) {
      if (entries.length >= limit) return { entries, next: entry };
      // Looked at without the lock first: most of a large table may be empty.
      if (this.#table.entries.get(entry, ENTRY.STATE) !== STORED) continue;
      const view = this.#table.run(this.#view, entry);
      if (view !== null) entries.push(view);
    }
    return { entries, next: null };
  }

  /**
   * The thread with that number is gone, in whatever it was doing. What it filled is abandoned, what it read it reads no
   * more, and its lock is broken open. To be called before another thread gets the number.
   */
  forget(seat: number): void {
    this.#table.lock.breakOpen(seat);
    const end = this.#table.word(WORD.FRESH_ENTRY);
    for (let from = 1; from < end; from += PAGE_ENTRIES) {
      this.#table.must(this.#forgetPage, { seat, from, to: Math.min(end, from + PAGE_ENTRIES) });
    }
  }

  readonly #forgetPage = ({ seat, from, to }: SeatPage): true => {
    for (let entry = from; entry < to; entry++) this.#forgetEntry(entry, seat);
    return true;
  };

  #forgetEntry(entry: number, seat: number): void {
    const { entries, index } = this.#table;
    if (entries.get(entry, ENTRY.FILLER) === seat + 1)
      this.#steps.abandon({ entry, key: index.keyOf(entry), written: 0 });
    if (!entries.hasPin(entry, seat)) return;
    entries.setPin(entry, seat, 0);
    entries.freeIfUnused(entry);
  }

  readonly #byKey = (key: string): CachedEntry | null => {
    const { index } = this.#table;
    index.hash(key);
    index.look(key);
    return index.stored === 0 ? null : this.#view(index.stored);
  };

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

interface SeatPage {
  readonly seat: number;
  readonly from: number;
  readonly to: number;
}
