// What the tests of this folder share: the real memory, and a service whose endpoints have the slots 0, 1, 2, …
import type { OutlierDetectionConfig } from '@turnpike/config';
import { random } from '../../core/random.ts';
import { EndpointStates } from '../balance/endpoint-states.ts';
import { outlierWatch, type OutlierWatch } from './outlier-watch.ts';

export const NOW = 1_700_000_000_000;

/** The defaults. */
export const RULES: OutlierDetectionConfig = {
  consecutiveFailures: 5,
  intervalMs: 10_000,
  ejectMs: 30_000,
  maxEjectMs: 300_000,
  maxEjectedPercent: 30,
};

/** Endpoints with the slots 0, 1, 2, … */
export function membersOf(count: number) {
  return Array.from({ length: count }, (_, slot) => ({ slot, weight: 1, isDraining: false }));
}

/** A service as one thread watches it, on a clock that is moved by hand. */
export interface Watched {
  readonly states: EndpointStates;
  readonly clock: { nowMs: number };
  readonly watch: OutlierWatch;
  /** So many requests to that endpoint that fail, or succeed. */
  readonly fail: (slot: number, times?: number) => void;
  readonly succeed: (slot: number, times?: number) => void;
  readonly ejected: () => number[];
}

/** `count` endpoints under the default rules, or other ones. */
export function watched(count: number, rules: Partial<OutlierDetectionConfig> = {}): Watched {
  const states = new EndpointStates(EndpointStates.allocate(count, 1), 0);
  const clock = { nowMs: NOW };
  const plan = { rules: { ...RULES, ...rules }, probeMs: 31_000, members: membersOf(count) };
  const watch = outlierWatch(plan, { memory: states, random: random(1), wheel: clock });
  return {
    states,
    clock,
    watch,
    fail(slot, times = 1) {
      for (let i = 0; i < times; i++) watch.failed(slot, watch.began(slot), 'reset');
    },
    succeed(slot, times = 1) {
      for (let i = 0; i < times; i++) watch.succeeded(slot, watch.began(slot));
    },
    ejected: () => plan.members.map(({ slot }) => slot).filter((slot) => states.ejections.isEjected(slot)),
  };
}

/** Timers on a clock that is moved by hand. */
export function manualTimers(clock: { nowMs: number }) {
  const pending = new Set<{ readonly dueMs: number; readonly callBack: () => void }>();
  return {
    get count() {
      return pending.size;
    },
    after(ms: number, callBack: () => void) {
      const timer = { dueMs: clock.nowMs + ms, callBack };
      pending.add(timer);
      return () => void pending.delete(timer);
    },
    /** Lets time go by: what is due is called at its own time, and whatever waits for a promise comes in between. */
    async advance(ms: number) {
      const endMs = clock.nowMs + ms;
      for (;;) {
        const [next] = [...pending].toSorted((one, other) => one.dueMs - other.dueMs);
        if (next === undefined || next.dueMs > endMs) break;
        pending.delete(next);
        clock.nowMs = Math.max(clock.nowMs, next.dueMs);
        next.callBack();
        await new Promise((resolve) => setImmediate(resolve));
      }
      clock.nowMs = endMs;
    },
  };
}
