import type { Clock } from '../../core/ports.ts';
import type { SourcePorts } from './endpoint-source.ts';

/** Calls back at a moment that may still change. */
export interface Alarm {
  /** From now on it rings at this moment, once, and no other. */
  set(atMs: number): void;
  /** It does not ring, until it is set again. */
  clear(): void;
}

/** Makes an alarm over pauses; moments are those of `clock.now()`. */
export function alarm(
  { clock, pause }: { readonly clock: Clock; readonly pause: SourcePorts['pause'] },
  ring: () => void,
): Alarm {
  let stop: AbortController | null = null;
  let atMs = Number.NaN;

  const clear = (): void => {
    stop?.abort();
    stop = null;
    atMs = Number.NaN;
  };
  const wait = async (ms: number, mine: AbortController): Promise<void> => {
    try {
      await pause(ms, mine.signal);
    } catch {
      return; // called off
    }
    if (stop !== mine) return;
    clear();
    ring();
  };
  const set = (moment: number): void => {
    if (moment === atMs) return;
    clear();
    atMs = moment;
    stop = new AbortController();
    // It cannot reject: what rings catches for itself.
    void wait(Math.max(0, moment - clock.now()), stop);
  };
  return { set, clear };
}
