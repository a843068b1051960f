import { readSavedJson } from './saved-json.ts';
import { saver, type Saver } from './saver.ts';
import { alarm, type Alarm } from './alarm.ts';
import type { EndpointSource, FoundEndpoint, SourceEvents, SourcePorts } from './endpoint-source.ts';
import { type Instance, type ListedInstance, MAX_INSTANCES, type NewInstance } from './instance.ts';
import type { Opener } from './openers.ts';

/** What became of a registration. */
export type Registered =
  | { readonly kind: 'new' | 'renewed'; readonly id: string; readonly leaseSeconds: number }
  /** There are as many as there may be. */
  | { readonly kind: 'full' };

/** What the registry works with. */
export interface RegistryPorts extends Pick<SourcePorts, 'log' | 'clock' | 'pause'> {
  /** Where instances are kept over a restart; absolute. */
  readonly path: string;
}

interface Held {
  instance: Instance;
  /** By the monotonic clock. */
  expiresAtMs: number;
}

/**
 * Our own registry: instances say themselves that they are there, and have to say so again and again. One that is silent for as
 * long as its lease is dropped. Lives in the main thread. A gateway that starts again gives those it knew a whole lease to be heard of.
 */
export class InstanceRegistry {
  readonly #ports: RegistryPorts;
  readonly #held = new Map<string, Map<string, Held>>();
  readonly #listeners = new Map<string, Set<SourceEvents>>();
  readonly #alarm: Alarm;
  readonly #saver: Saver;
  #count = 0;
  #version = 0;
  #lookAtMs = 0;
  /** Until what was saved is read, nobody is told of anything: it would not be all. */
  #isReady = false;

  constructor(ports: RegistryPorts) {
    this.#ports = ports;
    this.#alarm = alarm(ports, () => this.#dropSilent());
    this.#saver = saver(ports.path, ports);
  }

