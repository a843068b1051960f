import type { Clock } from '../../core/ports.ts';
import type { Random } from '../../core/random.ts';

/** Calls back once, later. */
export interface Timers {
  /** Gives what calls it off. May call back early when `ms` is more than three weeks. */
  after(ms: number, callBack: () => void): () => void;
}

/** Time and chance, as the chores of the supervisor see them. */
export interface Clockwork {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

/** The timers of the machine; they keep no process alive. */
export const systemTimers: Timers = {
  after(ms, callBack) {
    const timer = setTimeout(callBack, Math.min(ms, LONGEST_MS)).unref();
    return () => clearTimeout(timer);
  },
};

/** `setTimeout` takes no more, and would fire at once. */
const LONGEST_MS = 21 * 24 * 3_600_000;
