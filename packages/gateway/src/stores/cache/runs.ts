import { BLOCK_BYTES, BLOCK_WORDS, RUN_BLOCKS, type CacheArea } from './area.ts';
import { WORD } from './header-words.ts';

/** Orders of free runs: 1, 2, 4, … {@link RUN_BLOCKS} blocks. */
const ORDERS = 32 - Math.clz32(RUN_BLOCKS);
// Words of a block: of the first one of a run that is in use, or that is free. All others are 0 in ORDER.
const NEXT = 0;
/** Blocks of a run that is in use; what comes before one that is free. */
const COUNT = 1;
/** One more than the order of a free run, else 0. */
const ORDER = 2;

/**
 * Gives out the blocks of a cache, in runs that lie together, and joins them again (a buddy system). Of a run that is larger
 * than needed the rest is free at once, so nothing is wasted but the end of a block. When all free runs are small, it gives
 * a smaller one than was asked for: what is stored is a chain of runs, and does not fail as long as there are blocks.
 *
 * To be used with the lock in hand, but for `next` and `countOf` of runs that are in use.
 */
export class Runs {
  readonly #area: CacheArea;
  readonly #words: Int32Array;
  /** Where the words of block 0 would be. */
  readonly #at: number;

  constructor(area: CacheArea) {
    this.#area = area;
    this.#words = area.words;
    this.#at = area.blocksAt;
  }

  get freeBlocks(): number {
    return this.#area.blocks - this.#word(WORD.USED_BLOCKS);
  }

  /** A run of up to `wanted` blocks, or 0 if there is none at all. It has no next. */
  take(wanted: number): number {
    const order = Math.min(ORDERS - 1, 32 - Math.clz32(Math.max(1, wanted) - 1));
    const found = this.#freeRun(order);
    if (found < 0) return 0;
    const first = this.#word(WORD.FREE_RUNS + found);
    this.#unlink(first, found);
    const count = Math.min(wanted, 1 << found);
    this.#free(first + count, (1 << found) - count);
    this.#use(first, count);
    return first;
  }

  /** A chain of that many blocks, or 0. */
  takeChain(blocks: number): number {
    if (blocks > this.freeBlocks) return 0;
    const first = this.take(blocks);
    let left = blocks - this.countOf(first);
    for (let last = first; left > 0; left -= this.countOf(last)) {
      const run = this.take(left);
      this.append(last, run);
      last = run;
    }
    return first;
  }

  /** Makes `run` follow `last`. */
  append(last: number, run: number): void {
    this.#words[this.#at + last * BLOCK_WORDS + NEXT] = run;
  }

  /** The run that follows, or 0. */
  next(run: number): number {
    return this.#words[this.#at + run * BLOCK_WORDS + NEXT] ?? 0;
  }

  countOf(run: number): number {
    return this.#words[this.#at + run * BLOCK_WORDS + COUNT] ?? 0;
  }

  /** Of a run and all that follow it. */
  blocksOf(first: number): number {
    let blocks = 0;
    for (let run = first; run !== 0; run = this.next(run)) blocks += this.countOf(run);
    return blocks;
  }

  /** Where its bytes begin. */
  byteOf(run: number): number {
    return this.#area.dataAt + run * BLOCK_BYTES;
  }

  /** Gives back what is behind the first `count` blocks, at least one. */
  shrink(run: number, count: number): void {
    const before = this.countOf(run);
    if (count >= before) return;
    this.#words[this.#at + run * BLOCK_WORDS + COUNT] = count;
    this.#words[WORD.USED_BLOCKS] = this.#word(WORD.USED_BLOCKS) - (before - count);
    this.#free(run + count, before - count);
  }

  /** Gives back a run and all that follow it. */
  freeChain(first: number): void {
    for (let run = first; run !== 0;) {
      const [next, count] = [this.next(run), this.countOf(run)];
      this.#words[WORD.USED_BLOCKS] = this.#word(WORD.USED_BLOCKS) - count;
      this.#free(run, count);
      run = next;
    }
  }

