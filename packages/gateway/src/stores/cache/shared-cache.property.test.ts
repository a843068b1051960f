/** Whatever is done to a cache, it does what a map would do that forgets something now and then, and loses no block. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UNKNOWN_LENGTH, type Body } from '../../core/body.ts';
import type { CollectedBody } from '../../core/body-testing.ts';
import type { Fill, StoredResponse } from '../../core/cache-memory.ts';
import { random, type Random } from '../../core/random.ts';
import { CacheArea } from './area.ts';
import { assertConsistent } from './consistency-testing.ts';
import { PurgeBoard } from './purge-board.ts';
import { bytesOf, collect, rig, type Rig } from './shared-cache-testing.ts';

const RUNS = Number(process.env['FUZZ_CASES'] ?? 8);
const STEPS = 2000;
const MEMORY_BYTES = 256 * 1024;
const KEYS = 160;
const HOT_KEYS = 8;
const TAGS = 5;

interface Stored {
  head: string;
  readonly body: Buffer;
  readonly tags: readonly string[];
  /** Purges so far, when it was begun. */
  begunAt: number;
}

interface Filling {
  readonly key: string;
  readonly seat: number;
  readonly fill: Fill<string>;
  readonly begunAt: number;
  readonly body: Buffer;
  readonly tags: readonly string[];
  written: number;
  head: string | null;
  isUnknown: boolean;
  /** It is not to be found any more, whatever becomes of it. */
  isDetached: boolean;
  isCommitted: boolean;
}

/** Somebody who reads, and what he must get. */
interface Reader {
  readonly response: StoredResponse<string>;
  readonly source: Body;
  readonly body: CollectedBody;
  readonly expected: Buffer;
  readonly all: Buffer;
  readonly filling: Filling | null;
}

/** What it should be, as simple as can be: it does not know what is evicted, but how much. */
class Model {
  readonly stored = new Map<string, Stored>();
  readonly fills: Filling[] = [];
  readonly readers: Reader[] = [];
  readonly hard = new Map<string, number>();
  readonly soft = new Map<string, number>();
  purges = 0;
  evictions = 0;

  fillOf(key: string): Filling | undefined {
    return this.fills.find((filling) => filling.key === key && !filling.isDetached);
  }

  isPurged(by: Map<string, number>, { tags, begunAt }: Pick<Stored, 'tags' | 'begunAt'>): boolean {
    return tags.some((tag) => (by.get(tag) ?? 0) > begunAt);
  }
}

/** Tags that do not meet in any slot: purges of others are allowed, and would confuse the model. */
function tagsFor(buffer: SharedArrayBuffer): string[] {
  const area = new CacheArea(buffer);
  const board = new PurgeBoard(area);
  const taken = new Set<number>();
  const tags: string[] = [];
  for (let i = 0; tags.length < TAGS; i++) {
    const slots = board.digestsOf([`tag-${i}`]).map((digest) => digest & (area.purgeSlots - 1));
    if (slots.some((slot) => taken.has(slot))) continue;
    for (const slot of slots) taken.add(slot);
    tags.push(`tag-${i}`);
  }
  return tags;
}

class Walk {
  readonly #rig: Rig;
  readonly #model = new Model();
  readonly #random: Random;
  readonly #tags: string[];
  readonly #caches;
  readonly #mostBytes: number;
  #bodies = 0;

  /** Half of the walks are through a small memory, the others through one where large bodies are read in place. */
  constructor(seed: number) {
    const scale = seed % 2 === 0 ? 1 : 8;
    this.#rig = rig(MEMORY_BYTES * scale);
    this.#mostBytes = 30_000 * scale;
    this.#random = random(seed);
    this.#tags = tagsFor(this.#rig.buffer);
    this.#caches = [this.#rig.a, this.#rig.b];
  }

