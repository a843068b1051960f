import { ServiceLimits } from '../admission/service-limits.ts';
import { BreakerStates } from '../stages/circuit-breaker/breaker-states.ts';
import type { SnapshotData } from '../threads/protocol.ts';
import { serviceLines } from '../threads/service-lines.ts';
import { allocateMemory, type MemorySizes, type SharedMemory } from '../threads/shared-memory.ts';
import { EndpointStates, SUPERVISOR } from '../upstream/balance/endpoint-states.ts';
import { Slots } from '../upstream/balance/slots.ts';
import type { SnapshotSlots } from '../snapshot.ts';

/** Keys that a test uses at once. */
const KEYS = 1024;

/** Where a supervisor would keep which slot is whose. */
export function slotsOf(memory: SharedMemory): SnapshotSlots {
  return {
    endpoints: new Slots(new EndpointStates(memory.endpointStates, SUPERVISOR), 0),
    services: new Slots(linesOf(memory), 0, 'services'),
  };
}

/** Memory for one gateway with so many services and endpoints, which remembers nothing. */
export function newMemory(services: number, endpoints: number): SharedMemory {
  const sizes: MemorySizes = {
    seats: 1,
    endpoints: Math.max(1, endpoints),
    services: Math.max(1, services),
    replays: KEYS,
    counters: KEYS,
    leases: 1,
    keyCounts: KEYS,
    connectionCounts: 1,
    classes: KEYS,
  };
  return allocateMemory(sizes);
}

/** The same for a snapshot whose slots were given before. */
export function memoryFor({ services }: SnapshotData, nowMs: number): SharedMemory {
  const members = services.flatMap((service) => service.members ?? []);
  const memory = newMemory(services.length, members.length);
  const states = new EndpointStates(memory.endpointStates, SUPERVISOR);
  const lines = linesOf(memory);
  for (const { slot } of members) states.reset(slot, nowMs);
  for (const { limitSlot } of services) lines.reset(limitSlot, nowMs);
  return memory;
}

function linesOf({ serviceLimits, breakers }: SharedMemory) {
  return serviceLines(new ServiceLimits(serviceLimits, SUPERVISOR), new BreakerStates(breakers));
}
