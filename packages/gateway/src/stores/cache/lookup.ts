import type { CacheTable } from './cache-table.ts';
import { ENTRY, OPEN } from './entry-words.ts';
import { TAG_BYTES } from './key-index.ts';
import type { Pins } from './pins.ts';
import { HARD, SOFT } from './purge-board.ts';

/** Larger bodies are given out in place. Smaller ones each thread has as text, which costs less to send. */
export const MOST_TEXT_BYTES = 16 * 1024;

/** An entry as it is written down: what has to be read with the lock in hand, because it may change. */
export interface EntryRecord {
  readonly entry: number;
  /** The low word of its version. */
  readonly stamp: number;
  readonly version: number;
  /** Null: it is the one that is known. */
  readonly headText: string | null;
  /** All of the body if it is complete and small. Then nothing of it is read in place, and it is not pinned. */
  readonly text: string | null;
  readonly length: number;
  readonly isGrowing: boolean;
  readonly isSoftPurged: boolean;
  /** The digests of its tags, and the last purge before it was begun. */
  readonly digests: readonly number[];
  readonly begunAfter: bigint;
  /** The stand of purges at which it was looked at. */
  readonly stand: number;
}

/** What a look found. */
export interface Found {
  /** What can be read. */
  readonly record: EntryRecord | null;
  /** What is being filled and cannot be read yet, or 0. */
  readonly filling: number;
  /** The version of that. */
  readonly version: number;
}

/** What is asked for. */
export interface Question {
  readonly key: string;
  /** The stamp of what the thread remembers of it, or 0. */
  readonly knownStamp: number;
}

interface Circumstances {
  readonly stand: number;
  readonly isSoftPurged: boolean;
  readonly knownStamp: number;
}

const NOTHING: Found = { record: null, filling: 0, version: 0 };

/** Finds keys, with the lock in hand. */
export class Lookup {
  readonly #table: CacheTable;
  readonly #pins: Pins;

  constructor(table: CacheTable, pins: Pins) {
    this.#table = table;
    this.#pins = pins;
  }

  readonly find = ({ key, knownStamp }: Question): Found => {
    const { index, entries } = this.#table;
    index.hash(key);
    index.look(key);
    const isOpen = index.filling !== 0 && entries.get(index.filling, ENTRY.STATE) === OPEN;
    const filling = isOpen ? 0 : index.filling;
    const entry = isOpen ? index.filling : index.stored;
    const record = entry === 0 ? null : this.#recordUnlessPurged(entry, knownStamp);
    if (record === null && filling === 0) return NOTHING;
    const version = filling === 0 ? 0 : entries.versionOf(filling);
    if (record === null) return { record, filling, version };
    countUse(this.#table, entry);
    return { record, filling, version };
  };

  /** Of an entry that this thread fills. */
  readonly share = (entry: number): EntryRecord => {
    const { stand } = this.#table.purges;
    return this.#record(entry, { stand, isSoftPurged: this.#table.purgedOf(entry) === SOFT, knownStamp: 0 });
  };

  readonly remove = (key: string): true => {
    const { index } = this.#table;
    index.hash(key);
    index.look(key);
    if (index.stored !== 0) this.#table.drop(index.stored);
    if (index.filling !== 0) this.#table.detach(index.filling);
    return true;
  };

  /** Of an entry that was hard purged nobody hears any more. */
  #recordUnlessPurged(entry: number, knownStamp: number): EntryRecord | null {
    const { stand } = this.#table.purges;
    const purged = this.#table.purgedOf(entry);
    if (purged !== HARD) return this.#record(entry, { stand, isSoftPurged: purged === SOFT, knownStamp });
    if (this.#table.entries.isFilled(entry)) this.#table.detach(entry);
    else this.#table.drop(entry);
    return null;
  }

  #record(entry: number, { stand, isSoftPurged, knownStamp }: Circumstances): EntryRecord {
    const { entries } = this.#table;
    const stamp = entries.get(entry, ENTRY.VERSION);
    const text = this.#textOf(entry);
    if (text === null) this.#pins.pin(entry);
    return {
      entry,
      stamp,
      version: entries.versionOf(entry),
      headText: stamp === knownStamp ? null : this.headOf(entry),
      text,
      length: entries.get(entry, ENTRY.LENGTH),
      isGrowing: entries.isFilled(entry),
      isSoftPurged,
      digests: this.#table.digestsOf(entry),
      begunAfter: this.#table.begunAfter(entry),
      stand,
    };
  }

  #textOf(entry: number): string | null {
    const { entries, chains } = this.#table;
    const length = entries.get(entry, ENTRY.LENGTH);
    if (entries.isFilled(entry) || length > MOST_TEXT_BYTES) return null;
    return chains.read(entries.get(entry, ENTRY.BODY), 0, length);
  }

  /** The head of an entry, as it was given. */
  headOf(entry: number): string {
    const { entries, chains } = this.#table;
    const from = entries.get(entry, ENTRY.TAGS) * TAG_BYTES + entries.get(entry, ENTRY.KEY_BYTES);
    return chains.read(entries.get(entry, ENTRY.HEAD), from, from + entries.get(entry, ENTRY.HEAD_BYTES));
  }
}

const MOST_HITS = 1023;
const LATELY_BITS = 2;
const MOST_LATELY = 3;

/** How often an entry was found. */
export function hitsOf({ entries }: CacheTable, entry: number): number {
  return entries.get(entry, ENTRY.USES) >> LATELY_BITS;
}

/** What an entry begins with that was found so often before. */
export function usesOf(hits: number): number {
  const known = Math.min(hits, MOST_HITS);
  return (known << LATELY_BITS) | Math.min(known, MOST_LATELY);
}

/** Counts a hit, and gives how many there were. Needs no lock: when two count at once, one may be left out. */
export function countUse({ area, entries }: CacheTable, entry: number): number {
  const at = entries.at(entry) + ENTRY.USES;
  const uses = area.words[at] ?? 0;
  const [hits, lately] = [uses >> LATELY_BITS, uses & MOST_LATELY];
  if (hits === MOST_HITS && lately === MOST_LATELY) return hits;
  const more = Math.min(hits + 1, MOST_HITS);
  area.words[at] = (more << LATELY_BITS) | Math.min(lately + 1, MOST_LATELY);
  return more;
}
