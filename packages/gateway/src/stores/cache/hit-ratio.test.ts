/** What the memory keeps when not everything fits: against one that forgets what was not asked for longest. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random } from '../../core/random.ts';
import { blocksFor } from './chains.ts';
import { rig, store } from './shared-cache-testing.ts';

const REQUESTS = 120_000;
const KEYS = 20_000;
const EXPONENT = 0.9;
/** So often somebody asks for many things in a row that nobody asks for again. */
const SCAN_EVERY = 15_000;
const SCAN_LENGTH = 3000;
const MEMORY_BYTES = 4 * 1024 * 1024;
/** What lies in front of each body: key and head. */
const HEAD_BLOCKS = 1;
const ZEROS = Buffer.alloc(64 * 1024);

interface Asked {
  readonly key: string;
  readonly bytes: number;
}

/** Asks for popular things often (Zipf), of all sizes, with scans in between; the same each time. */
function trace(): Asked[] {
  const dice = random(7);
  const sums: number[] = [];
  for (let rank = 1, sum = 0; rank <= KEYS; rank++) sums.push((sum += 1 / rank ** EXPONENT));
  const asked: Asked[] = [];
  const sizeOf = (n: number): number => Math.ceil(200 * Math.exp(3.5 * random(n + 1).unit()));
  for (let i = 0; i < REQUESTS; i++) {
    const rank = rankOf(sums, dice.unit() * (sums.at(-1) ?? 0));
    asked.push({ key: `page ${rank}`, bytes: sizeOf(rank) });
    if (i % SCAN_EVERY !== 0) continue;
    for (let at = 0; at < SCAN_LENGTH; at++) asked.push({ key: `scan ${i} ${at}`, bytes: sizeOf(i + at) });
  }
  return asked;
}

/** The first sum that is not below. */
function rankOf(sums: readonly number[], value: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The part of requests that was a hit. */
function ratioOf(asked: readonly Asked[], isHit: (asked: Asked) => boolean): number {
  return asked.filter(isHit).length / asked.length;
}

/** Forgets what was not asked for longest; as many blocks. */
function leastRecentlyUsed(capacityBlocks: number): (asked: Asked) => boolean {
  const blocks = new Map<string, number>();
  let used = 0;
  return ({ key, bytes }) => {
    const known = blocks.get(key);
    if (known !== undefined) {
      blocks.delete(key);
      blocks.set(key, known);
      return true;
    }
    const needed = HEAD_BLOCKS + blocksFor(bytes);
    for (const [oldest, freed] of blocks) {
      if (used + needed <= capacityBlocks) break;
      blocks.delete(oldest);
      used -= freed;
    }
    blocks.set(key, needed);
    used += needed;
    return false;
  };
}

describe('what the cache keeps', () => {
  it('is worth at least three points more of hits than the most recent would be, with scans in between', () => {
    const { a, desk } = rig(MEMORY_BYTES);
    const asked = trace();
    const ours = ratioOf(asked, ({ key, bytes }) => {
      if (a.find(key) !== null) return true;
      assert.ok(store(a, key, ZEROS.subarray(0, bytes)));
      return false;
    });
    const recent = ratioOf(asked, leastRecentlyUsed(desk.readings.capacityBytes / 512));
    assert.ok(desk.readings.evictions > 10_000);
    assert.ok(ours >= recent + 0.03, `${(100 * ours).toFixed(1)} % against ${(100 * recent).toFixed(1)} %`);
  });
});
