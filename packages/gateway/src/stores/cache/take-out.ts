import type { CacheTable } from './cache-table.ts';
import { BLOCK_BYTES } from './area.ts';
import { ENTRY, STORED } from './entry-words.ts';
import { WORD } from './header-words.ts';
import { hitsOf, type Lookup } from './lookup.ts';
import type { MovedEntry } from './moved-entry.ts';
import type { Pins } from './pins.ts';
import { HARD, SOFT } from './purge-board.ts';

/** Hits and number of an entry in one number, so that sorting millions of them makes no objects. */
const HIT = 2 ** 32;

type Written = Omit<MovedEntry, 'body'> & { readonly length: number };

/**
 * Copies entries out of a memory that others use meanwhile. The lock is held for the head of one entry at a time; its body is copied
 * without it, while the entry is pinned, so that no thread waits for a large one.
 */
export class TakeOut {
  readonly #table: CacheTable;
  readonly #lookup: Lookup;
  readonly #pins: Pins;

  constructor(table: CacheTable, lookup: Lookup, pins: Pins) {
    this.#table = table;
    this.#lookup = lookup;
    this.#pins = pins;
  }

  /** The numbers of what is stored, of up to so many bytes together: what was found most often first. */
  numbers(mostBytes: number): number[] {
    const { entries, area } = this.#table;
    const end = this.#table.word(WORD.FRESH_ENTRY);
    const ranks = new Float64Array(end);
    let count = 0;
    for (let entry = 1; entry < end; entry++) {
      if (Atomics.load(area.words, entries.at(entry) + ENTRY.STATE) !== STORED) continue;
      ranks[count++] = hitsOf(this.#table, entry) * HIT + entry;
    }
    const numbers: number[] = [];
    let bytes = 0;
    for (const rank of ranks.subarray(0, count).sort().toReversed()) {
      const entry = rank % HIT;
      bytes += entries.get(entry, ENTRY.BLOCKS) * BLOCK_BYTES;
      if (bytes > mostBytes) break;
      numbers.push(entry);
    }
    return numbers;
  }

  /** An entry, unless it is gone, purged, or has a longer body. */
  take(entry: number, mostBytes: number): MovedEntry | null {
    const written = this.#table.run(this.#pinned, { entry, mostBytes });
    if (written === null) return null;
    const { length, ...rest } = written;
    try {
      const chain = this.#table.entries.get(entry, ENTRY.BODY);
      return { ...rest, body: this.#table.chains.copy(chain, length) };
    } finally {
      this.#pins.unpin(entry);
    }
  }

  readonly #pinned = ({ entry, mostBytes }: { readonly entry: number; readonly mostBytes: number }) => {
    const { entries } = this.#table;
    const length = entries.get(entry, ENTRY.LENGTH);
    if (entries.get(entry, ENTRY.STATE) !== STORED || length > mostBytes) return null;
    const purged = this.#table.purgedOf(entry);
    if (purged === HARD) return null;
    this.#pins.pin(entry);
    return this.#written(entry, length, purged === SOFT);
  };

  #written(entry: number, length: number, isSoftPurged: boolean): Written {
    return {
      key: this.#table.index.keyOf(entry),
      head: this.#lookup.headOf(entry),
      digests: this.#table.digestsOf(entry),
      hits: hitsOf(this.#table, entry),
      isSoftPurged,
      length,
    };
  }
}
