import type { OutlierDetectionConfig } from '@turnpike/config';
import type { EndpointEntry } from '../core/endpoint-set.ts';
import type { TimingWheel } from '../core/timing-wheel.ts';
import type { Connect, ConnectShared } from '../core/transport.ts';
import { tlsOf, type UpstreamTls } from '../core/upstream-tls.ts';
import {
  balancer,
  newBalancerMemory,
  type Balancer,
  type BalancingPlan,
  type BalancingPorts,
} from './balance/balancer.ts';
import { outlierWatch, type OutlierWatch } from './health/outlier-watch.ts';
import { EndpointPool } from './pool/endpoint-pool.ts';
import type { Pool, PoolSize } from './pool/pool.ts';
import { SharedPool } from './pool/shared-pool.ts';
import type { ServiceTallies, ServiceTally } from './resilience/service-tallies.ts';

/** A service of a snapshot. */
export interface ServicePlan extends BalancingPlan {
  /** Its place among all that threads count of services together. */
  readonly limitSlot: number;
  readonly connections: {
    readonly perEndpoint: number;
    readonly idleTimeoutMs: number;
    readonly http2: 'auto' | 'never' | 'always';
  };
  readonly timeouts: { readonly connectMs: number; readonly requestMs: number; readonly idleMs: number };
  readonly outlierDetection: OutlierDetectionConfig | null;
  readonly upstreamTls: UpstreamTls;
}

/** What services need of their thread. */
export interface UpstreamPorts extends BalancingPorts {
  readonly wheel: TimingWheel;
  readonly tallies: ServiceTallies;
  readonly connect: Connect;
  readonly connectShared: ConnectShared;
  /** No connection to an endpoint of that service came about. */
  readonly unreachable: (service: string) => void;
  /** When calls that still stream are ended, because the gateway does; Infinity as long as it does not. */
  readonly lastCallAtMs: () => number;
}

/** One address of a service as this thread sees it. */
export interface Endpoint {
  /** `host:port`, as in a URL. */
  readonly authority: string;
  /** With its scheme, which is `http` or `https` for gRPC too. */
  readonly origin: string;
  /** Of HTTP, as it is spoken there. */
  readonly version: '1.1' | '2';
  readonly slot: number;
  readonly pool: Pool;
  /** Of the whole service. */
  readonly outliers: OutlierWatch;
}

/** The endpoints of a service as they are now. Frozen: an exchange that began with them goes on with them. */
export interface Members {
  readonly endpoints: readonly Endpoint[];
  readonly balancer: Balancer;
}

/**
 * A service in this thread. Its endpoints come and go, with a snapshot or when the supervisor has news of them; what is
 * known of those that stay, and their connections, outlives that.
 */
export class Service {
  readonly id: string;
  readonly #ports: UpstreamPorts;
  readonly #memory = newBalancerMemory();
  #plan: ServicePlan;
  #members: Members;
  #pools = new Map<string, Pool>();

  constructor(plan: ServicePlan, entries: readonly EndpointEntry[], ports: UpstreamPorts) {
    this.id = plan.id;
    this.#ports = ports;
    this.#plan = plan;
    this.#members = this.#membersOf(entries);
  }

  get members(): Members {
    return this.#members;
  }

  /** How many requests and retries it got lately, in all threads. */
  get tally(): ServiceTally {
    return this.#ports.tallies.of(this.#plan.limitSlot);
  }

  /** Takes another plan; connections that were made under other rules are not used any more. */
  replan(plan: ServicePlan, entries: readonly EndpointEntry[]): void {
    const isSame = poolRules(plan) === poolRules(this.#plan);
    this.#plan = plan;
    if (!isSame) this.close();
    this.take(entries);
  }

  /** Takes other endpoints; those that are gone close their idle connections and finish their calls. */
  take(entries: readonly EndpointEntry[]): void {
    const before = this.#pools;
    this.#members = this.#membersOf(entries);
    for (const [url, pool] of before) if (this.#pools.get(url) !== pool) pool.close();
  }

  /** Connections of this thread, for the metrics. */
  get connections(): PoolSize {
    let [open, idle, waiting] = [0, 0, 0];
    for (const { size } of this.#pools.values()) {
      open += size.open;
      idle += size.idle;
      waiting += size.waiting;
    }
    return { open, idle, waiting };
  }

  /** Closes all idle connections; those in use go when their calls are over. */
  close(): void {
    for (const pool of this.#pools.values()) pool.close();
    this.#pools = new Map();
  }

  #membersOf(entries: readonly EndpointEntry[]): Members {
    const outliers = this.#watchOver(entries);
    const pools = new Map<string, Pool>();
    const endpoints = entries.map((entry): Endpoint => {
      const authority = authorityOf(entry);
      const pool = pools.get(entry.url) ?? this.#pools.get(entry.url) ?? this.#newPool(entry);
      pools.set(entry.url, pool);
      const origin = `${/^(https|grpcs):/.test(entry.url) ? 'https' : 'http'}://${authority}`;
      const version = this.#isShared(entry) ? '2' : '1.1';
      return { authority, origin, version, slot: entry.slot, pool, outliers };
    });
    this.#pools = pools;
    return { endpoints, balancer: balancer(this.#plan, entries, { ...this.#ports, memory: this.#memory }) };
  }

  #watchOver(members: readonly EndpointEntry[]): OutlierWatch {
    const { states, random, wheel } = this.#ports;
    const { outlierDetection, timeouts } = this.#plan;
    const probeMs = timeouts.connectMs + timeouts.requestMs;
    return outlierWatch({ rules: outlierDetection, probeMs, members }, { memory: states, random, wheel });
  }

  /** Whether calls share connections, as they do over HTTP/2. */
  #isShared({ url }: EndpointEntry): boolean {
    return this.#plan.connections.http2 === 'always' || /^grpcs?:/.test(url);
  }

  #newPool(entry: EndpointEntry): Pool {
    const { host, port, url } = entry;
    const { connections, timeouts, upstreamTls } = this.#plan;
    const { wheel, connect, connectShared } = this.#ports;
    const plan = {
      service: this.id,
      host,
      port,
      tls: tlsOf(upstreamTls, url),
      wheel,
      timeouts: { ...timeouts, pooledMs: connections.idleTimeoutMs },
      maxConnections: connections.perEndpoint,
    };
    return this.#isShared(entry) ? new SharedPool(plan, connectShared) : new EndpointPool(plan, connect);
  }
}

function authorityOf({ host, port }: EndpointEntry): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function poolRules({ connections, timeouts, upstreamTls }: ServicePlan): string {
  return JSON.stringify([connections, timeouts, upstreamTls]);
}
