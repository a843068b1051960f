/** For tests: whether a cache in which nobody is busy is in order, to the last block. */
import assert from 'node:assert/strict';
import { manualClock } from '@turnpike/testkit';
import { BLOCK_WORDS, CacheArea, RUN_BLOCKS } from './area.ts';
import { CacheTable } from './cache-table.ts';
import { blocksFor } from './chains.ts';
import { BROKEN, EMPTY, ENTRY, FILLING, GONE, OPEN, STORED } from './entry-words.ts';
import { WORD } from './header-words.ts';
import { TAG_BYTES } from './key-index.ts';

/** What was counted on the way. */
export interface Census {
  readonly stored: number;
  readonly fills: number;
  /** What nobody finds, but somebody still reads. */
  readonly held: number;
  readonly usedBlocks: number;
}

export function assertConsistent(buffer: SharedArrayBuffer): Census {
  const table = new CacheTable(new CacheArea(buffer), { seat: 0, clock: manualClock(), wheel: null });
  assert.equal(Atomics.load(table.area.words, WORD.LOCK), 0, 'somebody has the lock');
  const [freeEntries, listed, queued] = [freeOnes(table), listedOnes(table), queuedOnes(table)];
  const owners = new Map<number, string>();
  let [stored, fills, held, used, fillBlocks] = [0, 0, 0, 0, 0];
  for (let entry = 1; entry < table.word(WORD.FRESH_ENTRY); entry++) {
    const get = (word: number) => table.entries.get(entry, word);
    const state = get(ENTRY.STATE);
    const name = `entry ${entry} in state ${state}`;
    assert.equal(freeEntries.has(entry), state === EMPTY, `${name}: free`);
    assert.equal(listed.has(entry), state !== EMPTY && get(ENTRY.IS_LISTED) === 1, `${name}: listed`);
    assert.equal(queued.has(entry), state === STORED, `${name}: queued`);
    if (state === EMPTY) continue;
    for (const chain of [get(ENTRY.HEAD), get(ENTRY.BODY)]) claim(table, chain, owners, name);
    const [head, body] = [table.runs.blocksOf(get(ENTRY.HEAD)), table.runs.blocksOf(get(ENTRY.BODY))];
    assert.equal(get(ENTRY.BLOCKS), head + body, `${name}: blocks`);
    assert.equal(
      head,
      blocksFor(get(ENTRY.TAGS) * TAG_BYTES + get(ENTRY.KEY_BYTES) + get(ENTRY.HEAD_BYTES)),
      `${name}: head`,
    );
    assert.ok(body >= blocksFor(get(ENTRY.WRITTEN)), `${name}: body`);
    used += head + body;
    const isFilled = table.entries.isFilled(entry);
    assert.equal(isFilled, state === FILLING || state === OPEN, `${name}: filler`);
    if (isFilled) fills++;
    if (isFilled) fillBlocks += head + body;
    if (state === STORED) {
      stored++;
      assert.equal(get(ENTRY.WRITTEN), get(ENTRY.LENGTH), `${name}: written`);
      assert.equal(body, blocksFor(get(ENTRY.LENGTH)), `${name}: body`);
      assert.equal(get(ENTRY.IS_LISTED), 1);
    }
    if (state === GONE || state === BROKEN) {
      held++;
      assert.ok(table.entries.isPinned(entry), `${name}: nobody has it`);
      assert.equal(get(ENTRY.STAMP), 0);
    }
  }
  assert.equal(table.word(WORD.STORED), stored);
  assert.equal(table.word(WORD.FILLS), fills);
  assert.equal(table.word(WORD.FILL_BLOCKS), fillBlocks);
  assert.equal(table.word(WORD.USED_BLOCKS), used);
  assertAllBlocksAreSomewhere(table, owners);
  return { stored, fills, held, usedBlocks: used };
}

function freeOnes(table: CacheTable): Set<number> {
  return walk(table.word(WORD.FREE_ENTRY), (entry) => table.entries.get(entry, ENTRY.NEXT));
}

function listedOnes({ area, entries }: CacheTable): Set<number> {
  const listed = new Set<number>();
  for (let bucket = 0; bucket < area.buckets; bucket++) {
    const first = area.words[area.bucketsAt + bucket] ?? 0;
    for (const entry of walk(first, (entry) => entries.get(entry, ENTRY.NEXT))) {
      assert.equal(entries.get(entry, ENTRY.HASH) & (area.buckets - 1), bucket);
      assert.ok(!listed.has(entry));
      listed.add(entry);
    }
  }
  return listed;
}

function queuedOnes({ entries, eviction }: CacheTable): Set<number> {
  const all = new Set<number>();
  for (const queue of [eviction.small, eviction.main]) {
    const ours = walk(queue.oldest, (entry) => entries.get(entry, ENTRY.YOUNGER));
    let [blocks, older] = [0, 0];
    for (const entry of ours) {
      assert.ok(queue.has(entry) && !all.has(entry));
      assert.equal(entries.get(entry, ENTRY.OLDER), older);
      blocks += entries.get(entry, ENTRY.BLOCKS);
      older = entry;
      all.add(entry);
    }
    assert.deepEqual([queue.count, queue.blocks], [ours.size, blocks]);
  }
  return all;
}

/** Numbers of a list, none of them twice. */
function walk(first: number, next: (at: number) => number): Set<number> {
  const seen = new Set<number>();
  for (let at = first; at !== 0; at = next(at)) {
    assert.ok(!seen.has(at), `${at} comes twice`);
    seen.add(at);
  }
  return seen;
}

function claim({ runs }: CacheTable, chain: number, owners: Map<number, string>, name: string): void {
  for (let run = chain; run !== 0; run = runs.next(run)) {
    assert.ok(runs.countOf(run) > 0, `${name}: empty run`);
    for (let block = run; block < run + runs.countOf(run); block++) {
      assert.equal(owners.get(block), undefined, `${name}: block ${block}`);
      owners.set(block, name);
    }
  }
}

/** Each block is used by one or free, free ones are in the list of their order, and no two halves are free apart. */
function assertAllBlocksAreSomewhere({ area, runs }: CacheTable, owners: Map<number, string>): void {
  const frontier = area.words[WORD.FRONTIER] ?? 0;
  const orderOf = (block: number) => area.words[area.blocksAt + block * BLOCK_WORDS + 2] ?? 0;
  const free = new Set<number>();
  for (let order = 0; 1 << order <= RUN_BLOCKS; order++) {
    for (const run of walk(area.words[WORD.FREE_RUNS + order] ?? 0, (run) => runs.next(run))) {
      assert.equal(orderOf(run), order + 1);
      if (1 << order < RUN_BLOCKS) assert.notEqual(orderOf(run ^ (1 << order)), order + 1, 'halves apart');
      free.add(run);
      for (let block = run; block < run + (1 << order); block++) {
        assert.equal(owners.get(block), undefined, `block ${block} is free and used`);
        owners.set(block, 'free');
      }
    }
  }
  for (let block = RUN_BLOCKS; block < frontier; block++) {
    assert.ok(owners.has(block), `block ${block} is lost`);
    assert.equal(orderOf(block) !== 0, free.has(block), `block ${block}: order`);
  }
}
