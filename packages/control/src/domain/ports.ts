/** Time, as the control plane sees it. */
export interface Clock {
  /** Milliseconds since 1970. */
  epoch(): number;
  /** Calls once, later; what it gives takes that back. */
  after(ms: number, run: () => void): () => void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  epoch: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** The program's own log. `message` is constant text; what varies is in `fields`. */
export interface Log {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Random numbers from 0 up to 1: only for what spreads load, never for secrets. */
export type Random = () => number;

/** What everything here has from outside. */
export interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
}

/** Resolves after a while, or as soon as nobody wants to wait any more. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const cancel = clock.after(ms, done);
    signal?.addEventListener('abort', done, { once: true });
    function done(): void {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
