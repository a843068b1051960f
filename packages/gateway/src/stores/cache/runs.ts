import { BLOCK_BYTES, BLOCK_WORDS, CHUNK_WORDS, RUN_BLOCKS, type CacheArea } from './area.ts';
import { WORD } from './header-words.ts';

/** Orders of free runs: 1, 2, 4, … {@link RUN_BLOCKS} blocks. */
const ORDERS = 32 - Math.clz32(RUN_BLOCKS);
// Words of a block: of the first one of a run that is in use, or that is free. All others are 0 in ORDER.
const NEXT = 0;
/** Blocks of a run that is in use; what comes before one that is free. */
const COUNT = 1;
/** One more than the order of a free run, else 0. */
const ORDER = 2;
/** The entry whose run it is. */
const OWNER = 3;
/** A chunk is as long as the longest run, and none lies in two of them. */
const CHUNK_SHIFT = ORDERS - 1;
const WHOLE = ORDERS - 1;
// Words of a chunk.
const USED = 0;
const USED_BY_LONG = 1;
const KIND = 2;
const SHORT = 0;
const LONG = 1;
/** Of runs from here on, which is 16 KiB, the free ones are kept for such: short ones have chunks of their own to break up. */
const LONG_ORDER = 5;
export const LONG_BLOCKS = 1 << LONG_ORDER;
/** When so much of the memory is free for long runs only, short ones go there as well. */
const SPARE_LONG_PART = 1 / 50;

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
    const list = this.#freeList(wanted);
    if (list === 0) return 0;
    const first = this.#word(list);
    const order = (this.#words[this.#at + first * BLOCK_WORDS + ORDER] ?? 0) - 1;
    this.#unlink(first, order);
    if (order === WHOLE) this.#words[this.#chunk(first) + KIND] = kindFor(wanted);
    const count = Math.min(wanted, 1 << order);
    this.#free(first + count, (1 << order) - count);
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
      if (run === 0) throw new Error('blocks are free that are in no list');
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

  /** Tells whose runs these are. Those of nobody are not moved. */
  own(first: number, entry: number): void {
    for (let run = first; run !== 0; run = this.next(run))
      this.#words[this.#at + run * BLOCK_WORDS + OWNER] = entry;
  }

  ownerOf(run: number): number {
    return this.#words[this.#at + run * BLOCK_WORDS + OWNER] ?? 0;
  }

  /** Whether a run of so many blocks can be had in one piece. */
  hasRun(blocks: number): boolean {
    return this.#wholeList(kindFor(blocks), orderFor(blocks)) !== 0;
  }

  /** Whether so many blocks can be had where such runs belong, or could be after moving what is short. */
  hasRoom(blocks: number): boolean {
    const { freeBlocks } = this;
    if (freeBlocks < blocks) return false;
    const [short, long] = [this.#word(WORD.FREE_SHORT_BLOCKS), this.#word(WORD.FREE_LONG_BLOCKS)];
    if (kindFor(blocks) === SHORT)
      return freeBlocks - long >= blocks || long > this.#area.blocks * SPARE_LONG_PART;
    return (
      this.hasRun(blocks) || short >= RUN_BLOCKS || freeBlocks - short > this.#area.blocks * SPARE_LONG_PART
    );
  }

  /** Free blocks that are for short runs. */
  get shortBlocks(): number {
    return this.#word(WORD.FREE_SHORT_BLOCKS);
  }

  /** Blocks of a chunk that no long run is in. */
  looseOf(chunk: number): number {
    return RUN_BLOCKS - (this.#words[this.#chunk(chunk) + USED_BY_LONG] ?? 0);
  }

  usedOf(chunk: number): number {
    return this.#words[this.#chunk(chunk) + USED] ?? 0;
  }

  /** The runs in use of a chunk. */
  runsOf(chunk: number): number[] {
    const runs: number[] = [];
    for (let at = chunk; at < chunk + RUN_BLOCKS;) {
      const order = this.#words[this.#at + at * BLOCK_WORDS + ORDER] ?? 0;
      if (order === 0) runs.push(at);
      at += order === 0 ? this.countOf(at) : 1 << (order - 1);
    }
    return runs;
  }

  /** Keeps the free runs of a chunk from being given out, until `open`. */
  close(chunk: number): void {
    for (let at = chunk; at < chunk + RUN_BLOCKS;) {
      const order = this.#words[this.#at + at * BLOCK_WORDS + ORDER] ?? 0;
      if (order > 0) this.#unlink(at, order - 1);
      at += order === 0 ? this.countOf(at) : 1 << (order - 1);
    }
  }

  /** Of a closed chunk all is free again but these runs, which are in their order. What else was in use there is given back. */
  open(chunk: number, kept: readonly number[]): void {
    const used = kept.reduce((sum, run) => sum + this.countOf(run), 0);
    this.#words[WORD.USED_BLOCKS] = this.#word(WORD.USED_BLOCKS) - (this.usedOf(chunk) - used);
    this.#words[this.#chunk(chunk) + USED] = used;
    if (this.looseOf(chunk) < RUN_BLOCKS) this.#words[this.#chunk(chunk) + KIND] = LONG;
    let block = chunk;
    for (const run of kept) {
      this.#free(block, run - block);
      block = run + this.countOf(run);
    }
    this.#free(block, chunk + RUN_BLOCKS - block);
  }

  /** Gives back what is behind the first `count` blocks, at least one. */
  shrink(run: number, count: number): void {
    const before = this.countOf(run);
    if (count >= before) return;
    this.#words[this.#at + run * BLOCK_WORDS + COUNT] = count;
    this.#countUsed(run, before, -1);
    this.#countUsed(run, count, 1);
    this.#free(run + count, before - count);
  }

  /** Gives back a run and all that follow it. */
  freeChain(first: number): void {
    for (let run = first; run !== 0;) {
      const [next, count] = [this.next(run), this.countOf(run)];
      this.#countUsed(run, count, -1);
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
    this.#words.fill(0, WORD.FREE_RUNS, WORD.FREE_LONG_BLOCKS + 1);
    const chunks = this.#area.chunksAt + CHUNK_WORDS;
    this.#words.fill(0, chunks, chunks + (this.#area.blocks / RUN_BLOCKS) * CHUNK_WORDS);
    this.#words[WORD.USED_BLOCKS] = 0;
    let block = RUN_BLOCKS;
    for (const [run, count] of kept) {
      this.#free(block, run - block);
      this.#countUsed(run, count, 1);
      block = run + count;
    }
    this.#free(block, end - block);
  }

  /** A list of free runs of which each is long enough, of its own kind if there is one; else of the longest there are; or 0. */
  #freeList(wanted: number): number {
    const [kind, order] = [kindFor(wanted), orderFor(wanted)];
    return (
      this.#wholeList(kind, order) ||
      this.#partList(kind, order) ||
      this.#wholeList(1 - kind, order) ||
      this.#partList(1 - kind, WHOLE)
    );
  }

  #wholeList(kind: number, order: number): number {
    for (let at = order; at < WHOLE; at++) if (this.#word(listOf(kind, at)) !== 0) return listOf(kind, at);
    if (this.#word(listOf(kind, WHOLE)) === 0) {
      const frontier = this.#word(WORD.FRONTIER);
      if (frontier >= RUN_BLOCKS + this.#area.blocks) return 0;
      this.#words[WORD.FRONTIER] = frontier + RUN_BLOCKS;
      this.#link(frontier, WHOLE);
    }
    return listOf(kind, WHOLE);
  }

  #partList(kind: number, order: number): number {
    for (let at = order - 1; at >= 0; at--) if (this.#word(listOf(kind, at)) !== 0) return listOf(kind, at);
    return 0;
  }

  /** Where the words of its chunk are. */
  #chunk(run: number): number {
    return this.#area.chunksAt + (run >> CHUNK_SHIFT) * CHUNK_WORDS;
  }

  /** Where the first free run of that order is noted, in chunks of its kind. */
  #listFor(run: number, order: number): number {
    return listOf(this.#words[this.#chunk(run) + KIND] ?? SHORT, order);
  }

  #use(run: number, count: number): void {
    const at = this.#at + run * BLOCK_WORDS;
    this.#words[at + NEXT] = 0;
    this.#words[at + COUNT] = count;
    this.#words[at + OWNER] = 0;
    this.#countUsed(run, count, 1);
  }

  #countUsed(run: number, count: number, sign: 1 | -1): void {
    const at = this.#chunk(run);
    this.#words[at + USED] = (this.#words[at + USED] ?? 0) + sign * count;
    if (kindFor(count) === LONG)
      this.#words[at + USED_BY_LONG] = (this.#words[at + USED_BY_LONG] ?? 0) + sign * count;
    this.#words[WORD.USED_BLOCKS] = this.#word(WORD.USED_BLOCKS) + sign * count;
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
    while (order < WHOLE) {
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
    const list = this.#listFor(run, order);
    this.#countFree(list, order, 1);
    const next = this.#word(list);
    this.#words[at + NEXT] = next;
    this.#words[at + COUNT] = 0;
    this.#words[at + ORDER] = order + 1;
    if (next !== 0) this.#words[this.#at + next * BLOCK_WORDS + COUNT] = run;
    this.#words[list] = run;
  }

  #unlink(run: number, order: number): void {
    const at = this.#at + run * BLOCK_WORDS;
    const [next, previous] = [this.next(run), this.countOf(run)];
    const list = this.#listFor(run, order);
    this.#countFree(list, order, -1);
    this.#words[at + ORDER] = 0;
    if (next !== 0) this.#words[this.#at + next * BLOCK_WORDS + COUNT] = previous;
    if (previous !== 0) this.#words[this.#at + previous * BLOCK_WORDS + NEXT] = next;
    else this.#words[list] = next;
  }

  #countFree(list: number, order: number, sign: 1 | -1): void {
    if (order === WHOLE) return;
    const word = list < WORD.FREE_LONG_RUNS ? WORD.FREE_SHORT_BLOCKS : WORD.FREE_LONG_BLOCKS;
    this.#words[word] = this.#word(word) + (sign << order);
  }

  #word(word: number): number {
    return this.#words[word] ?? 0;
  }
}

/** Which chunks a run belongs into. */
function kindFor(blocks: number): number {
  return blocks >= LONG_BLOCKS ? LONG : SHORT;
}

/**
 * Where the first free run of an order is noted. What is left of a chunk for long runs in short ones, behind ends of bodies, is
 * for short runs; a chunk that is free as a whole is for either kind.
 */
function listOf(kind: number, order: number): number {
  const isLong = kind === LONG && order >= LONG_ORDER && order !== WHOLE;
  return (isLong ? WORD.FREE_LONG_RUNS : WORD.FREE_RUNS) + order;
}

/** The order of the shortest run that holds so many blocks, or of the longest there are. */
function orderFor(blocks: number): number {
  return Math.min(ORDERS - 1, 32 - Math.clz32(Math.max(1, blocks) - 1));
}
