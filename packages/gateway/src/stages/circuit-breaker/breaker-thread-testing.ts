// A data thread for breaker-threads.test.ts: passes the breaker as it is told, and says what it saw.
import { parentPort, workerData } from 'node:worker_threads';
import { random } from '../../core/random.ts';
import { BREAKER } from './breaker-testing.ts';
import { BreakerStates } from './breaker-states.ts';
import { Breaker, REFUSED, type Verdict } from './breaker.ts';

/** What the thread is to do. */
export interface Orders {
  readonly states: SharedArrayBuffer;
  readonly nowMs: number;
  readonly rounds: number;
  readonly verdict: Verdict;
  /** Enter and never come back. */
  readonly isLost: boolean;
}

/** What the thread saw. */
export interface Seen {
  readonly passed: number;
  readonly changes: readonly string[];
}

const { states, nowMs, rounds, verdict, isLost }: Orders = workerData;
const changes: string[] = [];
const breaker = new Breaker(BREAKER, new BreakerStates(states).line(0), {
  nowMs: () => nowMs,
  random: random(1),
  tally: { changed: (state) => changes.push(state), refused: () => {} },
});
let passed = 0;
for (let i = 0; i < rounds; i++) {
  const ticket = breaker.enter();
  if (ticket === REFUSED) continue;
  passed++;
  if (!isLost) breaker.leave(ticket, verdict);
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is not a window
parentPort?.postMessage({ passed, changes } satisfies Seen);
