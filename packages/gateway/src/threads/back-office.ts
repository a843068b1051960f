import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayConfig } from '@turnpike/config';
import { AcmeDesk, type AcmeStatus } from '../acme/acme-desk.ts';
import type { EndpointSet } from '../core/endpoint-set.ts';
import type { DescriptorNews, Errand, ForgottenNews, News } from '../core/desk.ts';
import type { DecisionTrace } from '../core/decision-trace.ts';
import type { TapBatch, TapWish } from '../core/live-tap.ts';
import type { OtlpBatch } from '../core/otlp-batch.ts';
import { systemClock, type Log } from '../core/ports.ts';
import { logOf } from '../core/log-component.ts';
import { random, unpredictableSeed } from '../core/random.ts';
import { Remembered } from '../core/remembered.ts';
import { fetchText } from '../identity/http/fetch-text.ts';
import { HttpClient } from '../identity/http/http-client.ts';
import { systemTimers } from '../identity/providers/clockwork.ts';
import { IdentityDesk } from '../identity/providers/identity-desk.ts';
import type { ProviderStatus } from '../identity/providers/provider-status.ts';
import type { IssuedKeysData } from '../identity/consumers/issued-keys.ts';
import type { JwkSet } from '../identity/signing/published-keys.ts';
import { SigningKeys } from '../identity/signing/signing-keys.ts';
import { AddressListKeeper, type AddressListStatus } from '../lists/address-list-keeper.ts';
import { systemWait } from '../lists/pause.ts';
import { reflect } from '../translate/grpc/reflection/reflect.ts';
import type { Slots } from '../upstream/balance/slots.ts';
import type { DiscoveryStatus } from '../upstream/discover/discovery.ts';
import type { AcmeStorage } from '../acme/acme-storage.ts';
import { AcmeStorages } from './acme-storages.ts';
import { DescriptorDesk, type DescriptorStatus } from './descriptor-desk.ts';
import { DiscoveryDesk } from './discovery-desk.ts';
import { NewsBoard } from './news-board.ts';
import { SessionFleet } from './session-fleet.ts';
import { StickyKeys } from './sticky-keys.ts';
import { TicketSecrets } from './ticket-secrets.ts';
import { watchFiles, type FileWatch } from './watch-files.ts';

/** What the office works with. */
export interface OfficePorts {
  readonly log: Log;
  readonly stateDirectory: string;
  /** What gateways share in the database; null: there is no control plane. */
  readonly sharedStorage: AcmeStorage | null;
  /** Whether files are watched. */
  readonly watch: boolean;
  /** Brings news to all data threads. */
  readonly publish: (news: News) => void;
  /** Places for endpoints in shared memory. */
  readonly slots: Slots;
  /** An order of a certificate has ended. */
  readonly certificateOrdered: (certificate: string, result: 'success' | 'failure') => void;
  /** Data threads that there are. */
  readonly threads: number;
  /** What threads hand on to be exported. */
  readonly takeTelemetry: (batch: OtlpBatch) => void;
  /** What threads hand on to be shown. */
  readonly takeTapped: (batch: TapBatch) => void;
  readonly keepTrace: (trace: DecisionTrace) => void;
}

/** How the sources of the office do. */
export interface OfficeStatus {
  readonly identityProviders: readonly ProviderStatus[];
  readonly addressLists: readonly AddressListStatus[];
  readonly discovery: readonly DiscoveryStatus[];
  readonly acme: readonly AcmeStatus[];
  readonly descriptors: readonly DescriptorStatus[];
}

/**
 * What is done once a process for all data threads: learning keys and lists, and calling identity providers. Lives in the
 * main thread, off the path of requests: while it is busy or its providers are gone, the threads serve with what they know.
 */
