import type { Clock } from '../../core/ports.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import { AreaLock, FEW_SLEEPS } from './area-lock.ts';
import type { CacheArea } from './area.ts';
import { Chains } from './chains.ts';
import { Compaction } from './compaction.ts';
import { Entries } from './entries.ts';
import { ENTRY } from './entry-words.ts';
import { Eviction } from './eviction.ts';
import { WORD } from './header-words.ts';
import { KeyIndex } from './key-index.ts';
import { PurgeBoard, DIGESTS_PER_TAG, UNTOUCHED, type Purged } from './purge-board.ts';
import { rebuild } from './rebuild.ts';
import { LONG_BLOCKS, Runs } from './runs.ts';

/** So long after the lock could not be had it is tried again. */
const RETRY_MS = 20;

/** Whose tables they are. */
export interface TablePorts {
  readonly seat: number;
  readonly clock: Clock;
  /** Null: who has no wheel does what is owed at the next call. */
  readonly wheel: TimingWheel | null;
  /** How often it waits for the lock; few times, unless it is said. */
  readonly sleeps?: number;
}

/** What is done when the lock could not be had, which must be done some time. */
type Owed = () => void;

/** The tables of a cache as one thread has them, and the lock before them. */
export class CacheTable {
  readonly area: CacheArea;
  readonly seat: number;
  readonly clock: Clock;
  readonly runs: Runs;
  readonly chains: Chains;
  readonly entries: Entries;
  readonly index: KeyIndex;
  readonly eviction: Eviction;
  readonly compaction: Compaction;
  readonly purges: PurgeBoard;
  readonly lock: AreaLock;
  readonly #wheel: TimingWheel | null;
  readonly #retry = new Deadline(() => void this.settle());
  #owed: Owed[] = [];

  constructor(area: CacheArea, { seat, clock, wheel, sleeps = FEW_SLEEPS }: TablePorts) {
    this.area = area;
    this.seat = seat;
    this.clock = clock;
    this.#wheel = wheel;
    this.runs = new Runs(area);
    this.chains = new Chains(area, this.runs);
    this.entries = new Entries(area, this.runs);
    this.index = new KeyIndex(area, this.entries, this.chains);
    this.eviction = new Eviction(area, this.entries, this.index);
    this.compaction = new Compaction(area, this.runs, this.entries);
    this.purges = new PurgeBoard(area);
    this.lock = new AreaLock(area, { seat, sleeps }, () => rebuild(this));
  }

  /** Does something with the lock in hand, after all that is owed; null if it cannot be had. */
  run<A, R>(work: (argument: A) => R, argument: A): R | null {
    if (this.#owed.length > 0 && !this.settle()) return null;
    return this.lock.run(work, argument);
  }

  /** The same, but what cannot be done now is done later: when the lock can be had. */
  must<A>(work: (argument: A) => true, argument: A): void {
    if (this.run(work, argument) === null) this.#owe([() => void work(argument)]);
  }

  /** Does what is owed, if the lock can be had. */
  settle(): boolean {
    const owed = this.#owed;
    this.#owed = [];
    const isDone = this.lock.run(all, owed) !== null;
    if (!isDone) this.#owe(owed);
    return isDone;
  }

  #owe(owed: readonly Owed[]): void {
    this.#owed.push(...owed);
    this.#wheel?.set(this.#retry, RETRY_MS);
  }

  // All that follows is for whoever has the lock.

  word(word: number): number {
    return this.area.words[word] ?? 0;
  }

  add(word: number, difference: number): void {
    this.area.words[word] = this.word(word) + difference;
  }

  /** Whether there are so many free blocks, after evicting what must go for it. */
  makeRoom(blocks: number): boolean {
    if (this.runs.hasRoom(blocks)) return true;
    return this.eviction.makeRoom(() => this.runs.hasRoom(blocks)) || this.runs.freeBlocks >= blocks;
  }

  /** A run of up to so many blocks. Long ones are had in one piece, if it can be done. */
  takeRun(blocks: number): number {
    if (!this.makeRoom(blocks)) return 0;
    if (blocks >= LONG_BLOCKS && !this.runs.hasRun(blocks)) this.compaction.clearChunk();
    return this.runs.take(blocks);
  }

  /** An empty entry, or 0. */
  takeEntry(): number {
    let entry = this.entries.take();
    if (entry === 0) this.eviction.makeRoom(() => (entry = this.entries.take()) !== 0);
    return entry;
  }

  /** The digests of its tags. */
  digestsOf(entry: number): number[] {
    const digests: number[] = [];
    const from = this.runs.byteOf(this.entries.get(entry, ENTRY.HEAD)) / 4;
    const end = from + DIGESTS_PER_TAG * this.entries.get(entry, ENTRY.TAGS);
    for (let word = from; word < end; word++) digests.push(this.area.words[word] ?? 0);
    return digests;
  }

  /** The number of the last purge before it was begun. */
  begunAfter(entry: number): bigint {
    return this.area.longs[(this.entries.at(entry) + ENTRY.PURGE_NUMBER) / 2] ?? 0n;
  }

  setBegunAfter(entry: number, number: bigint): void {
    this.area.longs[(this.entries.at(entry) + ENTRY.PURGE_NUMBER) / 2] = number;
  }

  /** What became of it by purges since it was begun. */
  purgedOf(entry: number): Purged {
    const since = this.begunAfter(entry);
    return since === this.purges.number ? UNTOUCHED : this.purges.purged(this.digestsOf(entry), since);
  }

  /** Threads that remember it may give it out unseen. */
  show(entry: number): void {
    this.#setStamp(entry, this.entries.get(entry, ENTRY.VERSION));
  }

  /** Threads that remember it have to look. */
  veil(entry: number): void {
    this.#setStamp(entry, 0);
  }

  /** What is stored is not found any more, and is gone when nobody reads it. */
  drop(entry: number): void {
    this.index.remove(entry);
    this.eviction.remove(entry);
    this.add(WORD.STORED, -1);
    this.entries.discard(entry);
  }

  /** A fill is not found any more; it goes on for those who have it. */
  detach(entry: number): void {
    this.index.remove(entry);
    this.entries.discard(entry);
  }

  now(): number {
    return Math.floor(this.clock.epoch() / 1000);
  }

  #setStamp(entry: number, stamp: number): void {
    Atomics.store(this.area.words, this.entries.at(entry) + ENTRY.STAMP, stamp);
  }
}

function all(owed: readonly Owed[]): true {
  for (const work of owed) work();
  return true;
}
