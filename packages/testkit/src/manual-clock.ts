import type { Clock } from '../../gateway/src/core/ports.ts';

/** A clock that moves when it is told to. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** A clock that stands at `startMs` on both of its scales. */
export function manualClock(startMs = 1_700_000_000_000): ManualClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    epoch: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
  };
}
