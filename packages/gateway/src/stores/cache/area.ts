import { randomFillSync } from 'node:crypto';
import { ENTRY_WORDS } from './entry-words.ts';
import { HEADER_WORDS, WORD } from './header-words.ts';

/** What is given out at once. Responses of a few hundred bytes are many, and blocks of 1 KiB would waste a third of the memory on them. */
export const BLOCK_BYTES = 512;
/** Blocks of the longest run that is given out, which is 64 KiB: so much of a body leaves in one write. */
export const RUN_BLOCKS = 128;
/** An entry for so many blocks: for 1.5 KiB. */
const BLOCKS_PER_ENTRY = 3;
/** Per block: what follows it, its count or what comes before it, its order, and whose it is. */
export const BLOCK_WORDS = 4;
/** Per chunk, which is as long as the longest run: blocks in use, those of long runs, and what kind of runs it is for. */
export const CHUNK_WORDS = 4;
const MOST_PURGE_SLOTS = 2 ** 18;
/** For 16 bytes each: 1.6 % of the memory. */
const BYTES_PER_PURGE_SLOT = 1024;
const MOST_USE_COUNTS = 2 ** 16;
export const USE_ROWS = 3;
/** Below it there is no room for the tables and some responses. */
const LEAST_BYTES = 256 * 1024;

/** What hashes of a memory are made with. */
export type HashKey = readonly [number, number];

/** How many there are of everything, in an order that does not change: they stand in the header. */
interface Sizes {
  readonly seats: number;
  readonly runs: number;
  readonly entries: number;
  readonly purgeSlots: number;
  readonly useCounts: number;
}

/**
 * The memory of a cache: a header, the tables, and the blocks in which everything lies that has no fixed size. The same
 * for all threads; who has the buffer knows where everything is.
 *
 * Blocks and entries are known by numbers from 1, because 0 is what memory is full of at first and stands for none.
 */
export class CacheArea {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly longs: BigInt64Array;
  readonly bytes: Buffer;
  readonly seats: number;
  readonly blocks: number;
  readonly entries: number;
  readonly buckets: number;
  readonly ghosts: number;
  readonly purgeSlots: number;
  readonly useCounts: number;
  /** Where tables begin, in words; those of blocks and entries are moved so that 0 needs no room. */
  readonly entriesAt: number;
  readonly pinsAt: number;
  readonly pinWords: number;
  readonly bucketsAt: number;
  readonly ghostsAt: number;
  readonly usesAt: number;
  readonly blocksAt: number;
  readonly chunksAt: number;
  /** In words of 64 bits. */
  readonly purgesAt: number;
  /** Where block 0 would be, in bytes. */
  readonly dataAt: number;

