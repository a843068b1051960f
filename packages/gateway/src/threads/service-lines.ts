import type { ServiceLimits } from '../admission/service-limits.ts';
import type { BreakerStates } from '../stages/circuit-breaker/breaker-states.ts';
import type { SlotMemory } from '../upstream/balance/slots.ts';

/** All that shared memory has for a service, in lines of the same number: a slot that gets another service forgets all of it. */
export function serviceLines(limits: ServiceLimits, breakers: BreakerStates): SlotMemory {
  return {
    slots: Math.min(limits.slots, breakers.slots),
    inflight: (slot) => limits.inflight(slot),
    reset(slot) {
      limits.reset(slot);
      breakers.reset(slot);
    },
  };
}
