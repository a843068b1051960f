import type { CacheTable } from './cache-table.ts';
import { ENTRY } from './entry-words.ts';
import { FillSteps } from './fill-steps.ts';
import { WORD } from './header-words.ts';

/** Entries that are looked at in one go: about ten microseconds. */
const PAGE_ENTRIES = 1024;

/**
 * The thread with that number is gone, in whatever it was doing. What it filled is abandoned, what it read it reads no
 * more, and its lock is broken open. False: the lock of somebody else was in the way; to be done again.
 */
export function forgetSeat(table: CacheTable, seat: number): boolean {
  table.lock.breakOpen(seat);
  const end = table.word(WORD.FRESH_ENTRY);
  const forgetPage = forgetting(table, seat);
  for (let from = 1; from < end; from += PAGE_ENTRIES) {
    if (table.run(forgetPage, { from, to: Math.min(end, from + PAGE_ENTRIES) }) === null) return false;
  }
  return true;
}

interface Page {
  readonly from: number;
  readonly to: number;
}

/** Forgets what a seat had of some entries, with the lock in hand. */
export function forgetting(table: CacheTable, seat: number): (page: Page) => true {
  const steps = new FillSteps(table);
  const { entries, index } = table;
  return ({ from, to }) => {
    for (let entry = from; entry < Math.min(to, table.word(WORD.FRESH_ENTRY)); entry++) {
      if (entries.get(entry, ENTRY.FILLER) === seat + 1)
        steps.abandon({ entry, key: index.keyOf(entry), written: 0 });
      if (!entries.hasPin(entry, seat)) continue;
      entries.setPin(entry, seat, 0);
      entries.freeIfUnused(entry);
    }
    return true;
  };
}
