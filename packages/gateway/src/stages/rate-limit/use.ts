import type { Charge, Counters, Taken } from '../../core/counters.ts';
import type { Limit } from './limit.ts';
import type { NamedQuota } from './quota.ts';

/** What a limit charges an exchange, and what came of it: the one object of both on their way through the stage. */
export interface Use extends Charge {
  readonly limit: Limit;
  readonly quota: NamedQuota;
  /** Where it is counted. */
  readonly counters: Counters;
  /** {@link NOT_TAKEN} until it was asked for. */
  taken: Taken;
}

/** Nobody has asked. */
export const NOT_TAKEN: Taken = Object.freeze({
  isAllowed: false,
  remaining: 0,
  resetMs: 0,
  retryAfterMs: 0,
});

/** Whether all of it was taken. */
export function areTaken(uses: readonly Use[]): boolean {
  for (const { taken } of uses) if (!taken.isAllowed) return false;
  return true;
}

/** Notes what came of each use. */
export function note(uses: readonly Use[], taken: readonly Taken[]): void {
  for (let i = 0; i < uses.length; i++) {
    const use = uses[i];
    if (use !== undefined) use.taken = taken[i] ?? NOT_TAKEN;
  }
}
