import { KeyHash, type HashStart } from '../../core/key-hash.ts';
import type { CacheArea } from './area.ts';
import type { Chains } from './chains.ts';
import type { Entries } from './entries.ts';
import { ENTRY } from './entry-words.ts';
import { WORD } from './header-words.ts';
import { DIGESTS_PER_TAG } from './purge-board.ts';

/** What stands in front of a key for each tag. */
export const TAG_BYTES = 4 * DIGESTS_PER_TAG;

/**
 * Finds entries by their keys: buckets, each a list. Under a key there may be one that is stored and one that is being filled.
 * The hash of the last key that was asked for is kept, for those who use it next.
 */
export class KeyIndex {
  /** What is stored under the key of the last `look`, and the fill for it; 0 is none. */
  stored = 0;
  filling = 0;
  readonly #area: CacheArea;
  readonly #words: Int32Array;
  readonly #entries: Entries;
  readonly #chains: Chains;
  readonly #hash: KeyHash;
  readonly #start: HashStart;

  constructor(area: CacheArea, entries: Entries, chains: Chains) {
    this.#area = area;
    this.#words = area.words;
    this.#entries = entries;
    this.#chains = chains;
    this.#hash = new KeyHash(area.words.slice(WORD.HASH_KEY, WORD.HASH_KEY + 2));
    this.#start = this.#hash.start('key');
  }

  /** Of the key that was hashed last. */
  get low(): number {
    return this.#hash.low;
  }

  get high(): number {
    return this.#hash.high;
  }

  /** Needs no lock; what follows does. */
  hash(key: string): void {
    this.#hash.of(this.#start, key);
  }

  look(key: string): void {
    this.stored = this.filling = 0;
    const { low, high } = this.#hash;
    let entry = this.#words[this.#bucket(low)] ?? 0;
    for (; entry !== 0; entry = this.#entries.get(entry, ENTRY.NEXT)) {
      if (this.#entries.get(entry, ENTRY.HASH) !== low) continue;
      if (this.#entries.get(entry, ENTRY.HASH_HIGH) !== high || !this.#has(entry, key)) continue;
      if (this.#entries.isFilled(entry)) this.filling = entry;
      else this.stored = entry;
    }
  }

  keyOf(entry: number): string {
    const from = this.#entries.get(entry, ENTRY.TAGS) * TAG_BYTES;
    const head = this.#entries.get(entry, ENTRY.HEAD);
    return this.#chains.read(head, from, from + this.#entries.get(entry, ENTRY.KEY_BYTES));
  }

  /** Has the entry be found under the key that was hashed last. */
  add(entry: number): void {
    const { low, high } = this.#hash;
    const bucket = this.#bucket(low);
    this.#entries.set(entry, ENTRY.HASH, low);
    this.#entries.set(entry, ENTRY.HASH_HIGH, high);
    this.#entries.set(entry, ENTRY.NEXT, this.#words[bucket] ?? 0);
    this.#entries.set(entry, ENTRY.IS_LISTED, 1);
    this.#words[bucket] = entry;
  }

  remove(entry: number): void {
    if (this.#entries.get(entry, ENTRY.IS_LISTED) === 0) return;
    const bucket = this.#bucket(this.#entries.get(entry, ENTRY.HASH));
    const after = this.#entries.get(entry, ENTRY.NEXT);
    this.#entries.set(entry, ENTRY.IS_LISTED, 0);
    if (this.#words[bucket] === entry) {
      this.#words[bucket] = after;
      return;
    }
    let before = this.#words[bucket] ?? 0;
    while (this.#entries.get(before, ENTRY.NEXT) !== entry) before = this.#entries.get(before, ENTRY.NEXT);
    this.#entries.set(before, ENTRY.NEXT, after);
  }

  #has(entry: number, key: string): boolean {
    if (this.#entries.get(entry, ENTRY.KEY_BYTES) !== key.length) return false;
    const from = this.#entries.get(entry, ENTRY.TAGS) * TAG_BYTES;
    return this.#chains.has(this.#entries.get(entry, ENTRY.HEAD), from, key);
  }

  #bucket(low: number): number {
    return this.#area.bucketsAt + (low & (this.#area.buckets - 1));
  }
}