export class BackOffice {
  readonly #publishToThreads: (news: News) => void;
  readonly #takeTelemetry: (batch: OtlpBatch) => void;
  readonly #takeTapped: OfficePorts['takeTapped'];
  readonly #keepTrace: OfficePorts['keepTrace'];
  readonly #board = new NewsBoard();
  readonly #http = new HttpClient();
  /** Each watch has a request under way all the time, and there may be one a service: none may wait for another. */
  readonly #watching = new HttpClient({ connections: null });
  readonly #desk: IdentityDesk;
  readonly #sessions: SessionFleet;
  readonly #lists: AddressListKeeper;
  /** What the configuration that is being taken over does not need. Threads that may stay with the one before do. */
  #forgotten: ForgottenNews[] = [];
  readonly #signing: SigningKeys;
  readonly discovery: DiscoveryDesk;
  readonly descriptors: DescriptorDesk;
  readonly #stickyKeys: StickyKeys;
  readonly #tickets: TicketSecrets;
  readonly #acmeStorages: AcmeStorages;
  readonly acme: AcmeDesk;
  /** GraphQL documents that clients have registered, by SHA-256. */
  readonly #documents = new Remembered<string>(MAX_REGISTERED, (_, text) => text.length + 64);

  constructor({
    log,
    stateDirectory,
    watch,
    publish,
    slots,
    threads,
    takeTelemetry,
    takeTapped,
    keepTrace,
    certificateOrdered,
    sharedStorage,
  }: OfficePorts) {
    this.#publishToThreads = publish;
    this.#takeTelemetry = takeTelemetry;
    this.#takeTapped = takeTapped;
    this.#keepTrace = keepTrace;
    const watched = watch ? watchFiles : withoutWatch;
    const clockwork = { clock: systemClock, timers: systemTimers, random: random(unpredictableSeed()) };
    const publishing = { publish: (news: News) => this.#publish(news), stateDirectory };
    const identityLog = logOf(log, 'identity');
    const discoveryLog = logOf(log, 'discovery');
    const certificateLog = logOf(log, 'certificates');
    const ports = { ...publishing, log: identityLog };
    this.#sessions = new SessionFleet({
      log: identityLog,
      hear: (ended) => this.#desk.hearEnded(ended),
      all: () => this.#desk.endedSessions,
    });
    this.#desk = new IdentityDesk({
      ...ports,
      clockwork,
      watch: (onChange) => watched(onChange, identityLog),
      shareEnded: (ended) => this.#sessions.tell(ended),
    });
    this.#lists = new AddressListKeeper({
      ...ports,
      ...clockwork,
      directory: join(stateDirectory, 'lists'),
      wait: systemWait,
      fetchText: (url, options) => fetchText(this.#http, url, options),
      watchFiles: watched,
    });
    this.#signing = new SigningKeys({ ...ports, clock: systemClock });
    this.discovery = new DiscoveryDesk({
      ...publishing,
      log: discoveryLog,
      web: this.#watching,
      slots,
      threads,
      watchFiles: (onChange) => watched(onChange, discoveryLog),
      publish: (service, set) => this.#tellOfEndpoints(service, set),
    });
    this.descriptors = new DescriptorDesk({
      ...publishing,
      log: discoveryLog,
      clock: systemClock,
      reflect,
      pause: (ms, signal) => delay(ms, undefined, { signal, ref: false }),
      discovered: (service) => this.endpointsOf(service),
      publish: (service, news) => {
        if (news === null) this.#forget('descriptors', service);
        else this.#publish(news);
      },
    });
    this.#stickyKeys = new StickyKeys(ports);
    this.#tickets = new TicketSecrets({ ...publishing, timers: systemTimers });
    this.#acmeStorages = new AcmeStorages(stateDirectory, { log: certificateLog, database: sharedStorage });
    this.acme = new AcmeDesk({
      ...publishing,
      log: certificateLog,
      ...clockwork,
      http: this.#http,
      wait: systemWait,
      ordered: certificateOrdered,
      storageOf: (config) => this.#acmeStorages.of(config),
    });
  }

  /** Everything that is known, for a thread that starts. */
  get news(): readonly News[] {
    return this.#board.all;
  }

  get status(): OfficeStatus {
    return {
      identityProviders: this.#desk.status(),
      addressLists: this.#lists.status(),
      discovery: this.discovery.status,
      acme: this.acme.status,
      descriptors: this.descriptors.status,
    };
  }

  /** What is known of the endpoints of a service that are discovered. */
  endpointsOf(service: string): EndpointSet | null {
    return this.#board.latest('endpoints', service);
  }

  /** What a service that describes itself has said. */
  descriptorsOf(service: string): DescriptorNews | null {
    return this.#board.latest('descriptors', service);
  }

  /** The public keys with which services verify what we tell them of callers. */
  get jwks(): JwkSet {
    return this.#signing.jwks();
  }

  /** Takes back what the registry knew before the restart; before anything else, and once. */
  start(): Promise<void> {
    return this.discovery.start();
  }

  /** Takes over a configuration. Resolves when what is on this machine is read and told; waits three seconds for registries, and for nobody else. */
  async use(config: GatewayConfig): Promise<void> {
    const { identityProviders, lists } = config;
    this.#forgotten = [];
    for (const { id } of this.#lists.status())
      if (!lists.some((list) => list.id === id)) this.#publish({ topic: 'addresses', id, table: null });
    for (const { id } of this.#desk.status())
      if (!identityProviders.some((provider) => provider.id === id)) this.#forget('provider', id);
    this.#tickets.use(config);
    this.#acmeStorages.use(config.stores.redis);
    await Promise.all([
      this.#desk.use(identityProviders),
      this.#lists.use(lists),
      this.#signing.use(config),
      this.#stickyKeys.use(config),
      this.discovery.use(config),
      this.acme.use(config),
      this.descriptors.use(config),
    ]);
    this.#sessions.use(config);
  }

  /** The threads have taken that configuration over, and need no more what was only for the one before. */
  settle(): void {
    for (const news of this.#forgotten) this.#publishToThreads(news);
    this.#forgotten = [];
  }

  /** Looks again at lists and keys that are in files: without a watch, or where it saw nothing. */
  async reread(): Promise<void> {
    this.discovery.reread();
    await Promise.all([this.#desk.reread(), this.#lists.reread()]);
  }

  /** Runs an errand of a data thread. */
  run(errand: Errand): Promise<unknown> {
    if (errand.kind === 'refresh-descriptors') {
      this.descriptors.refresh(errand.service);
      return Promise.resolve(null);
    }
    if (errand.kind === 'refresh-endpoints') {
      this.discovery.refresh(errand.service);
      return Promise.resolve(null);
    }
    if (errand.kind === 'register-document') {
      this.#documents.set(errand.sha256, errand.text);
      return Promise.resolve(null);
    }
    if (errand.kind === 'export-telemetry') {
      this.#takeTelemetry(errand);
      return Promise.resolve(null);
    }
    if (errand.kind === 'hand-tapped') {
      this.#takeTapped(errand);
      return Promise.resolve(null);
    }
    if (errand.kind === 'keep-trace') {
      this.#keepTrace(errand);
      return Promise.resolve(null);
    }
    if (errand.kind === 'find-document') return Promise.resolve(this.#documents.get(errand.sha256) ?? null);
    return this.#desk.run(errand);
  }

  async close(): Promise<void> {
    this.#tickets.close();
    await this.#sessions.close();
    await Promise.all([
      this.#desk.close(),
      this.#lists.close(),
      this.discovery.close(),
      this.descriptors.close(),
      this.acme.close(),
    ]);
    this.#acmeStorages.close();
    await Promise.all([this.#http.close(), this.#watching.close()]);
  }

  /** From now on these keys are issued; nobody remembers others. */
  issue(keys: IssuedKeysData): void {
    this.#publish({ topic: 'issued-keys', id: '', ...keys });
  }

  /** Where browsers log in at a provider, as it is known, or as it is after one try to learn it; null: nobody knows. */
  async authorizationEndpoint(provider: string): Promise<string | null> {
    const known = (): string | null =>
      this.#board.latest('provider', provider)?.authorizationEndpoint ?? null;
    if (known() === null) await this.run({ kind: 'refresh-keys', provider });
    return known();
  }

  /** From now on these people watch. */
  tap(wishes: readonly TapWish[]): void {
    this.#publish({ topic: 'tap', id: '', wishes });
  }

  #tellOfEndpoints(id: string, set: EndpointSet | null): void {
    if (set === null) this.#forget('endpoints', id);
    else this.#publish({ topic: 'endpoints', id, ...set });
  }

  #forget(what: ForgottenNews['what'], id: string): void {
    this.#board.forget(what, id);
    this.#forgotten.push({ topic: 'forgotten', what, id });
  }

  #publish(news: News): void {
    this.#board.publish(news);
    this.#publishToThreads(news);
  }
}

/** In characters. */
const MAX_REGISTERED = 16_000_000;

/** Where the user wants nothing to be watched: changes are seen at the next reload. */
function withoutWatch(): FileWatch {
  return { update: () => Promise.resolve(false), close: () => Promise.resolve() };
}
