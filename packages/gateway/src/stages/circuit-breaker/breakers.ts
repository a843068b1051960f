import type { ServiceConfig } from '@turnpike/config';
import type { BreakerTally } from '../../core/breaker-state.ts';
import type { Random } from '../../core/random.ts';
import type { BreakerStates } from './breaker-states.ts';
import { Breaker } from './breaker.ts';

/** A service of a snapshot, with its line in the {@link BreakerStates}. */
export interface BreakableService extends Pick<ServiceConfig, 'id' | 'circuitBreaker'> {
  readonly limitSlot: number;
}

/** What the breakers need of their thread. */
export interface BreakersPorts {
  readonly states: BreakerStates;
  readonly nowMs: () => number;
  readonly random: Random;
  readonly tally: (service: string) => BreakerTally;
}

/** Gives the breaker of a service, or null where it has none. */
export type BreakerOf = (service: string) => Breaker | null;

/** The breakers of a snapshot. What they know is in shared memory, and outlives them. */
export function breakersOf(services: readonly BreakableService[], ports: BreakersPorts): BreakerOf {
  const { states, nowMs, random, tally } = ports;
  const breakers = new Map<string, Breaker>();
  for (const { id, circuitBreaker, limitSlot } of services) {
    if (circuitBreaker === null) continue;
    breakers.set(
      id,
      new Breaker(circuitBreaker, states.line(limitSlot), { nowMs, random, tally: tally(id) }),
    );
  }
  return (service) => breakers.get(service) ?? null;
}
