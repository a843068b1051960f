import type { CacheTable } from './cache-table.ts';

/**
 * What this thread reads in place. All others see one bit of it: whether the thread reads an entry at all. So a thread that
 * is gone can be told from one that still reads, and readers of the same entry in one thread need no lock but the first.
 */
export class Pins {
  readonly #table: CacheTable;
  /** How many read it here, by entry. */
  readonly #counts = new Map<number, number>();

  constructor(table: CacheTable) {
    this.#table = table;
  }

  /** With the lock in hand. */
  readonly pin = (entry: number): true => {
    const count = this.#counts.get(entry) ?? 0;
    this.#counts.set(entry, count + 1);
    if (count === 0) this.#table.entries.setPin(entry, this.#table.seat, 1);
    return true;
  };

  /** One reader more, if there is one already. */
  pinAgain(entry: number): boolean {
    const count = this.#counts.get(entry);
    if (count !== undefined) this.#counts.set(entry, count + 1);
    return count !== undefined;
  }

  unpin(entry: number): void {
    const count = this.#counts.get(entry) ?? 1;
    if (count > 1) this.#counts.set(entry, count - 1);
    else this.#table.must(this.#unpinLast, entry);
  }

  /** Looks again: meanwhile somebody else may have come. */
  readonly #unpinLast = (entry: number): true => {
    const count = this.#counts.get(entry) ?? 0;
    if (count > 1) {
      this.#counts.set(entry, count - 1);
    } else if (count === 1) {
      this.#counts.delete(entry);
      this.#table.entries.setPin(entry, this.#table.seat, 0);
      this.#table.entries.freeIfUnused(entry);
    }
    return true;
  };
}
