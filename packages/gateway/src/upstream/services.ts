import type { EndpointEntry, EndpointSet } from '../core/endpoint-set.ts';
import type { PoolSize } from './pool/pool.ts';
import { Service, type ServicePlan, type UpstreamPorts } from './service.ts';

/** A service of a snapshot, with the endpoints that are written in it; null: they are discovered. */
export interface PlannedService extends ServicePlan {
  readonly members: readonly EndpointEntry[] | null;
}

/** The services of this thread. They outlive snapshots: a reload that does not concern one leaves its connections open. */
export class Services {
  readonly #ports: UpstreamPorts;
  readonly #discovered: (service: string) => EndpointSet | null;
  #services = new Map<string, Service>();
  /** Those whose endpoints are discovered, in the snapshot that is in use. */
  #discoveredIds: ReadonlySet<string> = new Set();

  /** `discovered` gives what is known of the endpoints of a service. */
  constructor(ports: UpstreamPorts, discovered: (service: string) => EndpointSet | null) {
    this.#ports = ports;
    this.#discovered = discovered;
  }

  /** Takes the services of a new snapshot. */
  apply(plans: readonly PlannedService[]): void {
    const before = this.#services;
    this.#services = new Map(plans.map((plan) => [plan.id, this.#serviceOf(plan, before.get(plan.id))]));
    for (const [id, service] of before) if (!this.#services.has(id)) service.close();
    this.#discoveredIds = new Set(plans.filter(({ members }) => members === null).map(({ id }) => id));
  }

  /** There are news of the endpoints of a service. They may be of a snapshot that is yet to come. */
  take(id: string, { endpoints }: EndpointSet): void {
    if (this.#discoveredIds.has(id)) this.#services.get(id)?.take(endpoints);
  }

  get(id: string): Service | undefined {
    return this.#services.get(id);
  }

  /** Connections by service, for the metrics. */
  *connections(): Generator<PoolSize & { readonly service: string }> {
    for (const { id, connections } of this.#services.values()) yield { service: id, ...connections };
  }

  /** Closes all idle connections; those in use go when their calls are over. */
  close(): void {
    for (const service of this.#services.values()) service.close();
  }

  #serviceOf(plan: PlannedService, current: Service | undefined): Service {
    const entries = plan.members ?? this.#discovered(plan.id)?.endpoints ?? [];
    if (current === undefined) return new Service(plan, entries, this.#ports);
    current.replan(plan, entries);
    return current;
  }
}
