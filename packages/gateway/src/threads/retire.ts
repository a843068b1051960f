import { setTimeout as delay } from 'node:timers/promises';
import type { RunningThread } from './running-thread.ts';

/** How much time threads get to go. */
export interface Farewell {
  /** For clients and balancers to notice: connections end with their replies, but all are still served. */
  readonly preStopMs: number;
  /** After that, to finish what is under way. */
  readonly drainMs: number;
}

/**
 * Has threads go without cutting anything, if time allows; gives how many had to be ended with something under way.
 *
 * A thread that is still starting serves nobody and is ended at once.
 */
export async function retire(threads: readonly RunningThread[], farewell: Farewell): Promise<number> {
  const serving = threads.filter((thread) => {
    if (thread.state === 'starting') thread.terminate('it is not needed any more');
    return thread.state === 'ready' || thread.state === 'draining';
  });
  for (const thread of serving) thread.drain();
  if (serving.length > 0 && farewell.preStopMs > 0) await delay(farewell.preStopMs);

  const timeIsUp = setTimeout(() => {
    for (const thread of serving) thread.terminate('it did not finish in time');
  }, farewell.drainMs);
  const areDrained = await Promise.all(serving.map((thread) => thread.close(farewell.drainMs)));
  clearTimeout(timeIsUp);

  for (const thread of serving) thread.terminate('it is done');
  await Promise.all(threads.map(({ exited }) => exited));
  return areDrained.filter((isDrained) => !isDrained).length;
}
