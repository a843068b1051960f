import type { CacheTable } from './cache-table.ts';
import { blocksFor } from './chains.ts';
import { DIGESTS_PER_TAG } from './purge-board.ts';
import { ENTRY } from './entry-words.ts';
import { FillSteps } from './fill-steps.ts';
import { TAG_BYTES } from './key-index.ts';
import { usesOf } from './lookup.ts';
import type { MovedEntry } from './moved-entry.ts';
import { SharedFill } from './shared-fill.ts';

/** What is put in knows of no purge of its memory, so each of them meets it, also those from before it was put in. */
const BEFORE_ALL_PURGES = 0n;

/** Puts entries of before into a memory that is in use by now. What is there already is newer, and stays. */
export class PutIn {
  readonly #table: CacheTable;
  readonly #steps: FillSteps;

  constructor(table: CacheTable) {
    this.#table = table;
    this.#steps = new FillSteps(table);
  }

  /** False: it was not put in, because there is something else, or no room without making others go. */
  put(moved: MovedEntry): boolean {
    const entry = this.#table.run(this.#begin, moved) ?? 0;
    if (entry === 0) return false;
    const { key, body, digests } = moved;
    const ports = { table: this.#table, steps: this.#steps, share: () => null };
    const fill = new SharedFill(ports, { key, since: BEFORE_ALL_PURGES }, entry);
    const plan = { head: moved.head, length: body.length, maxBytes: body.length };
    if (!fill.openAs(plan, digests)) return false;
    if (body.length > 0 && !fill.write(body)) return false;
    fill.commit();
    return true;
  }

  readonly #begin = (moved: MovedEntry): number => {
    const { index, entries, eviction } = this.#table;
    index.hash(moved.key);
    index.look(moved.key);
    if (index.stored !== 0 || !this.#hasRoom(moved)) return 0;
    const entry = this.#steps.begin({ key: moved.key, since: BEFORE_ALL_PURGES });
    if (entry === 0) return 0;
    entries.set(entry, ENTRY.USES, usesOf(moved.hits));
    // It has been here before, so it needs to prove nothing: neither that a large one is wanted, nor that it is worth its place.
    eviction.leaveGhost(entries.get(entry, ENTRY.HASH), entries.get(entry, ENTRY.HASH_HIGH));
    return entry;
  };

  /** The most wanted come first: they must not have to go for others. */
  #hasRoom({ key, head, digests, body }: MovedEntry): boolean {
    const headBytes = key.length + head.length + (digests.length / DIGESTS_PER_TAG) * TAG_BYTES;
    return this.#table.runs.hasRoom(2 * blocksFor(headBytes) + blocksFor(body.length));
  }
}
