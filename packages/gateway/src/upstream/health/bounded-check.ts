import type { HealthCheckConfig } from '@turnpike/config';
import { problemOf } from './check-problem.ts';
import type { Check, CheckPlace } from './checks.ts';

/** Calls back once, later; gives what calls it off. */
export interface CheckTimers {
  after(ms: number, callBack: () => void): () => void;
}

/** What is asked, and of whom. */
export interface CheckOrder {
  readonly place: CheckPlace;
  readonly config: HealthCheckConfig;
}

/**
 * Runs a check for no longer than its time-out. `done` hears what is wrong, or null, once; never after what it gives was
 * called, which calls the check off.
 */
export function boundedCheck(
  { check, timers }: { readonly check: Check; readonly timers: CheckTimers },
  { place, config }: CheckOrder,
  done: (problem: string | null) => void,
): () => void {
  const giveUp = new AbortController();
  let isOver = false;
  const over = (): void => {
    isOver = true;
    stopTimer();
    giveUp.abort();
  };
  const finish = (problem: string | null): void => {
    if (isOver) return;
    over();
    done(problem);
  };
  const ask = async (): Promise<void> => {
    try {
      finish(await check(place, config, giveUp.signal));
    } catch (error) {
      finish(problemOf(error));
    }
  };
  const stopTimer = timers.after(config.timeoutMs, () => finish(`no answer within ${config.timeoutMs} ms`));
  void ask();
  return over;
}