  /** Over memory from `allocate`; one object a thread. */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    this.longs = new BigInt64Array(buffer);
    this.bytes = Buffer.from(buffer);
    const sizes = sizesIn(this.words);
    const places = placesOf(sizes);
    this.seats = sizes.seats;
    this.blocks = sizes.runs * RUN_BLOCKS;
    this.entries = sizes.entries;
    this.buckets = bucketsFor(sizes.entries);
    this.ghosts = this.buckets;
    this.purgeSlots = sizes.purgeSlots;
    this.useCounts = sizes.useCounts;
    this.pinWords = pinWordsFor(sizes.seats);
    this.purgesAt = places.purges / 2;
    this.entriesAt = places.entries - ENTRY_WORDS;
    this.pinsAt = places.pins - this.pinWords;
    this.bucketsAt = places.buckets;
    this.ghostsAt = places.ghosts;
    this.usesAt = places.uses;
    this.blocksAt = places.blocks - RUN_BLOCKS * BLOCK_WORDS;
    this.chunksAt = places.chunks - CHUNK_WORDS;
    this.dataAt = 4 * places.data - RUN_BLOCKS * BLOCK_BYTES;
  }

  /**
   * By which a memory is known. A thread that is given the same memory twice has two objects, of which neither is the other.
   */
  static idOf(buffer: SharedArrayBuffer): string {
    return new Int32Array(buffer, 4 * WORD.HASH_KEY, 2).join(' ');
  }

  get hashKey(): HashKey {
    return [this.words[WORD.HASH_KEY] ?? 0, this.words[WORD.HASH_KEY + 1] ?? 0];
  }

  /**
   * Memory of so many bytes for a cache, tables included, that threads of `seats` numbers may use. The system gives what is
   * touched, so a large one costs nothing before it is used. `hashKey` is that of a memory whose entries are to be put into it.
   */
  static allocate(bytes: number, seats: number, hashKey: HashKey | null = null): SharedArrayBuffer {
    const sizes = sizesFor(Math.max(bytes, LEAST_BYTES), seats);
    const words = new Int32Array(new SharedArrayBuffer(bytesOf(sizes)));
    words[WORD.SEATS] = sizes.seats;
    words[WORD.RUNS] = sizes.runs;
    words[WORD.ENTRIES] = sizes.entries;
    words[WORD.PURGE_SLOTS] = sizes.purgeSlots;
    words[WORD.USE_COUNTS] = sizes.useCounts;
    words[WORD.FRONTIER] = RUN_BLOCKS;
    words[WORD.FRESH_ENTRY] = 1;
    if (hashKey === null) randomFillSync(new Uint8Array(words.buffer, 4 * WORD.HASH_KEY, 8));
    else words.set(hashKey, WORD.HASH_KEY);
    return words.buffer;
  }
}

function sizesFor(bytes: number, seats: number): Sizes {
  const purgeSlots = powerOfTwo(Math.min(MOST_PURGE_SLOTS, bytes / BYTES_PER_PURGE_SLOT));
  const useCounts = powerOfTwo(Math.min(MOST_USE_COUNTS, bytes / BYTES_PER_PURGE_SLOT));
  let runs = Math.floor(bytes / (RUN_BLOCKS * BLOCK_BYTES)) + 1;
  for (;;) {
    runs -= 1;
    const entries = Math.ceil((runs * RUN_BLOCKS) / BLOCKS_PER_ENTRY);
    const sizes = { seats, runs, entries, purgeSlots, useCounts };
    if (runs <= 1 || bytesOf(sizes) <= bytes) return sizes;
  }
}

function sizesIn(words: Int32Array): Sizes {
  const at = (word: number): number => words[word] ?? 0;
  return {
    seats: at(WORD.SEATS),
    runs: at(WORD.RUNS),
    entries: at(WORD.ENTRIES),
    purgeSlots: at(WORD.PURGE_SLOTS),
    useCounts: at(WORD.USE_COUNTS),
  };
}

/** Where each table begins, in words. Entries are at the beginning of cache lines. */
function placesOf({ seats, runs, entries, purgeSlots, useCounts }: Sizes) {
  const purges = HEADER_WORDS;
  const entriesAt = purges + 4 * purgeSlots;
  const pins = entriesAt + entries * ENTRY_WORDS;
  const buckets = pins + entries * pinWordsFor(seats);
  const ghosts = buckets + bucketsFor(entries);
  const uses = ghosts + 2 * bucketsFor(entries);
  const blocks = uses + USE_ROWS * useCounts;
  const chunks = blocks + runs * RUN_BLOCKS * BLOCK_WORDS;
  const data = Math.ceil((chunks + CHUNK_WORDS * runs) / PAGE_WORDS) * PAGE_WORDS;
  return { purges, entries: entriesAt, pins, buckets, ghosts, uses, blocks, chunks, data };
}

const PAGE_WORDS = 1024;

function bytesOf(sizes: Sizes): number {
  return 4 * placesOf(sizes).data + sizes.runs * RUN_BLOCKS * BLOCK_BYTES;
}

function bucketsFor(entries: number): number {
  return powerOfTwo(entries);
}

/** One bit for each seat, and one for whoever is no data thread. */
function pinWordsFor(seats: number): number {
  return Math.ceil((seats + 1) / 32);
}

/** The largest that is not above `n`. */
function powerOfTwo(n: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(1, n)));
}
