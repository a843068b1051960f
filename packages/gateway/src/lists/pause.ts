import { setTimeout } from 'node:timers/promises';
import type { Random } from '../core/random.ts';
import type { Wait } from './list-ports.ts';

/**
 * How long to wait before a list is asked for again. When all is well that is `refreshMs`, give or take a tenth, so that
 * gateways that were started together do not ask together. After `failures` in a row it is about 1 s, twice as long each time,
 * up to five minutes and never longer than `refreshMs`.
 */
export function pauseMs(refreshMs: number, failures: number, random: Random): number {
  if (failures === 0) return refreshMs * (0.9 + 0.2 * random.unit());
  const longest = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS, refreshMs);
  return longest * (0.5 + 0.5 * random.unit());
}

/** Waits by the timers of the machine; keeps no process alive. */
export const systemWait: Wait = async (ms, signal) => {
  try {
    await setTimeout(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal, ref: false });
  } catch {
    // Called off, which is for the caller to see in the signal.
  }
};

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 300_000;
/** `setTimeout` takes no more, and would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
