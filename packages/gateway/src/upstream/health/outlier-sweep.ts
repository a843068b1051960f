import type { OutlierDetectionConfig } from '@turnpike/config';
import { ejector, type Ejector, type EjectorPorts } from './ejector.ts';
import type { EjectableEndpoint, EndpointCounts } from './health-memory.ts';
import { outliersOf, type EndpointInterval } from './outlier-statistics.ts';

/** A service and its endpoints as they are now. */
export interface SweptService {
  readonly id: string;
  readonly outliers: OutlierDetectionConfig | null;
  readonly members: readonly EjectableEndpoint[];
}

/** A service that is looked at in intervals. */
interface Sweeping {
  readonly service: SweptService;
  readonly rules: OutlierDetectionConfig;
  readonly ejector: Ejector;
  /** When it was looked at last. */
  readonly sweptAtMs: number;
  /** What the endpoints had done then, by slot. */
  readonly before: ReadonlyMap<number, EndpointCounts>;
}

/**
 * Looks at what endpoints did in each interval, once a process, and ejects those that failed too much, though not so many
 * times in a row. Also what comes with time: an endpoint that was healthy for an interval is ejected for one step less the
 * next time, and one that nobody tried for very long is readmitted, so that it does not stand in the way of others.
 */
export class OutlierSweep {
  readonly #ports: EjectorPorts;
  #sweeping = new Map<string, Sweeping>();

  constructor(ports: EjectorPorts) {
    this.#ports = ports;
  }

  /** Takes all services as they are now; where detection is off nobody stays ejected. */
  use(services: readonly SweptService[], nowMs: number): void {
    const before = this.#sweeping;
    this.#sweeping = new Map();
    for (const service of services) {
      const { id, outliers, members } = service;
      if (outliers === null) this.#readmitAll(members, nowMs);
      else this.#sweeping.set(id, this.#begin(service, outliers, before.get(id), nowMs));
    }
  }

  /** Sweeps the services whose interval is over. To be called about every second. */
  look(nowMs: number): void {
    for (const [id, sweeping] of this.#sweeping) {
      const { rules, sweptAtMs } = sweeping;
      // A clock that went back begins a new interval.
      if (nowMs >= sweptAtMs && nowMs - sweptAtMs < rules.intervalMs) continue;
      this.#sweep(sweeping, nowMs);
      this.#sweeping.set(id, { ...sweeping, sweptAtMs: nowMs, before: this.#countsOf(sweeping.service) });
    }
  }

  #begin(
    service: SweptService,
    rules: OutlierDetectionConfig,
    known: Sweeping | undefined,
    nowMs: number,
  ): Sweeping {
    // Who is new begins with what its slot says now; who stays, with what it had done at the last look.
    const counts = service.members.map(
      ({ slot }) => [slot, known?.before.get(slot) ?? this.#ports.memory.view(slot)] as const,
    );
    return {
      service,
      rules,
      ejector: ejector(rules, service.members, this.#ports),
      sweptAtMs: known?.sweptAtMs ?? nowMs,
      before: new Map(counts),
    };
  }

  #sweep({ service, rules, ejector: { eject }, before }: Sweeping, nowMs: number): void {
    const { memory } = this.#ports;
    const intervals: EndpointInterval[] = [];
    for (const { slot } of service.members) {
      const now = memory.view(slot);
      const then = before.get(slot);
      if (now.ejection.isEjected) this.#lookAfter(slot, rules, nowMs);
      // What came before an ejection in this interval has been paid for.
      if (then === undefined || now.ejection.isEjected) continue;
      if (now.ejection.generation !== then.ejection.generation || isAnother(then, now)) continue;
      intervals.push(intervalOf(slot, then, now));
    }
    const outliers = outliersOf(intervals);
    for (const { slot, reason } of outliers) eject(slot, nowMs, reason);
    const sick = new Set(outliers.map(({ slot }) => slot));
    for (const { slot } of intervals) if (!sick.has(slot)) memory.ejections.forgive(slot);
  }

  #lookAfter(slot: number, { maxEjectMs }: OutlierDetectionConfig, nowMs: number): void {
    const { memory } = this.#ports;
    const { ejectedUntilMs } = memory.view(slot).ejection;
    if (ejectedUntilMs > nowMs + maxEjectMs) memory.ejections.endBefore(slot, nowMs + maxEjectMs);
    if (ejectedUntilMs < nowMs - maxEjectMs) memory.readmit(slot, nowMs);
  }

  #readmitAll(members: readonly EjectableEndpoint[], nowMs: number): void {
    const { memory } = this.#ports;
    for (const { slot } of members) if (memory.ejections.isEjected(slot)) memory.readmit(slot, nowMs);
  }

  #countsOf({ members }: SweptService): Map<number, EndpointCounts> {
    return new Map(members.map(({ slot }) => [slot, this.#ports.memory.view(slot)]));
  }
}

/** Counts that went back: the slot has another endpoint now, or the counts wrapped. Either way they begin anew. */
function isAnother(then: EndpointCounts, now: EndpointCounts): boolean {
  return now.ok < then.ok || now.failed < then.failed || now.ejection.failures < then.ejection.failures;
}

function intervalOf(slot: number, then: EndpointCounts, now: EndpointCounts): EndpointInterval {
  const requests = now.ok - then.ok + now.failed - then.failed;
  return { slot, requests, failures: now.ejection.failures - then.ejection.failures };
}