  /** Begins anew: all blocks are free but those of these chains. */
  rebuild(chains: readonly number[]): void {
    const kept: (readonly [run: number, count: number])[] = [];
    for (const first of chains) {
      for (let run = first; run !== 0; run = this.next(run)) kept.push([run, this.countOf(run)]);
    }
    kept.sort(([a], [b]) => a - b);
    const end = this.#word(WORD.FRONTIER);
    for (let block = RUN_BLOCKS; block < end; block++)
      this.#words[this.#at + block * BLOCK_WORDS + ORDER] = 0;
    this.#words.fill(0, WORD.FREE_RUNS, WORD.FREE_RUNS + ORDERS);
    let [block, used] = [RUN_BLOCKS, 0];
    for (const [run, count] of kept) {
      this.#free(block, run - block);
      block = run + count;
      used += count;
    }
    this.#free(block, end - block);
    this.#words[WORD.USED_BLOCKS] = used;
  }

  /** The order of a free run that is long enough, else of the longest there is, or -1. */
  #freeRun(order: number): number {
    for (let at = order; at < ORDERS; at++) if (this.#word(WORD.FREE_RUNS + at) !== 0) return at;
    const frontier = this.#word(WORD.FRONTIER);
    if (frontier < RUN_BLOCKS + this.#area.blocks) {
      this.#words[WORD.FRONTIER] = frontier + RUN_BLOCKS;
      this.#link(frontier, ORDERS - 1);
      return ORDERS - 1;
    }
    for (let at = order - 1; at >= 0; at--) if (this.#word(WORD.FREE_RUNS + at) !== 0) return at;
    return -1;
  }

  #use(run: number, count: number): void {
    const at = this.#at + run * BLOCK_WORDS;
    this.#words[at + NEXT] = 0;
    this.#words[at + COUNT] = count;
    this.#words[WORD.USED_BLOCKS] = this.#word(WORD.USED_BLOCKS) + count;
  }

  /** Frees blocks that lie together: as the largest runs whose place is a multiple of their length. */
  #free(first: number, count: number): void {
    for (let [at, left] = [first, count]; left > 0;) {
      const aligned = 31 - Math.clz32(at & -at);
      const order = Math.min(aligned, 31 - Math.clz32(left), ORDERS - 1);
      this.#join(at, order);
      at += 1 << order;
      left -= 1 << order;
    }
  }

  /** Frees a run, together with its other half as long as that is free. */
  #join(first: number, firstOrder: number): void {
    let [run, order] = [first, firstOrder];
    while (order < ORDERS - 1) {
      const other = run ^ (1 << order);
      if (this.#words[this.#at + other * BLOCK_WORDS + ORDER] !== order + 1) break;
      this.#unlink(other, order);
      run &= ~(1 << order);
      order++;
    }
    this.#link(run, order);
  }

  #link(run: number, order: number): void {
    const at = this.#at + run * BLOCK_WORDS;
    const next = this.#word(WORD.FREE_RUNS + order);
    this.#words[at + NEXT] = next;
    this.#words[at + COUNT] = 0;
    this.#words[at + ORDER] = order + 1;
    if (next !== 0) this.#words[this.#at + next * BLOCK_WORDS + COUNT] = run;
    this.#words[WORD.FREE_RUNS + order] = run;
  }

  #unlink(run: number, order: number): void {
    const at = this.#at + run * BLOCK_WORDS;
    const [next, previous] = [this.next(run), this.countOf(run)];
    this.#words[at + ORDER] = 0;
    if (next !== 0) this.#words[this.#at + next * BLOCK_WORDS + COUNT] = previous;
    if (previous !== 0) this.#words[this.#at + previous * BLOCK_WORDS + NEXT] = next;
    else this.#words[WORD.FREE_RUNS + order] = next;
  }

  #word(word: number): number {
    return this.#words[word] ?? 0;
  }
}
