/** The thread of the constant-rate client that keeps the time: it sleeps to the microsecond and writes to the sockets itself. */
import { writeSync } from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';

/** What the two threads share. */
export interface Pacing {
  readonly descriptors: readonly number[];
  readonly head: string;
  readonly ratePerSecond: number;
  readonly total: number;
  /** 1 while a request is under way on the connection. */
  readonly busy: Int32Array<SharedArrayBuffer>;
  /** When the request that is under way should have been sent. */
  readonly dueMs: Float64Array<SharedArrayBuffer>;
}

/** The time by a clock that all threads share. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const never = new Int32Array(new SharedArrayBuffer(4));
const patienceMs = 5000;

if (!isMainThread) run(workerData as Pacing);

function run({ descriptors, head, ratePerSecond, total, busy, dueMs }: Pacing): void {
  const intervalMs = 1000 / ratePerSecond;
  const startMs = nowMs() + 20;
  const endMs = startMs + total * intervalMs + patienceMs;
  let connection = 0;

  for (let count = 0; count < total; count += 1) {
    const due = startMs + count * intervalMs;
    sleepUntil(due);
    connection = freeAfter(connection, busy, endMs);
    if (connection < 0) return;
    dueMs[connection] = due;
    Atomics.store(busy, connection, 1);
    try {
      writeSync(descriptors[connection] ?? -1, head);
    } catch {
      // The gateway has closed the connection. It stays busy, and the reader counts it.
    }
  }
}

function sleepUntil(timeMs: number): void {
  const waitMs = timeMs - nowMs();
  if (waitMs > 0) Atomics.wait(never, 0, 0, waitMs);
}

/** The next connection without a request under way; waits for one, and gives -1 when none comes free in time. */
function freeAfter(last: number, busy: Int32Array<SharedArrayBuffer>, endMs: number): number {
  while (nowMs() < endMs) {
    for (let step = 1; step <= busy.length; step += 1) {
      const candidate = (last + step) % busy.length;
      if (Atomics.load(busy, candidate) === 0) return candidate;
    }
    Atomics.wait(never, 0, 0, 0.1);
  }
  return -1;
}
