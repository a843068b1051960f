import type { CacheArea } from './area.ts';
import type { Entries } from './entries.ts';
import { ENTRY } from './entry-words.ts';

// Words of a queue in the header.
const OLDEST = 0;
const YOUNGEST = 1;
const BLOCKS = 2;
const COUNT = 3;

/** A queue of entries by age, in their own words. Its place in the header is its name as well. */
export class Fifo {
  readonly #words: Int32Array;
  readonly #entries: Entries;
  readonly #at: number;

  constructor(area: CacheArea, entries: Entries, at: number) {
    this.#words = area.words;
    this.#entries = entries;
    this.#at = at;
  }

  get oldest(): number {
    return this.#words[this.#at + OLDEST] ?? 0;
  }

  /** What its entries use. */
  get blocks(): number {
    return this.#words[this.#at + BLOCKS] ?? 0;
  }

  get count(): number {
    return this.#words[this.#at + COUNT] ?? 0;
  }

  has(entry: number): boolean {
    return this.#entries.get(entry, ENTRY.QUEUE) === this.#at;
  }

  add(entry: number): void {
    const last = this.#words[this.#at + YOUNGEST] ?? 0;
    this.#entries.set(entry, ENTRY.OLDER, last);
    this.#entries.set(entry, ENTRY.YOUNGER, 0);
    this.#entries.set(entry, ENTRY.QUEUE, this.#at);
    if (last === 0) this.#words[this.#at + OLDEST] = entry;
    else this.#entries.set(last, ENTRY.YOUNGER, entry);
    this.#words[this.#at + YOUNGEST] = entry;
    this.grow(this.#entries.get(entry, ENTRY.BLOCKS));
    this.#words[this.#at + COUNT] = this.count + 1;
  }

  remove(entry: number): void {
    const older = this.#entries.get(entry, ENTRY.OLDER);
    const younger = this.#entries.get(entry, ENTRY.YOUNGER);
    if (older === 0) this.#words[this.#at + OLDEST] = younger;
    else this.#entries.set(older, ENTRY.YOUNGER, younger);
    if (younger === 0) this.#words[this.#at + YOUNGEST] = older;
    else this.#entries.set(younger, ENTRY.OLDER, older);
    this.#entries.set(entry, ENTRY.QUEUE, 0);
    this.grow(-this.#entries.get(entry, ENTRY.BLOCKS));
    this.#words[this.#at + COUNT] = this.count - 1;
  }

  /** One of its entries has so many blocks more. */
  grow(blocks: number): void {
    this.#words[this.#at + BLOCKS] = this.blocks + blocks;
  }
}
