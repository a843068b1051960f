// A thread for threads.test.ts: does at random what a cache is for, and looks at each byte that it gets.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { UNKNOWN_LENGTH } from '../../core/body.ts';
import type { StoredResponse } from '../../core/cache-memory.ts';
import { systemClock } from '../../core/ports.ts';
import { random, type Random } from '../../core/random.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { CacheArea } from './area.ts';
import { CacheTable } from './cache-table.ts';
import { collect } from './shared-cache-testing.ts';
import { SharedCache } from './shared-cache.ts';

/** What the thread is to do, and where it tells how far it is. */
export interface Stress {
  readonly buffer: SharedArrayBuffer;
  readonly seat: number;
  readonly seed: number;
  /** `die`: sits down in the middle of a change, with the lock in hand. */
  readonly task: 'work' | 'die';
  /** Int32: whether to go on, and then a counter for each seat, of what it has done. */
  readonly progress: SharedArrayBuffer;
}

export const GOES_ON = 0;
export const DONE_AT = 1;

const KEYS = 150;
const TAGS = ['red', 'green', 'blue'];

/** A body says in its head of which bytes it is, and how many. */
function bodyFor(seed: number, length: number): Buffer {
  return Buffer.alloc(length, `${seed}:`.padEnd(13, 'abcdefghijk'));
}

class Worker {
  readonly #cache: SharedCache<string>;
  readonly #random: Random;
  readonly #held: StoredResponse<string>[] = [];

  constructor({ buffer, seat, seed }: Stress, wheel: TimingWheel) {
    this.#cache = new SharedCache(buffer, { seat, decodeHead: (head) => head, clock: systemClock, wheel });
    this.#random = random(seed);
  }

  async step(): Promise<void> {
    const choice = this.#random.below(100);
    const key = `key ${this.#random.below(this.#random.below(KEYS) + 1)}`;
    if (choice < 2) this.#cache.purge([TAGS[this.#random.below(3)] ?? ''], choice === 0 ? 'hard' : 'soft');
    else if (choice < 4) this.#cache.remove(key);
    else if (choice < 40) await this.#fill(key);
    else await this.#find(key);
  }

  letGo(): void {
    for (const response of this.#held.splice(0)) response.release();
  }

  async #find(key: string): Promise<void> {
    const found = this.#cache.find(key);
    if (found === null) return;
    if (found.kind === 'filling') {
      found.stored?.release();
      if (this.#random.below(3) === 0) await found.settled(50);
      return;
    }
    await checkBody(found, key);
    if (this.#random.below(20) === 0) found.replaceHead(found.head);
    this.#held.push(found);
    if (this.#held.length > 8) this.letGo();
  }

  async #fill(key: string): Promise<void> {
    const fill = this.#cache.begin(key);
    if (fill === null) return;
    const body = this.#body();
    const head = JSON.stringify([key, body.seed, body.bytes.length]);
    const length = this.#random.below(2) === 0 ? UNKNOWN_LENGTH : body.bytes.length;
    const tags = TAGS.filter(() => this.#random.below(10) === 0);
    if (this.#random.below(4) === 0) await setImmediate();
    if (!fill.open({ head, length, tags, maxBytes: 1e9 })) return;
    const shared = this.#random.below(3) === 0 ? fill.share() : null;
    const read = shared === null ? null : checkBody(shared, key);
    for (let at = 0; at < body.bytes.length; at += 30_000) {
      if (!fill.write(body.bytes.subarray(at, at + 30_000))) break;
      if (this.#random.below(4) === 0) await setImmediate();
    }
    if (this.#random.below(10) === 0) fill.abandon();
    else fill.commit();
    await read;
    shared?.release();
  }

  #body(): { readonly seed: number; readonly bytes: Buffer } {
    const seed = this.#random.next();
    const length = this.#random.below(this.#random.below(3) === 0 ? 150_000 : 4000);
    return { seed, bytes: bodyFor(seed, length) };
  }
}

/** All that comes is of the body that the head tells of, and all of it comes, unless it broke off. */
async function checkBody(response: StoredResponse<string>, key: string): Promise<void> {
  const [storedKey, seed, length] = JSON.parse(response.head) as [string, number, number];
  assert.equal(storedKey, key);
  const collected = collect(
    response.body(0, response.length === UNKNOWN_LENGTH ? Infinity : response.length),
  );
  const ending = await collected.ended;
  const expected = bodyFor(seed, length);
  const { bytes } = collected;
  assert.ok(bytes.equals(expected.subarray(0, bytes.length)), `${key} has other bytes`);
  if (ending === 'end') assert.equal(bytes.length, length);
}

/** Takes blocks and an entry that nothing knows of, and stays there. */
function die({ buffer, seat, progress }: Stress): void {
  const table = new CacheTable(new CacheArea(buffer), { seat, clock: systemClock, wheel: null });
  const words = new Int32Array(progress);
  const hang = (): true => {
    table.runs.takeChain(3);
    table.takeEntry();
    table.eviction.small.remove(table.eviction.small.oldest);
    Atomics.add(words, DONE_AT + seat, 1);
    for (;;) Atomics.load(words, GOES_ON);
  };
  while (table.run(hang, null) === null);
}

async function work(stress: Stress): Promise<void> {
  const words = new Int32Array(stress.progress);
  const wheel = new TimingWheel(systemClock.now);
  const stop = wheel.start();
  // Who waits for memory to change does not keep a thread alive; its sockets do.
  const alive = setInterval(() => {}, 1000);
  const worker = new Worker(stress, wheel);
  while (Atomics.load(words, GOES_ON) === 0) {
    await worker.step();
    Atomics.add(words, DONE_AT + stress.seat, 1);
    // What others change is heard of between the turns of the event loop.
    if (Atomics.load(words, DONE_AT + stress.seat) % 16 === 0) await setImmediate();
  }
  worker.letGo();
  stop();
  clearInterval(alive);
}

const stress: Stress | null = workerData;
if (stress?.task === 'work') await work(stress);
else if (stress?.task === 'die') die(stress);
