import type { Quota } from '../../core/counters.ts';
import type { StateWord } from './state-word.ts';

/** A bucket at a moment, read from its word and written back to it. One object a thread and algorithm, used again and again. */
export interface Bucket {
  /** Units that there can be at most. */
  readonly capacity: number;
  /** Units that are used now; more than the capacity is debt. */
  readonly used: number;
  /** Until when any of that is used, on the clock of `read`. */
  readonly endMs: number;
  read(state: StateWord, quota: Quota, nowMs: number): void;
  /** A bucket of which as much is used as lasts for `ms`, but one unit at most is left. */
  readBusy(ms: number, quota: Quota, nowMs: number): void;
  /** Uses units, or gives them back: never below nothing, and never deeper into debt than one window. */
  add(units: number): void;
  /** Until not more than so many units are used. */
  msUntilUsed(units: number): number;
  write(state: StateWord): void;
}
