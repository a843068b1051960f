import type { EndpointSet } from '../core/endpoint-set.ts';
import type { EjectionReason } from '../core/endpoint-health.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Random } from '../core/random.ts';
import { HealthChecks, type CheckStatus } from '../upstream/health/health-checks.ts';
import { HealthHistory, type HealthChange, type NamedEndpoint } from '../upstream/health/health-history.ts';
import type { EndpointStates } from '../upstream/balance/endpoint-states.ts';
import { OutlierSweep } from '../upstream/health/outlier-sweep.ts';
import type { ServiceSnapshot } from './protocol.ts';

/** What is done for the health of endpoints, and how it is counted. */
export interface HealthDeskPorts {
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly states: EndpointStates;
  readonly timers: { after(ms: number, callBack: () => void): () => void };
  readonly metrics: {
    ejected(service: string, reason: EjectionReason, count: number): void;
    healthChecked(service: string, problem: string | null): void;
  };
  /** The services in use, and what is known of the endpoints of one that are discovered. */
  readonly services: () => readonly ServiceSnapshot[];
  readonly discovered: (service: string) => EndpointSet | null;
}

const LOOK_EVERY_MS = 1000;
/** Registries tell of many changes in one moment. */
const GATHER_MS = 100;

/** What the main thread does for the health of endpoints: active checks, statistics, and a history of what happened. */
export class HealthDesk {
  readonly #ports: HealthDeskPorts;
  readonly #checks: HealthChecks;
  readonly #sweep: OutlierSweep;
  readonly #history: HealthHistory;
  #stopLooking: () => void;
  #stopGathering: (() => void) | null = null;

  constructor(ports: HealthDeskPorts) {
    const { log, clock, random, states: memory, timers, metrics } = ports;
    this.#ports = ports;
    this.#sweep = new OutlierSweep({ memory, random });
    this.#history = new HealthHistory({
      clock,
      log,
      memory,
      onEjection: (service, reason, count) => metrics.ejected(service, reason, count),
    });
    this.#checks = new HealthChecks({
      clock,
      random,
      memory,
      timers,
      onResult: (service, problem) => metrics.healthChecked(service, problem),
      onChange: (endpoint, problem) => this.#history.checked(endpoint, problem),
    });
    this.#stopLooking = timers.after(LOOK_EVERY_MS, () => this.#look());
  }

  /** Services or endpoints have changed: looks at them anew in a moment. */
  changed(): void {
    this.#stopGathering ??= this.#ports.timers.after(GATHER_MS, () => {
      this.#stopGathering = null;
      this.#use();
    });
  }

  /** The last things that happened to an endpoint, the latest first. */
  historyOf(endpoint: NamedEndpoint): readonly HealthChange[] {
    return this.#history.of(endpoint);
  }

  get checks(): readonly CheckStatus[] {
    return this.#checks.status;
  }

  close(): void {
    this.#stopLooking();
    this.#stopGathering?.();
    this.#checks.close();
  }

  #use(): void {
    const { services, discovered, clock } = this.#ports;
    const current = services().map(({ id, health, outlierDetection, members, upstreamTls }) => ({
      id,
      health,
      upstreamTls,
      outliers: outlierDetection,
      members: members ?? discovered(id)?.endpoints ?? [],
    }));
    this.#history.use(current);
    this.#sweep.use(current, clock.now());
    this.#checks.use(current);
  }

  /** The next look is set before this one: a fault in it must not be the end of all. */
  #look(): void {
    this.#stopLooking = this.#ports.timers.after(LOOK_EVERY_MS, () => this.#look());
    this.#sweep.look(this.#ports.clock.now());
    this.#history.look();
  }
}
