import type { Log } from '../../core/ports.ts';
import type { FoundEndpoint } from './endpoint-source.ts';
import type { Reading } from './endpoint-fields.ts';

/** The most endpoints that are taken from a registry for one service. */
export const MAX_ENDPOINTS = 20_000;

/**
 * The endpoints of one service, in groups that the registry changes one at a time: a key of etcd, a slice of Kubernetes.
 * What is malformed is left out, and named once in the log.
 */
export class EndpointCrowd {
  readonly #log: Log;
  readonly #service: string;
  #groups = new Map<string, readonly FoundEndpoint[]>();
  /** Of which the log has told. */
  #told = new Set<string>();

  /** `service` is how the log calls it. */
  constructor(log: Log, service: string) {
    this.#log = log;
    this.#service = service;
  }

  /** Forgets the groups that are not among these. */
  replace(groups: Iterable<readonly [name: string, readings: readonly Reading[]]>): void {
    this.#groups = new Map();
    for (const [name, readings] of groups) this.set(name, readings);
    this.#told = this.#told.intersection(this.#groups);
  }

  set(name: string, readings: readonly Reading[]): void {
    const endpoints: FoundEndpoint[] = [];
    let problem: string | null = null;
    for (const reading of readings) {
      if ('problem' in reading) problem ??= reading.problem;
      else endpoints.push(reading);
    }
    this.#groups.set(name, endpoints);
    if (problem === null) this.#told.delete(name);
    else this.#tell(name, problem);
  }

  delete(name: string): void {
    this.#groups.delete(name);
    this.#told.delete(name);
  }

  /** All of them; an address may come more than once. Throws when there are too many. */
  all(): readonly FoundEndpoint[] {
    const all = [...this.#groups.values()].flat();
    if (Math.max(all.length, this.#groups.size) > MAX_ENDPOINTS)
      throw new Error(`it has more than ${MAX_ENDPOINTS} endpoints`);
    return all;
  }

  #tell(name: string, problem: string): void {
    if (this.#told.has(name) || this.#told.size >= MAX_TOLD) return;
    this.#told.add(name);
    this.#log.warn('a registry has an endpoint that cannot be used', {
      service: this.#service,
      name: name.slice(0, MAX_NAME_LENGTH),
      problem,
    });
  }
}

/** No registry fills the log. */
const MAX_TOLD = 100;
const MAX_NAME_LENGTH = 200;
