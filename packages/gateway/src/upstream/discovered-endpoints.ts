import type { EndpointEntry } from '../core/endpoint-set.ts';
import type { Clock, Log } from '../core/ports.ts';
import { OutOfSlots, slotKey, type Slots } from './balance/slots.ts';
import type { FoundEndpoint } from './discover/endpoint-source.ts';

/** What endpoints are given places with. */
export interface PlacePorts {
  readonly slots: Pick<Slots, 'assign'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Brings the endpoints of a service to all data threads; null: there is no such service any more. */
  readonly publish: (
    service: string,
    set: { version: number; endpoints: readonly EndpointEntry[] } | null,
  ) => void;
}

/** Which of the endpoints that are found this gateway uses. */
export type Choose = (endpoints: readonly FoundEndpoint[]) => readonly FoundEndpoint[];

/**
 * Gives the endpoints of discovered services their places in shared memory, and tells the data threads of them. In the
 * supervisor. What is known of an endpoint survives its absence for a while, and whatever else changes around it.
 */
export class DiscoveredEndpoints {
  readonly #ports: PlacePorts;
  readonly #versions = new Map<string, number>();
  #services = new Map<string, Choose>();

  constructor(ports: PlacePorts) {
    this.#ports = ports;
  }

  /** These services are discovered; the others are forgotten. */
  use(services: ReadonlyMap<string, Choose>): void {
    const before = this.#services;
    this.#services = new Map(services);
    for (const id of before.keys()) if (!this.#services.has(id)) this.#forget(id);
  }

  /** These are all endpoints of the service now. More than there is room for are refused, and those before stay. */
  found(service: string, endpoints: readonly FoundEndpoint[]): void {
    const choose = this.#services.get(service);
    if (choose === undefined) return;
    const entries = this.#placed(service, choose(endpoints));
    if (entries === null) return;
    const version = (this.#versions.get(service) ?? 0) + 1;
    this.#versions.set(service, version);
    this.#ports.publish(service, { version, endpoints: entries });
  }

  #placed(service: string, endpoints: readonly FoundEndpoint[]): EndpointEntry[] | null {
    const { slots, clock, log } = this.#ports;
    const named = endpoints.map((endpoint) => ({ ...endpoint, url: urlOf(endpoint) }));
    try {
      const keys = named.map(({ url }) => slotKey(service, url));
      const assigned = slots.assign(keys, clock.now(), service);
      return named.map((endpoint) => ({
        ...endpoint,
        slot: assigned.get(slotKey(service, endpoint.url)) ?? 0,
      }));
    } catch (error) {
      if (!(error instanceof OutOfSlots)) throw error;
      log.error('endpoints were found that there is no room for: those before stay in use', {
        service,
        error,
      });
      return null;
    }
  }

  #forget(service: string): void {
    this.#versions.delete(service);
    this.#ports.slots.assign([], this.#ports.clock.now(), service);
    this.#ports.publish(service, null);
  }
}

function urlOf({ host, port }: FoundEndpoint): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
