import type { CacheTable } from './cache-table.ts';
import { blocksFor } from './chains.ts';
import { ENTRY, STORED } from './entry-words.ts';
import { TAG_BYTES } from './key-index.ts';
import type { EntryRecord } from './lookup.ts';
import { HARD, DIGESTS_PER_TAG } from './purge-board.ts';

/** What is to be replaced, and with what. */
export interface Replacement {
  readonly key: string;
  readonly record: EntryRecord;
  readonly head: string;
  /** Purges up to that are answered by what was heard; null: none. */
  readonly since: bigint | null;
}

/** Gives an entry another head, with the lock in hand. Its body stays where it is, and so do those who read it. */
export function replaceHead(table: CacheTable, { key, record, head, since }: Replacement): boolean {
  const { entries, chains, runs, index } = table;
  const { entry } = record;
  const tagBytes = (TAG_BYTES / DIGESTS_PER_TAG) * record.digests.length;
  const blocks = blocksFor(tagBytes + key.length + head.length);
  if (!isThere(table, record) || !table.makeRoom(blocks)) return false;
  // To make room, this very entry may have gone.
  if (!isThere(table, record)) return false;
  const chain = runs.takeChain(blocks);
  runs.own(chain, entry);
  table.area.words.set(record.digests, runs.byteOf(chain) / 4);
  chains.write(chain, tagBytes, key);
  chains.write(chain, tagBytes + key.length, head);
  const before = entries.get(entry, ENTRY.HEAD);
  const difference = blocks - runs.blocksOf(before);
  Atomics.store(table.area.words, entries.at(entry) + ENTRY.STAMP, 0);
  entries.set(entry, ENTRY.HEAD, chain);
  entries.set(entry, ENTRY.HEAD_BYTES, head.length);
  runs.freeChain(before);
  entries.count(entry, difference);
  table.eviction.grow(entry, difference);
  entries.set(entry, ENTRY.STORED_AT, table.now());
  entries.setVersion(entry);
  index.hash(key);
  index.look(key);
  if (index.filling === 0) table.show(entry);
  if (since !== null) table.setBegunAfter(entry, since);
  return true;
}

function isThere(table: CacheTable, { entry, stamp }: EntryRecord): boolean {
  const { entries } = table;
  if (entries.get(entry, ENTRY.VERSION) !== stamp || entries.get(entry, ENTRY.STATE) !== STORED) return false;
  return table.purgedOf(entry) !== HARD;
}
