import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { GatewayConfig, ServiceConfig } from '@turnpike/config';
import type { Clock, Log } from '../core/ports.ts';
import type { DescriptorNews } from '../core/desk.ts';
import type { EndpointSet } from '../core/endpoint-set.ts';
import { tlsOf, type UpstreamTls } from '../core/upstream-tls.ts';
import { upstreamTlsOf } from '../snapshot.ts';
import type { Reflected } from '../translate/grpc/reflection/reflect.ts';
import type { ReflectionTarget } from '../translate/grpc/reflection/reflection-client.ts';
import { readSavedJson, writeSavedJson } from '../upstream/discover/saved-json.ts';
import { readPems } from './read-pems.ts';

/** What the desk works with. */
export interface DescriptorDeskPorts {
  readonly log: Log;
  readonly clock: Clock;
  readonly stateDirectory: string;
  /** `reflect`. */
  readonly reflect: (target: ReflectionTarget, signal: AbortSignal) => Promise<Reflected>;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** What is known of the endpoints of a service that are discovered. */
  readonly discovered: (service: string) => EndpointSet | null;
  /** Brings descriptors to all data threads; null: the service is not asked any longer. */
  readonly publish: (service: string, news: DescriptorNews | null) => void;
}

/** How a service that describes itself does, for the admin API. */
export interface DescriptorStatus {
  readonly service: string;
  /** What is in use comes from: the service since this start, what was saved before, or nowhere. */
  readonly from: 'service' | 'disk' | null;
  readonly digest: string | null;
  /** Milliseconds since 1970 of the last answer that was good; 0: none. */
  readonly learnedAtMs: number;
  /** Why the last attempt failed, or `''`. */
  readonly problem: string;
}

const ATTEMPT_MS = 10_000;
/** Endpoints that are asked in turn. */
const MOST_ENDPOINTS = 3;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
/** Whatever callers ask for, a service is not asked more often. */
const COOL_DOWN_MS = 10_000;

/** Asks services that describe themselves, in the main thread and once for all threads. What was learned last stays in use. */
export class DescriptorDesk {
  readonly #ports: DescriptorDeskPorts;
  readonly #watches = new Map<string, Reflector>();

  constructor(ports: DescriptorDeskPorts) {
    this.#ports = ports;
  }

  /** Asks these services and no others. Resolves when what was saved is told, and waits for no service. */
  async use(config: Pick<GatewayConfig, 'listeners' | 'services'>): Promise<void> {
    const reflected = config.services.filter(({ grpc }) => grpc?.kind === 'reflection');
    const pems = reflected.some(({ tls }) => tls !== null)
      ? await readPems({ listeners: [], services: reflected })
      : new Map<string, string>();
    for (const [id, watch] of this.#watches) {
      if (reflected.some((service) => service.id === id)) continue;
      this.#watches.delete(id);
      await watch.close();
      this.#ports.publish(id, null);
    }
    await Promise.all(
      reflected.map(async (service) => {
        const known = this.#watches.get(service.id);
        if (known !== undefined) return known.use(service, upstreamTlsOf(service, pems));
        const watch = new Reflector(service, upstreamTlsOf(service, pems), this.#ports);
        this.#watches.set(service.id, watch);
        await watch.start();
      }),
    );
  }

  /** Has a service asked again: somebody wants what it has not described. */
  refresh(service: string): void {
    this.#watches.get(service)?.refresh();
  }

  get status(): readonly DescriptorStatus[] {
    return Array.from(this.#watches.values(), ({ status }) => status);
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#watches.values(), (watch) => watch.close()));
    this.#watches.clear();
  }
}

/** One service, asked again and again. */
class Reflector {
  readonly #ports: DescriptorDeskPorts;
  readonly #closing = new AbortController();
  #service: ServiceConfig;
  #tls: UpstreamTls;
  #status: DescriptorStatus;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** Ends the pause. */
  #waking = new AbortController();
  #isWanted = false;
  #work: Promise<void> = Promise.resolve();

  constructor(service: ServiceConfig, tls: UpstreamTls, ports: DescriptorDeskPorts) {
    this.#service = service;
    this.#tls = tls;
    this.#ports = ports;
    this.#status = { service: service.id, from: null, digest: null, learnedAtMs: 0, problem: '' };
  }

  get status(): DescriptorStatus {
    return this.#status;
  }

  async start(): Promise<void> {
    await this.#recall();
    this.#work = this.#run();
  }

  /** Takes over a changed configuration: the service is asked anew if it may be another. */
  use(service: ServiceConfig, tls: UpstreamTls): void {
    const isSame =
      isDeepStrictEqual(tls, this.#tls) &&
      isDeepStrictEqual(
        [service.endpoints, service.discovery, service.grpc],
        [this.#service.endpoints, this.#service.discovery, this.#service.grpc],
      );
    [this.#service, this.#tls] = [service, tls];
    if (isSame) return;
    this.#askedAtMs = Number.NEGATIVE_INFINITY;
    this.refresh();
  }

  refresh(): void {
    this.#isWanted = true;
    this.#waking.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the gateway is closing'));
    this.#waking.abort();
    await this.#work;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#askedAtMs = this.#ports.clock.now();
      this.#isWanted = false;
      await this.#attempt();
      await this.#untilDue();
    }
  }

  /** Until the next turn, or until somebody wants it and the cool-down is over. */
  async #untilDue(): Promise<void> {
    const { grpc } = this.#service;
    const refreshMs = grpc?.kind === 'reflection' ? grpc.refreshMs : LAST_RETRY_MS;
    const retryMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures - 1, 10));
    const dueMs = this.#askedAtMs + (this.#failures > 0 ? Math.min(retryMs, refreshMs) : refreshMs);
    while (!this.#closing.signal.aborted) {
      const soonestMs = this.#isWanted ? Math.min(dueMs, this.#askedAtMs + COOL_DOWN_MS) : dueMs;
      const waitMs = soonestMs - this.#ports.clock.now();
      if (!(waitMs > 0)) return;
      this.#waking = new AbortController();
      const either = AbortSignal.any([this.#waking.signal, this.#closing.signal]);
      await this.#ports.pause(waitMs, either).catch(() => {}); // it was woken
    }
  }

  async #attempt(): Promise<void> {
    const { signal } = this.#closing;
    const targets = this.#targets();
    let problem = 'none of its endpoints is known';
    for (const target of targets.slice(0, MOST_ENDPOINTS)) {
      try {
        return await this.#learn(await this.#ask(target, signal));
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
        if (signal.aborted) return;
      }
    }
    this.#failed(problem);
  }

  async #ask(target: ReflectionTarget, signal: AbortSignal): Promise<Reflected> {
    const late = new AbortController();
    const done = new AbortController();
    this.#ports.pause(ATTEMPT_MS, done.signal).then(
      () => late.abort(new Error(`no answer within ${ATTEMPT_MS} ms`)),
      () => {}, // it was done in time
    );
    try {
      return await this.#ports.reflect(target, AbortSignal.any([signal, late.signal]));
    } finally {
      done.abort();
    }
  }

