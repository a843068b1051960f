import type { CircuitBreakerConfig } from '@turnpike/config';
import { random } from '../../core/random.ts';
import { BreakerStates, type BreakerView } from './breaker-states.ts';
import { Breaker, REFUSED, type Verdict } from './breaker.ts';

/** For tests: what an operator might write. */
export const BREAKER: CircuitBreakerConfig = {
  failureRate: 50,
  minimumRequests: 20,
  windowMs: 10_000,
  openForMs: 5000,
  maxOpenMs: 60_000,
};

/** For tests: a breaker in the memory of one service, and a clock that is moved by hand. */
export interface BreakerRig {
  readonly breaker: Breaker;
  /** What it told its thread. */
  readonly told: string[];
  readonly clock: { ms: number };
  view(): BreakerView;
  /** Another thread's, over the same memory. */
  another(): Breaker;
  /** So many exchanges, one after the other; gives how many were refused. */
  pass(count: number, verdict: Verdict): number;
  /** Lets the time pass for which it is open. */
  waitUntilProbed(): void;
}

/** For tests. */
export function breakerRig(config: Partial<CircuitBreakerConfig> = {}, seed = 1): BreakerRig {
  const states = new BreakerStates(BreakerStates.allocate(1));
  const clock = { ms: 1_700_000_000_000 };
  const told: string[] = [];
  const make = (): Breaker =>
    new Breaker({ ...BREAKER, ...config }, states.line(0), {
      nowMs: () => clock.ms,
      random: random(seed),
      tally: { changed: (state) => told.push(state), refused: () => told.push('refused') },
    });
  const breaker = make();
  return {
    breaker,
    told,
    clock,
    view: () => states.view(0),
    another: make,
    pass(count, verdict) {
      let refused = 0;
      for (let i = 0; i < count; i++) {
        const ticket = breaker.enter();
        if (ticket === REFUSED) refused++;
        else breaker.leave(ticket, verdict);
      }
      return refused;
    },
    waitUntilProbed() {
      clock.ms = Math.ceil(states.view(0).openUntilMs);
    },
  };
}
