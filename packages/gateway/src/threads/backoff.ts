/**
 * How long to wait before a thread is started anew that has died `deaths` times in a row: 100 ms, and twice as long each
 * time, up to 5 s. So a thread that cannot start does not take the processor from those that serve.
 */
export function restartDelayMs(deaths: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, deaths - 1), LONGEST_DELAY_MS);
}

/** A thread that lived that long did not die of its start: its next death counts as the first. */
export const PROVEN_AFTER_MS = 10_000;

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;