  /** Tells how many entries were evicted. */
  async run(): Promise<number> {
    const steps = [
      () => this.#find(),
      () => this.#find(),
      () => this.#begin(),
      () => this.#open(),
      () => this.#write(),
      () => this.#write(),
      () => this.#end(),
      () => this.#store(),
      () => this.#store(),
      () => this.#store(),
      () => this.#store(),
      () => this.#store(),
      () => this.#store(),
      () => this.#release(),
      () => this.#release(),
      () => this.#purge(),
      () => this.#replaceHead(),
      () => this.#remove(),
    ];
    for (let step = 0; step < STEPS; step++) {
      steps[this.#random.below(steps.length)]?.();
      await new Promise(setImmediate);
      this.#check();
    }
    for (const filling of this.#model.fills.splice(0)) filling.fill.abandon();
    for (const reader of this.#model.readers.splice(0)) {
      await assertEnded(reader);
      letGo(reader);
    }
    const { fills, held } = assertConsistent(this.#rig.buffer);
    assert.deepEqual({ fills, held }, { fills: 0, held: 0 });
    return this.#rig.desk.readings.evictions;
  }

  #cache() {
    const seat = this.#random.below(2);
    const cache = this.#caches[seat];
    assert.ok(cache !== undefined);
    return { seat, cache };
  }

  #key(): string {
    const number = this.#random.below(this.#random.below(2) === 0 ? KEYS : HOT_KEYS);
    return `key-${number}`.padEnd(number % 2 === 0 ? 0 : 700, '.');
  }

  #any<V>(list: readonly V[]): V | undefined {
    return list[this.#random.below(list.length)];
  }

  #find(): void {
    const [{ cache }, key] = [this.#cache(), this.#key()];
    const { stored } = this.#model;
    const answer = cache.find(key);
    const filling = this.#model.fillOf(key);
    const isOpen = filling !== undefined && filling.head !== null && !filling.isUnknown;
    const isHardPurged = isOpen && this.#model.isPurged(this.#model.hard, filling);
    if (isHardPurged) filling.isDetached = true;
    if (isOpen) {
      if (isHardPurged) return assert.equal(answer, null);
      assert.ok(answer?.kind === 'stored');
      assert.equal(answer.head, filling.head);
      return this.#read(answer, filling.body, filling);
    }
    let old = stored.get(key);
    if (old !== undefined && this.#model.isPurged(this.#model.hard, old)) old = undefined;
    const current = answer?.kind === 'filling' ? answer.stored : answer;
    assert.equal(answer?.kind === 'filling', filling !== undefined, 'a fill is announced');
    assert.equal(current !== null, old !== undefined, `${key} is found`);
    if (old === undefined || current?.kind !== 'stored') return;
    assert.equal(current.head, old.head);
    assert.equal(current.isSoftPurged, this.#model.isPurged(this.#model.soft, old));
    this.#read(current as StoredResponse<string>, old.body, null);
  }

  /** Reads a part now or with time; what was found is held. */
  #read(response: StoredResponse<string>, expected: Buffer, filling: Filling | null): void {
    const [one, other] = [this.#random.below(expected.length + 1), this.#random.below(expected.length + 1)];
    const [from, to] =
      this.#random.below(2) === 0 ? [0, expected.length] : [Math.min(one, other), Math.max(one, other)];
    const source = response.body(from, to);
    const body = collect(source);
    this.#model.readers.push({
      response,
      source,
      body,
      expected: expected.subarray(from, to),
      all: expected,
      filling,
    });
  }

  #begin(): void {
    const [{ cache, seat }, key] = [this.#cache(), this.#key()];
    const fill = cache.begin(key);
    if (this.#model.fillOf(key) !== undefined) return assert.equal(fill, null);
    if (fill === null) return;
    const small = this.#random.below(4) > 0;
    const body = bytesOf(this.#random.below(small ? 3200 : this.#mostBytes), this.#bodies++);
    const tags = this.#tags.filter(() => this.#random.below(3) === 0);
    const begunAt = this.#model.purges;
    const state = {
      written: 0,
      head: null,
      isUnknown: this.#random.below(2) === 0,
      isDetached: false,
      isCommitted: false,
    };
    this.#model.fills.push({ key, seat, fill, begunAt, body, tags, ...state });
  }

  #store(): void {
    const before = this.#model.fills.length;
    this.#begin();
    const { fills } = this.#model;
    const filling = fills[before];
    if (filling === undefined) return;
    this.#open(filling);
    if (fills.includes(filling)) this.#write(filling, filling.body.length);
    if (fills.includes(filling)) this.#end(filling);
  }

  #open(filling = this.#any(this.#model.fills.filter(({ head }) => head === null))): void {
    if (filling === undefined) return;
    const head = `head ${this.#bodies++} `.padEnd(this.#random.below(4) === 0 ? 3000 : 20, 'h');
    const length = filling.isUnknown ? UNKNOWN_LENGTH : filling.body.length;
    if (filling.fill.open({ head, length, tags: filling.tags, maxBytes: 1e6 })) {
      filling.head = head;
      if (this.#model.isPurged(this.#model.hard, filling)) filling.isDetached = true;
    } else {
      this.#over(filling);
    }
  }

  #write(
    filling = this.#any(this.#model.fills.filter(({ head }) => head !== null)),
    most = this.#random.below(this.#mostBytes / 2),
  ): void {
    if (filling === undefined) return;
    const bytes = Math.min(filling.body.length - filling.written, most);
    if (filling.fill.write(filling.body.subarray(filling.written, filling.written + bytes)))
      filling.written += bytes;
    else this.#over(filling);
  }

  #end(filling = this.#any(this.#model.fills)): void {
    if (filling === undefined) return;
    const { body, written, fill, key, head, isUnknown } = filling;
    if (this.#random.below(4) === 0) {
      fill.abandon();
      return this.#over(filling);
    }
    let all = body.subarray(0, written);
    if (head !== null && !isUnknown && written < body.length && this.#random.below(3) > 0) {
      if (!fill.write(body.subarray(written))) return this.#over(filling);
      filling.written = body.length;
      all = body;
    }
    const { isDetached } = filling;
    fill.commit();
    this.#over(filling);
    const isWhole = head !== null && (isUnknown || all.length === body.length);
    filling.isCommitted = isWhole;
    if (!isWhole || isDetached || this.#model.isPurged(this.#model.hard, filling)) return;
    this.#model.stored.set(key, { head, body: all, tags: filling.tags, begunAt: filling.begunAt });
  }

  #over(filling: Filling): void {
    filling.isDetached = true;
    this.#model.fills.splice(this.#model.fills.indexOf(filling), 1);
  }

  #release(): void {
    const reader = this.#any(this.#model.readers);
    if (reader === undefined) return;
    this.#model.readers.splice(this.#model.readers.indexOf(reader), 1);
    letGo(reader);
  }

