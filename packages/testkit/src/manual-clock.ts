import type { Clock } from '../../gateway/src/core/ports.ts';

/** A clock that moves when it is told to. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** Sets the wall clock, forward or back, as people and time servers do. */
  step(ms: number): void;
}

/** A clock that stands at `startMs` on both of its scales. */
export function manualClock(startMs = 1_700_000_000_000): ManualClock {
  let nowMs = startMs;
  let steppedMs = 0;
  return {
    now: () => nowMs,
    epoch: () => nowMs + steppedMs,
    advance(ms) {
      nowMs += ms;
    },
    step(ms) {
      steppedMs += ms;
    },
  };
}
