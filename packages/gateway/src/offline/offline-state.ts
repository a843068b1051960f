import { Baselines } from '../admission/baselines.ts';
import { Gates } from '../admission/gates.ts';
import { KeyCounts } from '../admission/key-counts.ts';
import { ServiceLimits } from '../admission/service-limits.ts';
import { OpenStreams } from '../core/open-streams.ts';
import type { Log } from '../core/ports.ts';
import { random } from '../core/random.ts';
import { Gateway, type GatewayPorts } from '../gateway.ts';
import { breakerCounter } from '../observe/breaker-counter.ts';
import type { ThreadMetrics } from '../observe/metrics.ts';
import { Tracer } from '../observe/traces/tracer.ts';
import type { Access } from '../pipeline.ts';
import { BreakerStates } from '../stages/circuit-breaker/breaker-states.ts';
import { breakersOf } from '../stages/circuit-breaker/breakers.ts';
import { Copies } from '../stages/mirror/copies.ts';
import { LocalCounters } from '../stores/local/local-counters.ts';
import { CacheArea } from '../stores/cache/area.ts';
import type { SnapshotData } from '../threads/protocol.ts';
import type { SharedMemory } from '../threads/shared-memory.ts';
import { ThreadCaches } from '../threads/thread-caches.ts';
import { EndpointStates } from '../upstream/balance/endpoint-states.ts';
import { ServiceTallies } from '../upstream/resilience/service-tallies.ts';
import { Services } from '../upstream/services.ts';
import type { DrivenTime } from './driven-time.ts';
import type { FakeServices } from './fake-services.ts';

/** What a gateway without threads is put together from. */
export interface OfflineParts {
  readonly snapshot: SnapshotData;
  readonly time: DrivenTime;
  readonly shared: SharedMemory;
  readonly metrics: ThreadMetrics;
  readonly services: FakeServices;
  readonly log: Log;
  readonly seed: number;
  readonly access: Omit<
    Access,
    | 'counters'
    | 'keyCounts'
    | 'gates'
    | 'protection'
    | 'breakerOf'
    | 'copies'
    | 'stickyKey'
    | 'cacheOf'
    | 'sharing'
  >;
  readonly debugOf: GatewayPorts['debugOf'];
  readonly stickyKey: Uint8Array;
}

/**
 * A gateway that remembers nothing: as `DataPlane` puts it together for a thread, but with one seat, with services that are
 * functions, and without what protects a busy thread from itself.
 */
export function newGateway(parts: OfflineParts): Gateway {
  const { snapshot, time, shared, metrics, log, stickyKey } = parts;
  const { wheel } = time;
  const rolls = random(parts.seed);
  const streams = new OpenStreams(rolls);
  const upstream = {
    wheel,
    random: rolls,
    states: new EndpointStates(shared.endpointStates, 0),
    zone: snapshot.zone,
    stickyKey: () => stickyKey,
    panicked: () => {},
    unreachable: () => {},
    lastCallAtMs: () => streams.lastCallAtMs,
    tallies: new ServiceTallies(shared.serviceTallies, 0),
    connect: parts.services.connect,
    connectShared: parts.services.connectShared,
  };
  const ports: GatewayPorts = {
    ...upstream,
    services: new Services(upstream, () => null),
    streams,
    encodedBodies: { open: 0 },
    access: () => accessOf(parts, rolls),
    debugOf: parts.debugOf,
    tracerOf: ({ traces }) =>
      traces === null ? null : new Tracer(traces, { clock: time, random: rolls, outbox: { add: () => {} } }),
    clock: time,
    log,
  };
  return new Gateway(snapshot, ports, metrics);
}

function accessOf(parts: OfflineParts, rolls: GatewayPorts['random']): Access {
  const { snapshot, time, shared, metrics } = parts;
  const { wheel } = time;
  const keyCounts = new KeyCounts(shared.keyCounts, 0);
  const gates = new Gates({
    limits: new ServiceLimits(shared.serviceLimits, 0),
    baselines: new Baselines(shared.baselines),
    counts: keyCounts,
    clock: time,
    wheel,
    ownDelayMs: () => 0,
  });
  gates.apply(snapshot.services);
  const breakers = {
    states: new BreakerStates(shared.breakers),
    nowMs: () => wheel.nowMs,
    random: rolls,
    tally: (service: string) => breakerCounter(metrics, service),
  };
  return {
    ...parts.access,
    counters: { local: new LocalCounters(shared.counters, time), redis: null },
    keyCounts,
    gates,
    protection: null,
    breakerOf: breakersOf(snapshot.services, breakers),
    copies: new Copies(),
    stickyKey: parts.stickyKey,
    cacheOf: new ThreadCaches(0, { clock: time, wheel }).use(cachesOf(snapshot)),
    sharing: null,
  };
}

/** Of the same names, and empty. */
function cachesOf({ caches }: SnapshotData): SnapshotData['caches'] {
  return new Map(Array.from(caches, ([name, { byteLength }]) => [name, CacheArea.allocate(byteLength, 1)]));
}
