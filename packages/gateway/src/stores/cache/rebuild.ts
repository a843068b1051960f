import { EMPTY, ENTRY, FILLING, OPEN } from './entry-words.ts';
import { WORD } from './header-words.ts';
import type { CacheTable } from './cache-table.ts';

/**
 * Puts a cache in order after somebody died in the middle of a change: it is empty then.
 *
 * What other threads read or fill stays where it is, until they are done with it. That much can be relied on: whatever
 * changes an entry that somebody has leaves its chains whole at each step. May be done again from its middle.
 */
export function rebuild(table: CacheTable): void {
  const { area, entries, runs } = table;
  const { words } = area;
  const kept: number[] = [];
  words.fill(0, area.bucketsAt, area.bucketsAt + area.buckets);
  words.fill(0, WORD.SMALL, WORD.MAIN + 4);
  const end = table.word(WORD.FRESH_ENTRY);
  for (let entry = 1; entry < end; entry++) if (isKept(table, entry)) kept.push(entry);
  words[WORD.FREE_ENTRY] = 0;
  for (let entry = end - 1; entry > 0; entry--) {
    if (entries.get(entry, ENTRY.STATE) !== EMPTY) continue;
    entries.set(entry, ENTRY.NEXT, table.word(WORD.FREE_ENTRY));
    words[WORD.FREE_ENTRY] = entry;
  }
  runs.rebuild(kept.flatMap((entry) => [entries.get(entry, ENTRY.HEAD), entries.get(entry, ENTRY.BODY)]));
  words[WORD.STORED] = words[WORD.FILLS] = words[WORD.FILL_BLOCKS] = 0;
  for (const entry of kept) adopt(table, entry);
  table.add(WORD.REBUILDS, 1);
}

/** Makes it empty if nobody has it, and unfindable in any case. */
function isKept({ area, entries }: CacheTable, entry: number): boolean {
  Atomics.store(area.words, entries.at(entry) + ENTRY.STAMP, 0);
  entries.set(entry, ENTRY.IS_LISTED, 0);
  entries.set(entry, ENTRY.QUEUE, 0);
  const isFilled = entries.isFilled(entry);
  if (entries.get(entry, ENTRY.STATE) !== EMPTY && (isFilled || entries.isPinned(entry))) return true;
  entries.set(entry, ENTRY.FILLER, 0);
  entries.set(entry, ENTRY.VERSION, 0);
  entries.setState(entry, EMPTY);
  return false;
}

/** Counts it anew. */
function adopt({ entries, runs, area }: CacheTable, entry: number): void {
  const blocks =
    runs.blocksOf(entries.get(entry, ENTRY.HEAD)) + runs.blocksOf(entries.get(entry, ENTRY.BODY));
  entries.set(entry, ENTRY.BLOCKS, 0);
  entries.count(entry, blocks);
  const state = entries.get(entry, ENTRY.STATE);
  if (entries.isFilled(entry)) area.words[WORD.FILLS] = (area.words[WORD.FILLS] ?? 0) + 1;
  else entries.discard(entry);
  if (state === FILLING || state === OPEN) entries.signal(entry);
}
