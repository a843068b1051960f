import { BLOCK_BYTES, RUN_BLOCKS, type CacheArea } from './area.ts';
import type { Entries } from './entries.ts';
import { ENTRY, STORED } from './entry-words.ts';
import { WORD } from './header-words.ts';
import { LONG_BLOCKS, type Runs } from './runs.ts';

/** Chunks that are looked at to find the one in which the most is free afterwards. */
const CANDIDATES = 32;

/**
 * Makes long runs out of what is free here and there, by moving the short ones that are in the way. Without it, and without
 * chunks for long runs, what is free in a memory that has long been full is holes of one to five blocks: a body of 64 KiB
 * left in 29 pieces, against 4.
 *
 * Only what nobody reads or fills is moved. With the lock in hand; a chunk takes some ten microseconds.
 */
export class Compaction {
  readonly #area: CacheArea;
  readonly #runs: Runs;
  readonly #entries: Entries;

  constructor(area: CacheArea, runs: Runs, entries: Entries) {
    this.#area = area;
    this.#runs = runs;
    this.#entries = entries;
  }

  /** Moves all short runs out of one chunk, so that what is left of it is free in long runs. */
  clearChunk(): void {
    if (this.#runs.shortBlocks < RUN_BLOCKS) return;
    const chunk = this.#loosest();
    if (chunk === 0) return;
    const [kept, moved]: [number[], number[]] = [[], []];
    for (const run of this.#runs.runsOf(chunk)) (this.#isMovable(run) ? moved : kept).push(run);
    this.#runs.close(chunk);
    for (const run of moved) this.#move(run);
    this.#runs.open(chunk, kept);
  }

  /** Of the next candidates, in turn, the one of which the most can be free. */
  #loosest(): number {
    const { words } = this.#area;
    const chunks = this.#area.blocks / RUN_BLOCKS;
    let [best, most] = [0, LONG_BLOCKS];
    let cursor = words[WORD.COMPACTED] ?? 0;
    for (let i = 0; i < Math.min(CANDIDATES, chunks); i++) {
      cursor = (cursor + 1) % chunks;
      const chunk = RUN_BLOCKS * (1 + cursor);
      const loose = this.#runs.looseOf(chunk);
      if (loose > most && this.#runs.usedOf(chunk) > 0) [best, most] = [chunk, loose];
    }
    words[WORD.COMPACTED] = cursor;
    return best;
  }

  #isMovable(run: number): boolean {
    const owner = this.#runs.ownerOf(run);
    if (this.#runs.countOf(run) >= LONG_BLOCKS || owner === 0) return false;
    return this.#entries.get(owner, ENTRY.STATE) === STORED && !this.#entries.isPinned(owner);
  }

  /** Copies a run to where there is room, in one or more pieces, and puts these into its place in the chain. */
  #move(run: number): void {
    const owner = this.#runs.ownerOf(run);
    const copy = this.#runs.takeChain(this.#runs.countOf(run));
    let from = this.#runs.byteOf(run);
    let last = copy;
    for (let piece = copy; piece !== 0; piece = this.#runs.next(piece)) {
      const bytes = this.#runs.countOf(piece) * BLOCK_BYTES;
      this.#area.bytes.copyWithin(this.#runs.byteOf(piece), from, from + bytes);
      from += bytes;
      last = piece;
    }
    this.#runs.own(copy, owner);
    this.#runs.append(last, this.#runs.next(run));
    for (const word of [ENTRY.HEAD, ENTRY.BODY]) this.#relink(owner, word, { run, copy });
  }

  #relink(owner: number, word: number, { run, copy }: { readonly run: number; readonly copy: number }): void {
    let before = this.#entries.get(owner, word);
    if (before === run) {
      this.#entries.set(owner, word, copy);
      return;
    }
    while (before !== 0 && this.#runs.next(before) !== run) before = this.#runs.next(before);
    if (before !== 0) this.#runs.append(before, copy);
  }
}
