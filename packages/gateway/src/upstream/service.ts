import type { Random } from '../core/random.ts';
import type { TimingWheel } from '../core/timing-wheel.ts';
import type { Connect } from '../core/transport.ts';
import { balancer, type Balancer, type BalancerKind } from './balance/balancer.ts';
import type { EndpointStates } from './balance/endpoint-states.ts';
import { EndpointPool } from './pool/endpoint-pool.ts';

/** A service of a snapshot, with the slots of its endpoints. */
export interface ServicePlan {
  readonly id: string;
  readonly endpoints: readonly { readonly host: string; readonly port: number; readonly weight: number }[];
  readonly slots: readonly number[];
  readonly balancer: BalancerKind;
  readonly connections: { readonly perEndpoint: number; readonly idleTimeoutMs: number };
  readonly timeouts: { readonly connectMs: number; readonly requestMs: number; readonly idleMs: number };
}

/** What services need of their thread. */
export interface UpstreamPorts {
  readonly wheel: TimingWheel;
  readonly random: Random;
  readonly states: EndpointStates;
  readonly connect: Connect;
}

/** One address of a service as this thread sees it. */
export interface Endpoint {
  /** `host:port`, as in a URL. */
  readonly authority: string;
  readonly slot: number;
  readonly pool: EndpointPool;
}

/** A service ready to be forwarded to. */
export interface Service {
  readonly id: string;
  readonly endpoints: readonly Endpoint[];
  readonly balancer: Balancer;
}

/**
 * The services of this thread and their pools. Pools outlive snapshots: a reload that does not concern an endpoint leaves
 * its connections open.
 */
export class Services {
  readonly #ports: UpstreamPorts;
  #services = new Map<string, Service>();
  #pools = new Map<string, EndpointPool>();

  constructor(ports: UpstreamPorts) {
    this.#ports = ports;
  }

  /** Takes the services of a new snapshot; what is gone closes its idle connections and finishes its calls. */
  apply(plans: readonly ServicePlan[]): void {
    const pools = new Map<string, EndpointPool>();
    this.#services = new Map(plans.map((plan) => [plan.id, this.#service(plan, pools)]));
    for (const [key, pool] of this.#pools) if (!pools.has(key)) pool.close();
    this.#pools = pools;
  }

  get(id: string): Service | undefined {
    return this.#services.get(id);
  }

  /** Connections by service, for the metrics. */
  *connections(): Generator<{ readonly service: string; readonly open: number; readonly idle: number }> {
    for (const { id, endpoints } of this.#services.values()) {
      let open = 0;
      let idle = 0;
      for (const { pool } of endpoints) {
        open += pool.size.open;
        idle += pool.size.idle;
      }
      yield { service: id, open, idle };
    }
  }

  /** Closes all idle connections; those in use go when their calls are over. */
  close(): void {
    for (const pool of this.#pools.values()) pool.close();
  }

  #service(plan: ServicePlan, pools: Map<string, EndpointPool>): Service {
    const { states, random } = this.#ports;
    const endpoints = plan.endpoints.map(({ host, port }, i): Endpoint => {
      const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      return { authority, slot: plan.slots[i] ?? 0, pool: this.#pool(plan, { host, port }, pools) };
    });
    const balanced = plan.endpoints.map(({ weight }, i) => ({ slot: plan.slots[i] ?? 0, weight }));
    return { id: plan.id, endpoints, balancer: balancer(plan.balancer, balanced, states, random) };
  }

  #pool(
    plan: ServicePlan,
    address: { host: string; port: number },
    pools: Map<string, EndpointPool>,
  ): EndpointPool {
    const key = JSON.stringify([plan.id, address, plan.connections, plan.timeouts]);
    const pool = pools.get(key) ?? this.#pools.get(key) ?? this.#newPool(plan, address);
    pools.set(key, pool);
    return pool;
  }

  #newPool(
    { connections, timeouts }: ServicePlan,
    { host, port }: { host: string; port: number },
  ): EndpointPool {
    const { wheel, connect } = this.#ports;
    const poolTimeouts = { ...timeouts, pooledMs: connections.idleTimeoutMs };
    return new EndpointPool(
      { host, port, wheel, timeouts: poolTimeouts, maxConnections: connections.perEndpoint },
      connect,
    );
  }
}
