import type { CacheArea } from './area.ts';
import { BROKEN, EMPTY, ENTRY, ENTRY_WORDS, FILLING, GONE, OPEN } from './entry-words.ts';
import { WORD } from './header-words.ts';
import type { Runs } from './runs.ts';

/**
 * The table of entries. An entry lives from `take` until nobody fills it, nobody finds it and nobody reads it. To be used with
 * the lock in hand, but for looking at entries that one holds.
 */
export class Entries {
  readonly #area: CacheArea;
  readonly #words: Int32Array;
  readonly #runs: Runs;

  constructor(area: CacheArea, runs: Runs) {
    this.#area = area;
    this.#words = area.words;
    this.#runs = runs;
  }

  /** Where the words of an entry begin. */
  at(entry: number): number {
    return this.#area.entriesAt + entry * ENTRY_WORDS;
  }

  get(entry: number, word: number): number {
    return this.#words[this.#area.entriesAt + entry * ENTRY_WORDS + word] ?? 0;
  }

  set(entry: number, word: number, value: number): void {
    this.#words[this.#area.entriesAt + entry * ENTRY_WORDS + word] = value;
  }

  /** One that is empty, or 0. */
  take(): number {
    const free = this.#words[WORD.FREE_ENTRY] ?? 0;
    if (free !== 0) {
      this.#words[WORD.FREE_ENTRY] = this.get(free, ENTRY.NEXT);
      this.#clear(free);
      return free;
    }
    const fresh = this.#words[WORD.FRESH_ENTRY] ?? 0;
    if (fresh > this.#area.entries) return 0;
    this.#words[WORD.FRESH_ENTRY] = fresh + 1;
    return fresh;
  }

  /** A number that nothing in this process had. */
  setVersion(entry: number): void {
    const low = ((this.#words[WORD.VERSION] ?? 0) + 1) | 0;
    // 0 is no version, so one in 2³² is left out.
    if (low === 0) this.#words[WORD.VERSION_HIGH] = (this.#words[WORD.VERSION_HIGH] ?? 0) + 1;
    this.#words[WORD.VERSION] = low || 1;
    this.set(entry, ENTRY.VERSION_HIGH, this.#words[WORD.VERSION_HIGH] ?? 0);
    this.set(entry, ENTRY.VERSION, low || 1);
  }

  versionOf(entry: number): number {
    return this.get(entry, ENTRY.VERSION_HIGH) * 2 ** 32 + (this.get(entry, ENTRY.VERSION) >>> 0);
  }

  isFilled(entry: number): boolean {
    return this.get(entry, ENTRY.FILLER) !== 0;
  }

  /** Changes the state, and wakes those who wait for it. */
  setState(entry: number, state: number): void {
    Atomics.store(this.#words, this.at(entry) + ENTRY.STATE, state);
    this.signal(entry);
  }

  /** There is something new for those who wait. Costs a system call only if somebody does. */
  signal(entry: number): void {
    const at = this.at(entry);
    Atomics.add(this.#words, at + ENTRY.SIGNAL, 1);
    if (Atomics.load(this.#words, at + ENTRY.AWAITED) === 0) return;
    Atomics.store(this.#words, at + ENTRY.AWAITED, 0);
    Atomics.notify(this.#words, at + ENTRY.SIGNAL);
  }

  /** Changes a chain of an entry, and how much it has. */
  count(entry: number, blocks: number): void {
    this.set(entry, ENTRY.BLOCKS, this.get(entry, ENTRY.BLOCKS) + blocks);
    if (this.isFilled(entry)) this.#words[WORD.FILL_BLOCKS] = (this.#words[WORD.FILL_BLOCKS] ?? 0) + blocks;
  }

  /** Marks a fill as over; `state` is what it became. */
  endFill(entry: number, state: number): void {
    this.#words[WORD.FILL_BLOCKS] = (this.#words[WORD.FILL_BLOCKS] ?? 0) - this.get(entry, ENTRY.BLOCKS);
    this.#words[WORD.FILLS] = (this.#words[WORD.FILLS] ?? 0) - 1;
    this.set(entry, ENTRY.FILLER, 0);
    this.setState(entry, state);
  }

  /** Whoever reads it from now on hears of it by its state only; it is empty as soon as nobody does. */
  discard(entry: number): void {
    Atomics.store(this.#words, this.at(entry) + ENTRY.STAMP, 0);
    const state = this.get(entry, ENTRY.STATE);
    if (this.isFilled(entry)) this.signal(entry);
    else if (state !== BROKEN) this.setState(entry, state === FILLING || state === OPEN ? BROKEN : GONE);
    this.freeIfUnused(entry);
  }

  isPinned(entry: number): boolean {
    const from = this.#area.pinsAt + entry * this.#area.pinWords;
    for (let word = from; word < from + this.#area.pinWords; word++) if (this.#words[word] !== 0) return true;
    return false;
  }

  /** Whether a seat reads it. */
  setPin(entry: number, seat: number, isHeld: 0 | 1): void {
    const word = this.#area.pinsAt + entry * this.#area.pinWords + (seat >> 5);
    const bit = 1 << (seat & 31);
    this.#words[word] = ((this.#words[word] ?? 0) & ~bit) | (isHeld === 1 ? bit : 0);
  }

  hasPin(entry: number, seat: number): boolean {
    const word = this.#area.pinsAt + entry * this.#area.pinWords + (seat >> 5);
    return ((this.#words[word] ?? 0) & (1 << (seat & 31))) !== 0;
  }

  /** To be called after each change that may make it unused. */
  freeIfUnused(entry: number): void {
    const state = this.get(entry, ENTRY.STATE);
    if ((state !== GONE && state !== BROKEN) || this.isFilled(entry) || this.isPinned(entry)) return;
    const [head, body] = [this.get(entry, ENTRY.HEAD), this.get(entry, ENTRY.BODY)];
    // Empty first: whoever puts things in order after a death here must not take the chains for good.
    this.setState(entry, EMPTY);
    this.set(entry, ENTRY.VERSION, 0);
    this.#runs.freeChain(head);
    this.#runs.freeChain(body);
    this.set(entry, ENTRY.NEXT, this.#words[WORD.FREE_ENTRY] ?? 0);
    this.#words[WORD.FREE_ENTRY] = entry;
  }

  /** All but what those who wait look at, which goes on from use to use. */
  #clear(entry: number): void {
    const at = this.at(entry);
    const signal = Atomics.load(this.#words, at + ENTRY.SIGNAL);
    this.#words.fill(0, at, at + ENTRY_WORDS);
    Atomics.store(this.#words, at + ENTRY.SIGNAL, signal);
  }
}
