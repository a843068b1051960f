/** What circuit breakers do: everything passes, nothing does, or a few that show how the service is. By number in shared memory. */
export const BREAKER_STATES = ['closed', 'open', 'half-open'] as const;

/** State of a circuit breaker. */
export type BreakerState = (typeof BREAKER_STATES)[number];

/** Counts what becomes of a breaker. Of all threads, the one that made a change tells of it. */
export interface BreakerTally {
  changed(state: BreakerState): void;
  refused(): void;
}
