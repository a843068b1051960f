import type { EndpointEntry } from '../core/endpoint-set.ts';
import type { Clock, Log } from '../core/ports.ts';
import { OutOfSlots, slotKey, type Slots } from './balance/slots.ts';
import type { FoundEndpoint } from './discover/endpoint-source.ts';

/** What endpoints are given places with. */
export interface PlacePorts {
  readonly slots: Pick<Slots, 'assign'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Calls back after a while, when some of the places that were given up lately are free. */
  readonly later: (callBack: () => void) => void;
  /** Brings the endpoints of a service to all data threads; null: there is no such service any more. */
  readonly publish: (
    service: string,
    set: { version: number; endpoints: readonly EndpointEntry[] } | null,
  ) => void;
}

/** Which of the endpoints that are found this gateway uses. Another function means another choice. */
export type Choose = (endpoints: readonly FoundEndpoint[]) => readonly FoundEndpoint[];

interface DiscoveredService {
  choose: Choose;
  /** Null: nothing yet. */
  found: readonly FoundEndpoint[] | null;
  /** There was no room for them, and somebody will try again. */
  isWaiting: boolean;
  version: number;
}

/**
 * Gives the endpoints of discovered services their places in shared memory, and tells the data threads of them. In the
 * supervisor. What is known of an endpoint survives its absence for a while, and whatever else changes around it.
 */
export class DiscoveredEndpoints {
  readonly #ports: PlacePorts;
  #services = new Map<string, DiscoveredService>();

  constructor(ports: PlacePorts) {
    this.#ports = ports;
  }

  /** These services are discovered; the others are forgotten. What was found is there still for another choice. */
  use(services: ReadonlyMap<string, Choose>): void {
    const before = this.#services;
    this.#services = new Map();
    for (const [id, choose] of services) {
      const known = before.get(id) ?? { choose, found: null, isWaiting: false, version: 0 };
      const isSameChoice = known.choose === choose;
      known.choose = choose;
      this.#services.set(id, known);
      if (known.found !== null && !isSameChoice) this.found(id, known.found);
    }
    for (const id of before.keys()) if (!this.#services.has(id)) this.#forget(id);
  }

  /** These are all endpoints of the service now. More than there is room for have to wait, and those before stay. */
  found(id: string, endpoints: readonly FoundEndpoint[]): void {
    const service = this.#services.get(id);
    if (service === undefined) return;
    service.found = endpoints;
    const entries = this.#placed(id, service.choose(endpoints));
    if (entries === null) return this.#tryLater(id, service);
    service.version++;
    this.#ports.publish(id, { version: service.version, endpoints: entries });
  }

  /** The registry may say nothing more for long. */
  #tryLater(id: string, service: DiscoveredService): void {
    if (service.isWaiting) return;
    service.isWaiting = true;
    this.#ports.later(() => {
      service.isWaiting = false;
      if (this.#services.get(id) === service && service.found !== null) this.found(id, service.found);
    });
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
    this.#ports.slots.assign([], this.#ports.clock.now(), service);
    this.#ports.publish(service, null);
  }
}

function urlOf({ host, port }: FoundEndpoint): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
