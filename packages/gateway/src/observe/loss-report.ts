import type { Clock, Log } from '../core/ports.ts';

/** Tells of lines of an access log that were lost, and why; `''`: the destination is only too slow. */
export type TellLoss = (lines: number, problem: string) => void;

/** Tells of the first at once and of more every ten seconds, with their sum: a disk that is full for hours must not fill this log too. */
export function lossReport(log: Log, clock: Clock): TellLoss {
  let [untold, toldAtMs] = [0, Number.NEGATIVE_INFINITY];
  return (lines, problem) => {
    untold += lines;
    if (clock.now() - toldAtMs < PAUSE_MS) return;
    toldAtMs = clock.now();
    const why = problem === '' ? 'is too slow' : `fails with ${problem}`;
    log.warn(`access log lines were dropped: the destination ${why}`, { lines: untold });
    untold = 0;
  };
}

const PAUSE_MS = 10_000;
