import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../core/ports.ts';
import { CacheArea } from './area.ts';
import { CacheDesk } from './cache-desk.ts';
import { assertConsistent } from './consistency-testing.ts';
import { WORD } from './header-words.ts';
import { DONE_AT, GOES_ON, type Stress } from './stress-testing.ts';

const SEATS = 4;
const ENTRY_FILE = new URL('stress-testing.ts', import.meta.url);

/** Threads at the same memory, the first of which are killed again and again, at whatever they do. */
class Threads {
  readonly buffer = CacheArea.allocate(2 * 1024 * 1024, SEATS);
  readonly desk = new CacheDesk(this.buffer, systemClock);
  readonly #progress = new SharedArrayBuffer(4 * (DONE_AT + SEATS));
  readonly #words = new Int32Array(this.#progress);
  readonly #running = new Map<number, Worker>();
  readonly #failures: unknown[] = [];
  #seed = 1;

  start(seat: number, task: Stress['task'] = 'work'): void {
    const stress: Stress = { buffer: this.buffer, seat, seed: this.#seed++, task, progress: this.#progress };
    const worker = new Worker(ENTRY_FILE, { workerData: stress });
    worker.on('error', (error) => this.#failures.push(error));
    this.#running.set(seat, worker);
  }

  /** Waits until a thread has done so much more, or one has failed. */
  async hasDone(seat: number, steps: number): Promise<void> {
    const goal = Atomics.load(this.#words, DONE_AT + seat) + steps;
    while (Atomics.load(this.#words, DONE_AT + seat) < goal && this.#failures.length === 0)
      await setImmediate();
    this.check();
  }

  async kill(seat: number): Promise<void> {
    await this.#running.get(seat)?.terminate();
    this.#running.delete(seat);
    this.desk.forget(seat);
  }

  check(): void {
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, 'a thread failed');
  }

  /** Has all of them end by themselves. */
  async finish(): Promise<void> {
    Atomics.store(this.#words, GOES_ON, 1);
    const ended = Array.from(this.#running.values(), (worker) => once(worker, 'exit'));
    await Promise.all(ended);
    this.check();
    for (let seat = 0; seat < SEATS; seat++) this.desk.forget(seat);
  }

  async end(): Promise<void> {
    for (const worker of this.#running.values()) await worker.terminate();
  }
}

describe('a cache of four threads', () => {
  it('gives out right bytes only and loses no block, though threads are killed at whatever they do', async () => {
    const threads = new Threads();
    try {
      for (let seat = 0; seat < SEATS; seat++) threads.start(seat);
      for (let round = 0; round < 6; round++) {
        const seat = round % 2;
        await threads.hasDone(seat, 200 + 37 * round);
        await threads.kill(seat);
        threads.start(seat);
      }
      for (let seat = 0; seat < SEATS; seat++) await threads.hasDone(seat, 500);
      await threads.finish();
      const { fills, held } = assertConsistent(threads.buffer);
      assert.deepEqual({ fills, held }, { fills: 0, held: 0 });
      assert.ok(threads.desk.readings.insertions > 100);
      assert.ok(threads.desk.readings.evictions > 0);
    } finally {
      await threads.end();
    }
  });

  it('is emptied when a thread dies in the middle of a change, under the feet of the others', async () => {
    const threads = new Threads();
    try {
      for (let seat = 0; seat < SEATS - 1; seat++) threads.start(seat);
      await threads.hasDone(0, 300);
      threads.start(SEATS - 1, 'die');
      await threads.hasDone(SEATS - 1, 1);
      const before = threads.desk.readings.insertions;
      await threads.kill(SEATS - 1);
      for (let seat = 0; seat < SEATS - 1; seat++) await threads.hasDone(seat, 300);
      assert.ok(threads.desk.readings.insertions > before, 'it fills again');
      await threads.finish();
      assert.equal(new Int32Array(threads.buffer)[WORD.REBUILDS], 1);
      const { fills, held } = assertConsistent(threads.buffer);
      assert.deepEqual({ fills, held }, { fills: 0, held: 0 });
    } finally {
      await threads.end();
    }
  });
});
