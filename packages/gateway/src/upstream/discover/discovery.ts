import { join } from 'node:path';
import type { DiscoveryConfig } from '@turnpike/config';
import type { Provenance } from './belief.ts';
import type { FoundEndpoint, SourcePorts } from './endpoint-source.ts';
import type { Openers } from './openers.ts';
import { saver, type Saver } from './saver.ts';
import { readSavedSet, savedSet, type SavedSet } from './saved-set.ts';
import { Watch, type WatchStatus } from './watch.ts';

/** What discovery works with. */
export interface DiscoveryPorts extends SourcePorts {
  /** The last good sets are in `endpoints/` below it; absolute. */
  readonly stateDirectory: string;
  readonly openers: Openers;
  /** Hears every set that is believed: tidy, sorted, and not the one before. */
  readonly publish: (service: string, found: readonly FoundEndpoint[]) => void;
}

/** A service, as far as its endpoints are discovered. */
export interface DiscoveredService {
  readonly id: string;
  /** Null: they are not. */
  readonly discovery: DiscoveryConfig | null;
}

/** How the discovery of a service does, for the admin API. */
export interface DiscoveryStatus extends WatchStatus {
  readonly service: string;
}

/** A watch and the services that want it. */
interface SharedWatch {
  readonly key: string;
  readonly config: DiscoveryConfig;
  readonly watch: Watch;
  readonly services: Set<string>;
}

/**
 * Watches the registries that services name, in the main thread and once for all threads. Registries may be gone for as long as
 * they like: what was believed last stays in use, also over a restart of ours.
 */
export class Discovery {
  readonly #ports: DiscoveryPorts;
  readonly #watches = new Map<string, SharedWatch>();
  /** By service, in the order of the configuration. */
  #used: ReadonlyMap<string, SharedWatch> = new Map();
  readonly #savers = new Map<string, Saver>();

  constructor(ports: DiscoveryPorts) {
    this.#ports = ports;
  }

  /**
   * Watches for these services and no others; those whose discovery is as before are left alone. Resolves when each has a first
   * set, from its source or from disk, but waits no longer than three seconds: a dead registry is no reason not to serve.
   */
  async use(services: readonly DiscoveredService[]): Promise<void> {
    const before = this.#used;
    this.#used = new Map(
      services.flatMap(({ id, discovery }) => (discovery === null ? [] : [[id, this.#join(id, discovery)]])),
    );
    for (const [id, shared] of before) if (this.#used.get(id) !== shared) shared.services.delete(id);
    const joined = [...this.#used].filter(([id, shared]) => before.get(id) !== shared);
    await Promise.all([this.#closeUnused(), this.#untilFirst(joined.map(([, { watch }]) => watch))]);
  }

  /** Has the registry of a service asked again: its endpoints cannot be reached, or somebody wants it. */
  refresh(service: string): void {
    this.#used.get(service)?.watch.refresh();
  }

  /** Looks again at what is in files: without a watch, or where it saw nothing. */
  reread(): void {
    for (const { config, watch } of this.#watches.values()) if (config.kind === 'file') watch.refresh();
  }

  get status(): readonly DiscoveryStatus[] {
    return Array.from(this.#used, ([service, { watch }]) => ({ service, ...watch.status }));
  }

  /** Ends all watches, and saves what is not saved yet. */
  async close(): Promise<void> {
    await this.use([]);
    await Promise.all(Array.from(this.#savers.values(), (one) => one.close()));
  }

  #join(service: string, config: DiscoveryConfig): SharedWatch {
    const key = JSON.stringify(config);
    const shared = this.#watches.get(key) ?? this.#open(service, config, key);
    if (shared.services.has(service)) return shared;
    shared.services.add(service);
    const { current } = shared.watch;
    if (current !== null) this.#tell(service, { config, set: current, from: shared.watch.status.from });
    return shared;
  }

  #open(service: string, config: DiscoveryConfig, key: string): SharedWatch {
    const services = new Set<string>();
    const watch = new Watch(config, {
      ...this.#ports,
      recall: () => this.#recall(service, config),
      publish: (set, from) => {
        for (const one of services) this.#tell(one, { config, set, from });
      },
    });
    const shared = { key, config, watch, services };
    this.#watches.set(key, shared);
    return shared;
  }

  #tell(
    service: string,
    { config, set, from }: { config: DiscoveryConfig; set: SavedSet; from: Provenance },
  ): void {
    this.#ports.publish(service, set.endpoints);
    // An empty set is no use at a start.
    if (from === 'source' && set.endpoints.length > 0)
      this.#saverOf(service).save(() => savedSet(config, set));
  }

  #saverOf(service: string): Saver {
    const known = this.#savers.get(service);
    if (known !== undefined) return known;
    const fresh = saver(this.#path(service), this.#ports);
    this.#savers.set(service, fresh);
    return fresh;
  }

  async #recall(service: string, config: DiscoveryConfig): Promise<SavedSet | null> {
    const path = this.#path(service);
    try {
      return await readSavedSet(path, config);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#ports.log.warn('saved endpoints cannot be read', { path, problem });
      return null;
    }
  }

  async #closeUnused(): Promise<void> {
    const unused = Array.from(this.#watches.values()).filter(({ services }) => services.size === 0);
    for (const { key } of unused) this.#watches.delete(key);
    await Promise.all(unused.map(({ watch }) => watch.close()));
  }

  async #untilFirst(watches: readonly Watch[]): Promise<void> {
    if (watches.length === 0) return;
    const all = new AbortController();
    void Promise.all(watches.map(({ first }) => first)).then(() => all.abort());
    await this.#ports.pause(PATIENCE_MS, all.signal).catch(() => {}); // all are there
  }

  #path(service: string): string {
    return join(this.#ports.stateDirectory, 'endpoints', `${service}.json`);
  }
}

/** How long a start or a reload waits for registries that say nothing. */
const PATIENCE_MS = 3000;
