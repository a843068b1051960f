import type { FillPlan } from '../../core/cache-memory.ts';
import { MOST_KEY_BYTES } from '../../core/cache-memory.ts';
import { UNKNOWN_LENGTH } from '../../core/body.ts';
import { RUN_BLOCKS } from './area.ts';
import type { CacheTable } from './cache-table.ts';
import { blocksFor } from './chains.ts';
import { ENTRY, FILLING, GONE, OPEN, STORED, BROKEN } from './entry-words.ts';
import { LATELY } from './eviction.ts';
import { WORD } from './header-words.ts';
import { TAG_BYTES } from './key-index.ts';
import { DIGESTS_PER_TAG, HARD } from './purge-board.ts';

/** Fills cannot be evicted, so they must not take all there is. */
const FILL_PART = 0.5;
/** Larger ones are stored when they come for the second time. */
const DOUBTED_PART = 0.01;
const MOST_TAGS = 320;

/** A fill as its thread knows it. */
export interface FillState {
  readonly key: string;
  readonly entry: number;
  written: number;
}

export interface Opening {
  readonly fill: FillState;
  readonly plan: Omit<FillPlan, 'tags'>;
  /** Of its tags. */
  readonly digests: readonly number[];
}

/** Where something is to be stored, and which purges were before it was asked for. */
export interface Beginning {
  readonly key: string;
  readonly since: bigint;
}

/** The steps of a fill, each with the lock in hand. */
export class FillSteps {
  readonly #table: CacheTable;

  constructor(table: CacheTable) {
    this.#table = table;
  }

