import { BREAKER_STATES, type BreakerState } from '../core/breaker-state.ts';
import type { Clock } from '../core/ports.ts';
import type { Reading } from '../observe/series-book.ts';
import type { BreakerStates } from '../stages/circuit-breaker/breaker-states.ts';
import type { BreakableService } from '../stages/circuit-breaker/breakers.ts';
import type { BreakerChange, BreakerHistory } from './breaker-history.ts';

/** The circuit breaker of a service, for people. */
export interface BreakerReport {
  readonly service: string;
  readonly breaker: {
    readonly state: BreakerState;
    /** While it is open: how long until a few requests are let through. */
    readonly openForMs: number;
    readonly refused: number;
    /** The newest first. */
    readonly history: readonly BreakerChange[];
  };
}

/** What is known of breakers. */
export interface BreakerSources {
  readonly states: BreakerStates;
  readonly history: BreakerHistory;
  readonly clock: Clock;
}

/** The breakers of those services that have one, from shared memory. */
export function breakerReport(
  services: readonly BreakableService[],
  { states, history, clock }: BreakerSources,
): BreakerReport[] {
  history.look();
  return services
    .filter(({ circuitBreaker }) => circuitBreaker !== null)
    .map(({ id, limitSlot }) => {
      const { state, openUntilMs, refused } = states.view(limitSlot);
      const openForMs = state === 'open' ? Math.max(0, Math.round(openUntilMs - clock.now())) : 0;
      return { service: id, breaker: { state, openForMs, refused, history: history.of(id) } };
    });
}

/** The same as metrics. */
export function breakerReadings(reports: readonly BreakerReport[]): Reading[] {
  return reports.map(({ service, breaker }) => ({
    name: 'turnpike_breaker_state',
    labels: { service },
    values: BREAKER_STATES.map((state) => (state === breaker.state ? 1 : 0)),
  }));
}
