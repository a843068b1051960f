import { Baselines } from '../admission/baselines.ts';
import { KeyCounts } from '../admission/key-counts.ts';
import { ServiceLimits } from '../admission/service-limits.ts';
import { StrainBoard } from '../admission/strain-board.ts';
import { ReplayMemory } from '../core/replay-memory.ts';
import { BreakerStates } from '../stages/circuit-breaker/breaker-states.ts';
import { LocalCounters } from '../stores/local/local-counters.ts';
import { RedisLeases } from '../stores/redis/redis-leases.ts';
import { EndpointStates } from '../upstream/balance/endpoint-states.ts';
import { ServiceTallies } from '../upstream/resilience/service-tallies.ts';

/** What all data threads of a process write to and read at once. It outlives each of them. */
export interface SharedMemory {
  /** `EndpointStates.allocate`. */
  readonly endpointStates: SharedArrayBuffer;
  /** `ReplayMemory.allocate`: what may be used once. */
  readonly replays: SharedArrayBuffer;
  /** `LocalCounters.allocate`: buckets of limits. */
  readonly counters: SharedArrayBuffer;
  /** `RedisLeases.allocate`: units that were fetched from Redis. */
  readonly leases: SharedArrayBuffer;
  /** `KeyCounts.allocate`: what each key has under way. */
  readonly keyCounts: SharedArrayBuffer;
  /** `KeyCounts.allocate`: connections of clients. */
  readonly connectionCounts: SharedArrayBuffer;
  /** `ServiceLimits.allocate`: how much services have to do. */
  readonly serviceLimits: SharedArrayBuffer;
  /** `BreakerStates.allocate`: which services are not asked. */
  readonly breakers: SharedArrayBuffer;
  /** `Baselines.allocate`: how long requests take when nothing waits. */
  readonly baselines: SharedArrayBuffer;
  /** `StrainBoard.allocate`: how strained threads are. */
  readonly strains: SharedArrayBuffer;
  /** `ServiceTallies.allocate`: requests and retries of the last seconds. */
  readonly serviceTallies: SharedArrayBuffer;
}

/** How much of it there is. What is not touched costs nothing. */
export interface MemorySizes {
  /** Numbers of threads that there may be. */
  readonly seats: number;
  readonly endpoints: number;
  /** Proofs that may be used once and are good for some minutes (RFC 9449 §11.1). */
  readonly replays: number;
  /** Keys of limits that are in use at once, in this process and in Redis. */
  readonly counters: number;
  readonly leases: number;
  /** Places for keys that have something under way. */
  readonly keyCounts: number;
  /** Places for clients that have connections. */
  readonly connectionCounts: number;
  /** Services, and routes that lead to them. */
  readonly services: number;
  readonly classes: number;
}

/** For a gateway; tests have their own sizes. */
export const MEMORY_SIZES: Omit<MemorySizes, 'seats'> = {
  endpoints: 32_768,
  replays: 2 ** 20,
  counters: 2 ** 20,
  leases: 2 ** 16,
  keyCounts: 2 ** 16,
  connectionCounts: 2 ** 18,
  services: 16_384,
  classes: 4096,
};

export function allocateMemory({ seats, endpoints, ...sizes }: MemorySizes): SharedMemory {
  return {
    endpointStates: EndpointStates.allocate(endpoints, seats),
    replays: ReplayMemory.allocate(sizes.replays),
    counters: LocalCounters.allocate(sizes.counters),
    leases: RedisLeases.allocate(sizes.leases),
    keyCounts: KeyCounts.allocate(sizes.keyCounts, seats),
    connectionCounts: KeyCounts.allocate(sizes.connectionCounts, seats),
    serviceLimits: ServiceLimits.allocate(sizes.services, seats),
    breakers: BreakerStates.allocate(sizes.services),
    baselines: Baselines.allocate(sizes.classes),
    strains: StrainBoard.allocate(seats),
    serviceTallies: ServiceTallies.allocate(sizes.services, seats),
  };
}