  #targets(): ReflectionTarget[] {
    const { id, endpoints, discovery } = this.#service;
    const known = discovery === null ? endpoints : (this.#ports.discovered(id)?.endpoints ?? []);
    return known
      .filter(({ weight }) => weight > 0)
      .map(({ host, port, url }) => ({ host, port, tls: tlsOf(this.#tls, url) }));
  }

  /** Checks before anybody uses it: a set that cannot be opened does not replace one that can. */
  async #learn({ digest, set }: Reflected): Promise<void> {
    await check(set);
    this.#failures = 0;
    const isNew = digest !== this.#status.digest;
    const learnedAtMs = this.#ports.clock.epoch();
    this.#status = { ...this.#status, from: 'service', digest, learnedAtMs, problem: '' };
    if (!isNew) return;
    this.#publish(digest, set);
    this.#ports.log.info('a service has described itself', { service: this.#service.id, bytes: set.length });
    await this.#save({ digest, set, learnedAtMs });
  }

  #failed(problem: string): void {
    this.#failures++;
    if (problem !== this.#status.problem)
      this.#ports.log.warn('a service cannot be asked for its descriptors', {
        service: this.#service.id,
        problem,
      });
    this.#status = { ...this.#status, problem };
  }

  #publish(digest: string, set: Uint8Array): void {
    const { id } = this.#service;
    this.#ports.publish(id, { topic: 'descriptors', id, digest, set });
  }

  async #save({ digest, set, learnedAtMs }: Reflected & { readonly learnedAtMs: number }): Promise<void> {
    const path = this.#path();
    try {
      await writeSavedJson(path, { digest, learnedAtMs, set: Buffer.from(set).toString('base64') });
    } catch (error) {
      this.#ports.log.warn('descriptors could not be saved', { path, problem: String(error) });
    }
  }

  async #recall(): Promise<void> {
    const path = this.#path();
    try {
      const saved = (await readSavedJson(path)) as
        | { digest: string; learnedAtMs: number; set: string }
        | undefined;
      if (saved === undefined) return;
      // The digest of the file says that we have written it; what we wrote has this form.
      const set = Buffer.from(saved.set, 'base64');
      await check(set);
      this.#status = { ...this.#status, from: 'disk', digest: saved.digest, learnedAtMs: saved.learnedAtMs };
      this.#publish(saved.digest, set);
    } catch (error) {
      this.#ports.log.warn('saved descriptors cannot be read', { path, problem: String(error) });
    }
  }

  #path(): string {
    return join(this.#ports.stateDirectory, 'descriptors', `${this.#service.id}.json`);
  }
}

/** Throws for a set that cannot be opened. The library behind it is loaded only when there is one. */
async function check(set: Uint8Array): Promise<void> {
  const { openDescriptors } = await import('@turnpike/config/descriptors');
  openDescriptors(set);
}