  #purge(): void {
    if (this.#random.below(12) > 0) return;
    const tags = this.#tags.filter(() => this.#random.below(4) === 0);
    const kind = this.#random.below(2) === 0 ? 'hard' : 'soft';
    this.#cache().cache.purge(tags, kind);
    this.#model.purges++;
    for (const tag of tags) this.#model[kind].set(tag, this.#model.purges);
  }

  #replaceHead(): void {
    const reader = this.#any(this.#model.readers);
    if (reader === undefined || reader.filling !== null) return;
    const { response } = reader;
    const [key, old] = [...this.#model.stored].find(([, { head }]) => head === response.head) ?? [];
    const head = `new head ${this.#bodies++}`;
    const isDone = response.replaceHead(head);
    const isThere = key !== undefined && old !== undefined && !this.#model.isPurged(this.#model.hard, old);
    if (!isThere) return assert.equal(isDone, false);
    if (!isDone) return;
    old.head = head;
    // The response was found by one of the two seats; the model does not know by which, so it asks.
    const filling = this.#model.fillOf(key);
    const isSoft = this.#rig.desk.entry(key)?.isSoftPurged;
    if (filling !== undefined && isSoft !== this.#model.isPurged(this.#model.soft, old))
      old.begunAt = filling.begunAt;
  }

  #remove(): void {
    if (this.#random.below(12) > 0) return;
    const key = this.#key();
    this.#cache().cache.remove(key);
    this.#model.stored.delete(key);
    const filling = this.#model.fillOf(key);
    if (filling !== undefined) filling.isDetached = true;
  }

  #check(): void {
    const census = assertConsistent(this.#rig.buffer);
    const { readings } = this.#rig.desk;
    assert.equal(readings.usedBytes, census.usedBlocks * 512);
    assert.ok(readings.usedBytes <= readings.capacityBytes);
    assert.equal(census.fills, this.#model.fills.length);
    const evicted = this.#forgetEvicted();
    assert.ok(evicted <= readings.evictions - this.#model.evictions, 'nothing goes but by eviction');
    this.#model.evictions = readings.evictions;
    for (const reader of this.#model.readers) checkReader(reader);
    this.#readAgain(this.#any(this.#model.readers));
  }

  /** What is held can be read as often as one likes. */
  #readAgain(reader: Reader | undefined): void {
    if (reader === undefined || reader.filling !== null) return;
    const { response, all } = reader;
    const from = this.#random.below(all.length + 1);
    assert.ok(collect(response.body(from, all.length)).bytes.equals(all.subarray(from)), 'read again');
  }

  /** How many of those that should be there are not. */
  #forgetEvicted(): number {
    let evicted = 0;
    for (const [key, stored] of this.#model.stored) {
      if (this.#model.isPurged(this.#model.hard, stored) || this.#rig.desk.entry(key) !== null) continue;
      this.#model.stored.delete(key);
      evicted++;
    }
    return evicted;
  }
}

/** Whoever lets go does not read any more. */
function letGo({ source, response }: Reader): void {
  if (source !== null && typeof source !== 'string') source.cancel();
  response.release();
}

/** Who follows a fill gets all of it, or hears that it broke off. */
async function assertEnded({ body, expected, filling }: Reader): Promise<void> {
  const ending = await body.ended;
  const isWhole = filling === null || filling.isCommitted || body.bytes.length === expected.length;
  assert.equal(ending === 'end', isWhole, 'how it ended');
  if (isWhole) assert.ok(body.bytes.equals(expected));
}

/** What came so far is right, though entries were evicted, replaced and purged since. */
function checkReader({ body, expected, filling }: Reader): void {
  const { bytes } = body;
  assert.ok(bytes.equals(expected.subarray(0, bytes.length)), 'the bytes that were to be read');
  if (filling === null) assert.equal(bytes.length, expected.length);
}

describe('SharedCache', () => {
  it(`does what its model does, in ${RUNS} walks of ${STEPS} steps`, async () => {
    let evictions = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      try {
        evictions += await new Walk(seed).run();
      } catch (error) {
        throw new Error(`walk ${seed}`, { cause: error });
      }
    }
    // How many hangs on the hashes, which differ from run to run; with few, the walks would show nothing of it.
    assert.ok(evictions > 10 * RUNS, `${evictions} were evicted`);
  });
});
