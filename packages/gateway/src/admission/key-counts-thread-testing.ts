// A data thread for key-counts-threads.test.ts: enters and leaves as it is told, and says when it is done.
import { parentPort, workerData } from 'node:worker_threads';
import { KeyCounts } from './key-counts.ts';

/** What the thread is to do with keys 0 to 3. */
export interface Orders {
  readonly buffer: SharedArrayBuffer;
  readonly thread: number;
  readonly limit: number;
  /** Enter so often, and leave. */
  readonly rounds: number;
  /** For each key how many are inside now, and the most that ever were. */
  readonly seen: SharedArrayBuffer;
  /** Exit then, or go on until it is terminated. */
  readonly finale: 'exit' | 'spin';
}

const { buffer, thread, limit, rounds, seen, finale }: Orders = workerData;
const counts = new KeyCounts(buffer, thread);
const inside = new Int32Array(seen, 0, 4);
const most = new Int32Array(seen, 16, 4);
const scope = counts.scope('test');

for (let round = 0; round < rounds; round++) visit(round & 3);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is not a window
parentPort?.postMessage('done');
// oxlint-disable-next-line no-unmodified-loop-condition -- until it is terminated
for (let round = 0; finale === 'spin'; round++) visit(round & 3);

function visit(key: number): void {
  const place = counts.enter(scope, `key ${key}`, limit);
  if (typeof place === 'string') return;
  const now = Atomics.add(inside, key, 1) + 1;
  if (now > (most[key] ?? 0)) Atomics.store(most, key, now);
  Atomics.sub(inside, key, 1);
  counts.leave(place);
}
