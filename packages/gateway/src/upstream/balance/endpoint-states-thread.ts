// A data thread for endpoint-states-threads.test.ts: sends as it is told and says when it is done.
import { parentPort, workerData } from 'node:worker_threads';

import { EndpointStates } from './endpoint-states.ts';

/** What the thread is to do at slots 0 to 3, in turn. */
export interface Orders {
  readonly buffer: SharedArrayBuffer;
  readonly thread: number;
  /** Begin and end so often. */
  readonly rounds: number;
  /** Begin so many without an end. */
  readonly left: number;
  /** What to do then: exit, wait to be terminated, or go on beginning and ending until then. */
  readonly finale: 'exit' | 'wait' | 'spin';
}

const { buffer, thread, rounds, left, finale }: Orders = workerData;
const states = new EndpointStates(buffer, thread);

for (let i = 0; i < rounds; i++) exchange(i);
for (let i = 0; i < left; i++) states.begin(i & 3);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is not a window
parentPort?.postMessage('done');
if (finale === 'wait') parentPort?.on('message', () => {});
if (finale === 'spin') for (let i = 0; ; i++) exchange(i);

function exchange(i: number): void {
  states.begin(i & 3);
  states.sample(i & 3, { startedAtMs: i, crowd: 1 }, 1 + i, 0);
  states.end(i & 3);
}
