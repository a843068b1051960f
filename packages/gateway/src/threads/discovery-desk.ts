import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayConfig, ServiceConfig } from '@turnpike/config';
import { readEndpointFile } from '@turnpike/config/load';
import { systemClock, type Log } from '../core/ports.ts';
import { random, unpredictableSeed } from '../core/random.ts';
import type { EndpointEntry } from '../core/endpoint-set.ts';
import type { Slots } from '../upstream/balance/slots.ts';
import { subsetOf, subsetSize } from '../upstream/balance/subset.ts';
import { consulSource } from '../upstream/discover/consul.ts';
import { Discovery, type DiscoveryStatus } from '../upstream/discover/discovery.ts';
import { dnsOpeners } from '../upstream/discover/dns.ts';
import type { Web } from '../upstream/discover/endpoint-source.ts';
import { etcdSource } from '../upstream/discover/etcd.ts';
import { fileOpener } from '../upstream/discover/file.ts';
import { InstanceRegistry } from '../upstream/discover/instance-registry.ts';
import { kubernetesSource } from '../upstream/discover/kubernetes.ts';
import { DiscoveredEndpoints, type Choose } from '../upstream/discovered-endpoints.ts';
import type { FileWatch } from './watch-files.ts';

/** What discovery is put together with. */
export interface DiscoveryDeskPorts {
  readonly log: Log;
  readonly stateDirectory: string;
  readonly web: Web;
  /** Places for endpoints in shared memory. */
  readonly slots: Slots;
  /** Data threads that there are. */
  readonly threads: number;
  readonly watchFiles: (onChange: () => void) => FileWatch;
  /** Brings the endpoints of a service to all data threads; null: the service is discovered no longer. */
  readonly publish: (
    service: string,
    set: { version: number; endpoints: readonly EndpointEntry[] } | null,
  ) => void;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal, ref: false });
}

/** Everything about endpoints that come and go, put together: registries, what is believed of them, and places for it. */
export class DiscoveryDesk {
  /** Where instances register themselves. */
  readonly registry: InstanceRegistry;
  readonly #threads: number;
  readonly #closing = new AbortController();
  readonly #discovery: Discovery;
  readonly #endpoints: DiscoveredEndpoints;
  /** Of this gateway: others use other parts of large services. */
  readonly #seed = unpredictableSeed();
  /** By the size of the subset: the same function for the same choice. */
  readonly #choices = new Map<number, Choose>();

  constructor({ log, stateDirectory, web, slots, threads, watchFiles, publish }: DiscoveryDeskPorts) {
    const clock = systemClock;
    this.#threads = threads;
    const later = (callBack: () => void): void => {
      pause(NO_ROOM_PAUSE_MS, this.#closing.signal).then(callBack, () => {}); // it was closed
    };
    this.#endpoints = new DiscoveredEndpoints({ slots, clock, log, later, publish });
    this.registry = new InstanceRegistry({ log, clock, pause, path: join(stateDirectory, 'registry.json') });
    this.#discovery = new Discovery({
      log,
      clock,
      random: random(unpredictableSeed()),
      pause,
      web,
      stateDirectory,
      watch: async (paths, onChange) => {
        const watch = watchFiles(onChange);
        await watch.update(paths);
        return watch;
      },
      openers: {
        ...dnsOpeners(),
        file: fileOpener(readEndpointFile),
        registry: this.registry.open,
        etcd: etcdSource,
        consul: consulSource,
        kubernetes: kubernetesSource,
      },
      publish: (service, found) => this.#endpoints.found(service, found),
    });
  }

  /** Takes back what the registry knew before the restart; before anything else, and once. */
  start(): Promise<void> {
    return this.registry.start();
  }

  /** Takes over a configuration. Resolves when each new service has a first set, but does not wait for dead registries. */
  async use({ services }: Pick<GatewayConfig, 'services'>): Promise<void> {
    const discovered = services.filter(({ discovery }) => discovery !== null);
    this.#endpoints.use(new Map(discovered.map((service) => [service.id, this.#choiceOf(service)])));
    await this.#discovery.use(services);
  }

  /** Has the registry of a service asked again. */
  refresh(service: string): void {
    this.#discovery.refresh(service);
  }

  /** Looks again at what is in files. */
  reread(): void {
    this.#discovery.reread();
  }

  get status(): readonly DiscoveryStatus[] {
    return this.#discovery.status;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#discovery.close();
    await this.registry.close();
  }

  #choiceOf({ subset }: ServiceConfig): Choose {
    const size = subsetSize(subset, this.#threads);
    const known = this.#choices.get(size);
    if (known !== undefined) return known;
    const choose: Choose = (endpoints) =>
      subsetOf(
        endpoints.map((endpoint) => ({ ...endpoint, url: `${endpoint.host} ${endpoint.port}` })),
        this.#seed,
        size,
      );
    this.#choices.set(size, choose);
    return choose;
  }
}

/** Places are free a minute after they were given up. */
const NO_ROOM_PAUSE_MS = 10_000;
