import type { EjectionReason } from '../../core/endpoint-health.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { HealthMemory } from './health-memory.ts';

/** Something that happened to the health of an endpoint. */
export interface HealthChange {
  /** ISO 8601. */
  readonly at: string;
  readonly change: 'down' | 'up' | 'ejected' | 'readmitted';
  /** Why: of an ejection its reason, of a check what was wrong; `''` where it got better. */
  readonly reason: string;
  /** Of an ejection: when it is tried again at the earliest, as ISO 8601; otherwise null. */
  readonly until: string | null;
  /** Ejections so far. */
  readonly ejections: number;
}

/** An endpoint by the names that people know. */
export interface NamedEndpoint {
  readonly service: string;
  readonly url: string;
}

/** A service and its endpoints as they are now. */
export interface RecordedService {
  readonly id: string;
  readonly members: readonly { readonly slot: number; readonly url: string }[];
}

/** What a history works with. */
export interface HistoryPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly memory: HealthMemory;
  readonly onEjection: (service: string, reason: EjectionReason, count: number) => void;
}

const MOST_PER_ENDPOINT = 20;
const MOST_IN_ALL = 20_000;

/** An endpoint, what was seen of it last, and what happened before. */
interface Recorded extends NamedEndpoint {
  readonly slot: number;
  isEjected: boolean;
  ejections: number;
  changes: readonly HealthChange[];
}

/**
 * What happened to the health of endpoints, each thing logged once. Data threads eject without telling anybody, so shared
 * memory is looked at every second; of an endpoint that was ejected more than once in between, the last time is told.
 */
export class HealthHistory {
  readonly #ports: HistoryPorts;
  readonly #most: number;
  /** Those that something happened to last come last. */
  #recorded = new Map<string, Recorded>();
  #count = 0;
  /** When members were last taken, in milliseconds of the shared clock. */
  #usedAtMs = 0;

  constructor(ports: HistoryPorts, most: number = MOST_IN_ALL) {
    this.#ports = ports;
    this.#most = most;
  }

  /** Takes all services as they are now, and forgets what happened to endpoints that are gone. */
  use(services: readonly RecordedService[]): void {
    const before = this.#recorded;
    const stay = new Set<string>();
    const come = new Map<string, Recorded>();
    for (const { id: service, members } of services) {
      for (const { slot, url } of members) {
        const key = keyOf({ service, url });
        if (before.get(key)?.slot === slot) stay.add(key);
        else come.set(key, this.#begin({ service, url, slot }));
      }
    }
    // In the order in which something happened to them last: to those that come, nothing has.
    this.#recorded = come;
    for (const [key, recorded] of before) if (stay.has(key)) this.#recorded.set(key, recorded);
    this.#usedAtMs = this.#ports.clock.now();
    this.#count = 0;
    for (const { changes } of this.#recorded.values()) this.#count += changes.length;
  }

  /** Notices what data threads did. */
  look(): void {
    // Who moves to the end is met again, and has nothing new then.
    for (const recorded of this.#recorded.values()) {
      const { ejection } = this.#ports.memory.view(recorded.slot);
      const more = ejection.ejections - recorded.ejections;
      const wasEjected = recorded.isEjected;
      recorded.isEjected = ejection.isEjected;
      recorded.ejections = ejection.ejections;
      if (more > 0) this.#ejected(recorded, more);
      if ((wasEjected || more > 0) && !ejection.isEjected) this.#readmitted(recorded);
    }
  }

  /** Active checks say that it is down, or up again when there is no `problem`. */
  checked(endpoint: NamedEndpoint, problem: string | null): void {
    const { log, clock } = this.#ports;
    const recorded = this.#recorded.get(keyOf(endpoint));
    if (problem === null) log.info('endpoint up', endpoint);
    else log.warn('endpoint down', { ...endpoint, problem });
    if (recorded === undefined) return;
    const { ejections } = recorded;
    const change = problem === null ? 'up' : 'down';
    this.#add(recorded, { at: iso(clock.epoch()), change, reason: problem ?? '', until: null, ejections });
  }

  /** The last things that happened to an endpoint, the latest first. */
  of(endpoint: NamedEndpoint): readonly HealthChange[] {
    return this.#recorded.get(keyOf(endpoint))?.changes ?? [];
  }

  /** Threads use an endpoint a moment before it is recorded; one that comes back brings ejections that were told before. */
  #begin(endpoint: NamedEndpoint & { readonly slot: number }): Recorded {
    const { isEjected, ejections, ejectedAtMs } = this.#ports.memory.view(endpoint.slot).ejection;
    const isNew = ejections > 0 && ejectedAtMs >= this.#usedAtMs;
    return {
      ...endpoint,
      isEjected: isEjected && !isNew,
      ejections: ejections - (isNew ? 1 : 0),
      changes: [],
    };
  }

  #ejected(recorded: Recorded, more: number): void {
    const { log, memory, onEjection } = this.#ports;
    const { service, url, slot } = recorded;
    const { reason, lastFailure, ejectedAtMs, ejectedUntilMs, ejections } = memory.view(slot).ejection;
    const until = this.#isoOf(ejectedUntilMs);
    if (reason !== null) onEjection(service, reason, more);
    log.warn('endpoint ejected', { service, url, reason, lastFailure, until, ejections });
    const at = this.#isoOf(ejectedAtMs);
    this.#add(recorded, { at, change: 'ejected', reason: reason ?? '', until, ejections });
  }

  #readmitted(recorded: Recorded): void {
    const { log, clock } = this.#ports;
    const { service, url, ejections } = recorded;
    log.info('endpoint readmitted', { service, url });
    this.#add(recorded, {
      at: iso(clock.epoch()),
      change: 'readmitted',
      reason: '',
      until: null,
      ejections,
    });
  }

  #add(recorded: Recorded, change: HealthChange): void {
    const key = keyOf(recorded);
    this.#count -= recorded.changes.length;
    recorded.changes = [change, ...recorded.changes].slice(0, MOST_PER_ENDPOINT);
    this.#count += recorded.changes.length;
    this.#recorded.delete(key);
    this.#recorded.set(key, recorded);
    for (const oldest of this.#recorded.values()) {
      if (this.#count <= this.#most) break;
      this.#count -= oldest.changes.length;
      oldest.changes = [];
    }
  }

  /** The wall clock may have been set since the process began. */
  #isoOf(sharedMs: number): string {
    const { clock } = this.#ports;
    return iso(clock.epoch() + sharedMs - clock.now());
  }
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** A URL has no space in it. */
function keyOf({ service, url }: NamedEndpoint): string {
  return `${url} ${service}`;
}