  /** A new entry that others find as being filled, or 0. */
  readonly begin = ({ key, since }: Beginning): number => {
    const { index, entries, chains, runs, area } = this.#table;
    const blocks = blocksFor(key.length);
    if (key.length > MOST_KEY_BYTES || !this.#mayFill(blocks)) return 0;
    if (this.#table.word(WORD.FILLS) >= area.entries / 4) return 0;
    index.hash(key);
    index.look(key);
    if (index.filling !== 0 || !this.#table.makeRoom(blocks)) return 0;
    const entry = this.#table.takeEntry();
    if (entry === 0) return 0;
    const head = runs.takeChain(blocks);
    runs.own(head, entry);
    chains.write(head, 0, key);
    entries.set(entry, ENTRY.HEAD, head);
    entries.set(entry, ENTRY.KEY_BYTES, key.length);
    entries.set(entry, ENTRY.LENGTH, UNKNOWN_LENGTH);
    entries.set(entry, ENTRY.FILLER, this.#table.seat + 1);
    this.#table.setBegunAfter(entry, since);
    entries.setVersion(entry);
    entries.count(entry, blocks);
    this.#table.add(WORD.FILLS, 1);
    entries.setState(entry, FILLING);
    index.add(entry);
    // To make room, what was stored here may have gone.
    index.look(key);
    if (index.stored !== 0) this.#table.veil(index.stored);
    return entry;
  };

  /** Gives it a head, and room for what comes first. Others see it from now on if its length is known. */
  readonly open = ({ fill, plan, digests }: Opening): boolean => {
    const { entries, chains, runs } = this.#table;
    const { entry, key } = fill;
    const before = blocksFor(key.length);
    const tags = digests.length / DIGESTS_PER_TAG;
    const blocks = blocksFor(tags * TAG_BYTES + key.length + plan.head.length);
    if (tags > MOST_TAGS || plan.length > plan.maxBytes || this.#isTurnedAway(entry, plan.length))
      return this.#reject();
    if (!this.#mayFill(blocks) || !this.#table.makeRoom(blocks)) return this.#reject();
    const head = runs.takeChain(blocks);
    runs.own(head, entry);
    const old = entries.get(entry, ENTRY.HEAD);
    const from = runs.byteOf(head) / 4;
    this.#table.area.words.set(digests, from);
    chains.write(head, tags * TAG_BYTES, key);
    chains.write(head, tags * TAG_BYTES + key.length, plan.head);
    entries.set(entry, ENTRY.TAGS, tags);
    entries.set(entry, ENTRY.HEAD, head);
    entries.set(entry, ENTRY.HEAD_BYTES, plan.head.length);
    entries.set(entry, ENTRY.LENGTH, plan.length);
    entries.count(entry, blocks - before);
    runs.freeChain(old);
    if (this.#table.purgedOf(entry) === HARD) this.#hide(fill);
    if (plan.length === UNKNOWN_LENGTH) return true;
    if (entries.get(entry, ENTRY.IS_LISTED) === 1) this.#table.show(entry);
    entries.setState(entry, OPEN);
    return true;
  };

  /** More blocks at the end of its body: a run of up to so many, or 0. */
  readonly extend = ({ entry, wanted }: { readonly entry: number; readonly wanted: number }): number => {
    const { entries, runs } = this.#table;
    const blocks = Math.min(wanted, RUN_BLOCKS);
    if (!this.#mayFill(blocks)) return 0;
    const run = this.#table.takeRun(blocks);
    if (run === 0) return 0;
    runs.own(run, entry);
    const tail = entries.get(entry, ENTRY.BODY_TAIL);
    if (tail === 0) entries.set(entry, ENTRY.BODY, run);
    else runs.append(tail, run);
    entries.set(entry, ENTRY.BODY_TAIL, run);
    entries.count(entry, runs.countOf(run));
    return run;
  };

  /** Whether a body of unknown length that has come so far may go on. */
  readonly mayGrowTo = ({ entry, bytes }: { readonly entry: number; readonly bytes: number }): boolean =>
    !this.#isTurnedAway(entry, bytes) || this.#reject();

  readonly commit = (fill: FillState): true => {
    const { index, entries, eviction } = this.#table;
    const { entry } = fill;
    this.#trim(fill);
    Atomics.store(this.#table.area.words, entries.at(entry) + ENTRY.LENGTH, fill.written);
    if (this.#table.purgedOf(entry) === HARD) this.#hide(fill);
    if (entries.get(entry, ENTRY.IS_LISTED) === 0) {
      entries.endFill(entry, GONE);
      entries.freeIfUnused(entry);
      return true;
    }
    index.hash(fill.key);
    index.look(fill.key);
    const before = index.stored;
    const lately = before === 0 ? 0 : entries.get(before, ENTRY.USES) & LATELY;
    entries.set(entry, ENTRY.USES, Math.max(entries.get(entry, ENTRY.USES), lately));
    eviction.add(entry, before);
    if (before !== 0) this.#table.drop(before);
    entries.set(entry, ENTRY.STORED_AT, this.#table.now());
    this.#table.add(WORD.STORED, 1);
    this.#table.add(WORD.INSERTIONS, 1);
    this.#table.show(entry);
    entries.endFill(entry, STORED);
    return true;
  };

  readonly abandon = (fill: FillState): true => {
    const { entries } = this.#table;
    this.#hide(fill);
    entries.endFill(fill.entry, BROKEN);
    entries.freeIfUnused(fill.entry);
    return true;
  };

  /** It is not found any more; what is stored under its key is found unseen again. */
  #hide({ entry, key }: FillState): void {
    const { index, entries } = this.#table;
    if (entries.get(entry, ENTRY.IS_LISTED) === 0) return;
    this.#table.detach(entry);
    index.hash(key);
    index.look(key);
    if (index.stored !== 0) this.#table.show(index.stored);
  }

  /** Gives back what its last run has too much. */
  #trim({ entry, written }: FillState): void {
    const { entries, runs } = this.#table;
    const tail = entries.get(entry, ENTRY.BODY_TAIL);
    if (tail === 0) return;
    const spare = runs.blocksOf(entries.get(entry, ENTRY.BODY)) - blocksFor(written);
    if (spare <= 0) return;
    runs.shrink(tail, runs.countOf(tail) - spare);
    entries.count(entry, -spare);
  }

  #mayFill(blocks: number): boolean {
    return this.#table.word(WORD.FILL_BLOCKS) + blocks <= this.#table.area.blocks * FILL_PART;
  }

  /** Whether it is so large that it has to come twice, and comes for the first time. */
  #isTurnedAway(entry: number, bytes: number): boolean {
    const { entries, eviction, area } = this.#table;
    if (blocksFor(bytes) > area.blocks * FILL_PART) return true;
    if (blocksFor(bytes) <= area.blocks * DOUBTED_PART) return false;
    const [low, high] = [entries.get(entry, ENTRY.HASH), entries.get(entry, ENTRY.HASH_HIGH)];
    if (eviction.hasGhost(low, high)) return false;
    eviction.leaveGhost(low, high);
    return true;
  }

  #reject(): false {
    this.#table.add(WORD.REJECTIONS, 1);
    return false;
  }
}