  /** The opener of the watches over it. */
  readonly open: Opener<'registry'> = ({ name }, events): EndpointSource => {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(events));
    // Not before the opener has returned.
    queueMicrotask(() => {
      if (listeners.has(events)) this.#tell(name, [events]);
    });
    return {
      refresh: () => this.#tell(name, [events]),
      close: async () => {
        listeners.delete(events);
        if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
      },
    };
  };

  /** Takes back the instances of before the restart. To be called once, before anything else; never rejects. */
  async start(): Promise<void> {
    const { path, log, clock } = this.#ports;
    try {
      // What is in the file is what we have written: its digest says so.
      const saved = ((await readSavedJson(path)) ?? []) as readonly Instance[];
      for (const instance of saved.slice(0, MAX_INSTANCES)) this.#hold(instance, clock.now());
    } catch (error) {
      log.warn('the saved instances cannot be read', { path, problem: String(error) });
    }
    this.#isReady = true;
    for (const name of this.#listeners.keys()) this.#tell(name);
  }

  /** Adds an instance, or takes what it says now in place of what it said, with a new lease. */
  register(instance: NewInstance): Registered {
    const { id, service, leaseSeconds } = instance;
    const before = this.#held.get(service)?.get(id)?.instance;
    if (before === undefined && this.#count >= MAX_INSTANCES) return { kind: 'full' };
    const { clock } = this.#ports;
    const registeredAtMs = before?.registeredAtMs ?? clock.epoch();
    const next = { ...instance, registeredAtMs };
    this.#hold(next, clock.now());
    // Those that renew by registering are many, and mostly say what they said.
    if (before === undefined || JSON.stringify(before) !== JSON.stringify(next)) this.#changed(service);
    return { kind: before === undefined ? 'new' : 'renewed', id, leaseSeconds };
  }

  /** Gives an instance a new lease; false: it is not known, and has to register. */
  heartbeat(service: string, id: string): boolean {
    const held = this.#held.get(service)?.get(id);
    if (held === undefined) return false;
    held.expiresAtMs = this.#ports.clock.now() + held.instance.leaseSeconds * 1000;
    return true;
  }

  /** An instance goes; false: it is not known. */
  deregister(service: string, id: string): boolean {
    if (!this.#drop(service, id)) return false;
    this.#changed(service);
    return true;
  }

  /** An instance is about to go, and gets nothing new; false: it is not known. */
  drain(service: string, id: string): boolean {
    const held = this.#held.get(service)?.get(id);
    if (held === undefined) return false;
    if (held.instance.endpoint.isDraining) return true;
    held.instance = { ...held.instance, endpoint: { ...held.instance.endpoint, isDraining: true } };
    this.#changed(service);
    return true;
  }

  /** An instance as it said itself, or null. */
  find(service: string, id: string): Instance | null {
    return this.#held.get(service)?.get(id)?.instance ?? null;
  }

  /** All of them, by service and id. */
  list(): readonly ListedInstance[] {
    const nowMs = this.#ports.clock.now();
    return [...this.#held.values()]
      .flatMap((instances) => [...instances.values()])
      .map(({ instance, expiresAtMs }) => ({
        ...instance,
        expiresInSeconds: Math.max(0, Math.ceil((expiresAtMs - nowMs) / 1000)),
      }))
      .sort((one, other) => compare(one.service, other.service) || compare(one.id, other.id));
  }

  /** Resolves when everything is on disk. */
  async close(): Promise<void> {
    this.#alarm.clear();
    this.#listeners.clear();
    await this.#saver.close();
  }

  #hold(instance: Instance, nowMs: number): void {
    const { service, id, leaseSeconds } = instance;
    const instances = this.#held.get(service) ?? new Map<string, Held>();
    this.#held.set(service, instances);
    if (!instances.has(id)) this.#count++;
    instances.set(id, { instance, expiresAtMs: nowMs + leaseSeconds * 1000 });
    // Looks every second while there is anybody: exact enough for leases, and cheap however many they are.
    if (this.#count === 1) this.#lookAgain(nowMs);
  }

  #drop(service: string, id: string): boolean {
    const instances = this.#held.get(service);
    if (instances?.delete(id) !== true) return false;
    if (instances.size === 0) this.#held.delete(service);
    this.#count--;
    return true;
  }

  #dropSilent(): void {
    const nowMs = this.#ports.clock.now();
    this.#forgiveDeafness(nowMs);
    for (const [service, instances] of this.#held) {
      const silent = [...instances].filter(([, { expiresAtMs }]) => expiresAtMs <= nowMs);
      for (const [id] of silent) this.#drop(service, id);
      if (silent.length === 0) continue;
      const ids = silent.slice(0, SHOWN_IDS).map(([id]) => id);
      this.#ports.log.info('instances are silent and were dropped', { service, count: silent.length, ids });
      this.#changed(service);
    }
    if (this.#count > 0) this.#lookAgain(nowMs);
    else this.#alarm.clear();
  }

  /** Heartbeats that came while this thread was held up are not read yet: nobody was silent in that time. */
  #forgiveDeafness(nowMs: number): void {
    const deafMs = nowMs - this.#lookAtMs;
    if (deafMs < LOOK_MS) return;
    for (const instances of this.#held.values())
      for (const held of instances.values()) held.expiresAtMs += deafMs;
  }

  #lookAgain(nowMs: number): void {
    this.#lookAtMs = nowMs + LOOK_MS;
    this.#alarm.set(this.#lookAtMs);
  }

  #changed(service: string): void {
    this.#version++;
    this.#saver.save(() => this.#toSave());
    this.#tell(service);
  }

  #toSave(): readonly Instance[] {
    return [...this.#held.values()].flatMap((all) => Array.from(all.values(), ({ instance }) => instance));
  }

  #tell(service: string, listeners: Iterable<SourceEvents> = this.#listeners.get(service) ?? []): void {
    if (!this.#isReady) return;
    let endpoints: readonly FoundEndpoint[] | null = null;
    for (const listener of listeners) {
      endpoints ??= Array.from(this.#held.get(service)?.values() ?? [], ({ instance }) => instance.endpoint);
      listener.found(endpoints, `${this.#version}`);
    }
  }
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

const LOOK_MS = 1000;
/** In one line of the log. */
const SHOWN_IDS = 10;
