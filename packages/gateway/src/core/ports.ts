// Not the global, which is looked up at every use.
import { performance } from 'node:perf_hooks';

/** Time, as everything inside sees it. */
export interface Clock {
  /** Monotonic milliseconds with fractions, comparable between the threads of this process. */
  now(): number;
  /** Milliseconds since 1970 on the wall clock. */
  epoch(): number;
}

const ORIGIN_MS = performance.timeOrigin;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => ORIGIN_MS + performance.now(),
  epoch: () => Date.now(),
};

/** The program's own log (never the access log). `message` is constant text; what varies is in `fields`. */
export interface Log {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}
