import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DrivenTime } from './driven-time.ts';
import { turn } from './fake-services.ts';

/** What moves the clock. */
export interface DrivenPorts {
  readonly time: DrivenTime;
  /** Whether a service takes its time. */
  readonly isHolding: () => boolean;
}

/**
 * Waits for something that may need time. A service that takes its time says so, and then the clock runs; anything else (a pause
 * before a retry, a place in a queue) shows only in that nothing happens, so it is given a moment of real time first. Rejects
 * when nothing has happened for long, or something for hours: then it has no end.
 */
export async function driven<T>(work: Promise<T>, { time, isHolding }: DrivenPorts): Promise<T> {
  const endMs = time.now() + LONGEST_MS;
  const settled = { is: false };
  const done = work.finally(() => (settled.is = true));
  // Whoever awaits it hears of a failure; this copy is only looked at.
  done.catch(() => {});
  let sinceMs = performance.now();
  let quietTurns = 0;
  let quietTicks = 0;
  await turn();
  while (!settled.is) {
    if (time.now() > endMs || quietTicks > MOST_QUIET_TICKS)
      throw new Error('a request has no end: nothing comes of it, however much time passes');
    if (isHolding()) {
      time.tick();
      sinceMs = performance.now();
      quietTurns = quietTicks = 0;
    } else if (++quietTurns > QUIET_TURNS && performance.now() - sinceMs > PATIENCE_MS) {
      await workersHadTheirTurn();
      if (settled.is) break;
      time.tick();
      quietTicks++;
    }
    await turn();
  }
  return done;
}

/**
 * What runs beside the event loop (compressions, hashes of passwords) is in a queue, and something put there now comes after it:
 * on a machine that is busy with other things, time does not run away meanwhile.
 */
async function workersHadTheirTurn(): Promise<void> {
  await Promise.all([pause(1), someBytes(1)]);
}

const someBytes = promisify(randomBytes);

/** So long something may take that does not wait for the clock, such as a compression. */
const PATIENCE_MS = 10;
/** Turns of the event loop without anything: time alone says nothing, because others may have had the processor. */
const QUIET_TURNS = 200;
/** Services may be silent for hours, on the driven clock. */
const LONGEST_MS = 3 * 3_600_000;
/** Five minutes of that clock, and about twenty seconds of ours. */
const MOST_QUIET_TICKS = 15_000;
