import type { Clock } from '../core/ports.ts';
import type { Timers } from '../identity/providers/clockwork.ts';

/** What is saved now and then. */
export interface Paced<T> {
  /** Saved soon, unless another one comes before its turn. */
  want(value: T): void;
  /** Saves what still waits; resolves when nothing is under way. */
  close(): Promise<void>;
}

/** A save of 200 ms is followed by four seconds without any. */
const REST = 20;
/** A disk that hung once must not keep what came after it from being saved. */
const LONGEST_REST_MS = 30_000;

/**
 * Saves the newest of what it is given, and rests after each time for many times as long as that took: what is large and changes often
 * costs a twentieth of a core at most, and what is small is saved at once. `save` never rejects.
 */
export function paced<T>(
  save: (value: T) => Promise<void>,
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
): Paced<T> {
  let waiting: { readonly value: T } | null = null;
  let saving: Promise<void> | null = null;
  let rest: (() => void) | null = null;

  async function run(): Promise<void> {
    if (waiting === null) return;
    const { value } = waiting;
    waiting = null;
    const beganAtMs = clock.now();
    await save(value);
    const restMs = Math.min((clock.now() - beganAtMs) * REST, LONGEST_REST_MS);
    rest = timers.after(restMs, () => {
      rest = null;
      begin();
    });
  }

  function begin(): void {
    if (rest !== null || waiting === null) return;
    saving ??= run().finally(() => (saving = null));
  }

  return {
    want(value) {
      waiting = { value };
      begin();
    },
    async close() {
      await saving;
      rest?.();
      await run();
      rest?.();
    },
  };
}
