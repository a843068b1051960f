import type { AddressBlock, GatewayConfig } from '@turnpike/config';
import type { AnyPolicy } from '@turnpike/sdk';
import type { Exchange } from '../core/exchange.ts';
import type { Log } from '../core/ports.ts';
import { problem } from '../core/problem.ts';
import type { DebugRequests } from '../debug-requests.ts';
import type { Gateway } from '../gateway.ts';
import { metricsBuffer, type MetricCapacity } from '../observe/metric-memory.ts';
import { ThreadMetrics } from '../observe/metrics.ts';
import { PluginModules } from '../plugins/plugin-modules.ts';
import { DecisionPoints } from '../stages/authorize/external/decision-points.ts';
import { NewsBoard } from '../threads/news-board.ts';
import type { SnapshotData } from '../threads/protocol.ts';
import { ThreadAccess } from '../threads/thread-access.ts';
import { traceOf, watchRequest, type WatchedReply } from '../watched-request.ts';
import { refusedExchange } from '../wire/http1/refused-exchange.ts';
import { TimingWheel } from '../core/timing-wheel.ts';
import { DrivenTime } from './driven-time.ts';
import { fakeAuthorizer } from './fake-authorizer.ts';
import { fakeDesk, officeNews } from './fake-office.ts';
import { FakeProviders } from './fake-providers.ts';
import { FakeServices, turn } from './fake-services.ts';
import { driven } from './driven.ts';
import { memoryFor, newMemory } from './fresh-memory.ts';
import { offlineSnapshot } from './offline-snapshot.ts';
import { newGateway } from './offline-state.ts';
import type { OfflineExchange, OfflineRequest, OfflineWorld, UpstreamRequest } from './offline-types.ts';
import { readReply } from './read-reply.ts';
import { requestReader } from './read-request.ts';
import { withoutNetwork } from './without-network.ts';

export type { Field } from './fields.ts';
export type * from './offline-types.ts';
export { offlineKey } from './without-network.ts';

/** How a gateway is opened that reaches nobody. */
export interface OfflineOptions {
  /** What stands behind it and beside it. */
  readonly world: OfflineWorld;
  /** Where its clock begins, in milliseconds since 1970. */
  readonly startMs: number;
  /** The same seed makes the same choices. */
  readonly seed: number;
  /** What is in the lists that would be fetched or read, by name; those with a URL that are not here are as before the first fetch. */
  readonly lists?: ReadonlyMap<string, readonly AddressBlock[]>;
  /** Without it nobody hears what it says. */
  readonly log?: Log;
  /** Plugins that are in no file, by what the configuration calls them. */
  readonly plugins?: ReadonlyMap<string, AnyPolicy>;
}

/**
 * A gateway in this process that opens no socket: the snapshot, the pipeline, the pools and the parser are those that serve;
 * time passes when it is told to, and services, identity providers and services that authorize are played.
 */
export interface OfflineGateway {
  /** From request to response. Where only the clock can help (a service that is silent, a pause before a retry), it moves. */
  handle(request: OfflineRequest): Promise<OfflineExchange>;
  /** Lets so much time pass. */
  advance(ms: number): Promise<void>;
  /** Milliseconds since 1970, on the clock that is driven. */
  readonly nowMs: number;
  /** The identity providers of the configuration, which sign what they are asked to. */
  readonly providers: Pick<FakeProviders, 'token' | 'opaqueToken'>;
  /** Forgets everything: limits, caches, breakers, and the time that has passed. */
  restart(): void;
  close(): void;
}

/** Opens a valid configuration offline. Rejects if a list or a key in a file cannot be read. */
export async function openOffline(config: GatewayConfig, options: OfflineOptions): Promise<OfflineGateway> {
  const time = new DrivenTime(options.startMs);
  const providers = new FakeProviders(config.identityProviders, time);
  const reachable = withoutNetwork(config, options.lists);
  const snapshot = offlineSnapshot(reachable, options.startMs);
  const log = options.log ?? SILENT;
  const access = new ThreadAccess({
    desk: fakeDesk(providers, time),
    news: new NewsBoard(await officeNews(reachable, providers)),
    log,
    clock: time,
    // Nothing is set here: what times out does so on the wheel of the gateway, which is new after each restart.
    wheel: new TimingWheel(() => time.now()),
    replays: newMemory(0, 0).replays,
    plugins: new PluginModules(options.plugins),
  });
  await access.prepare(snapshot);
  return new Offline({ snapshot, time, providers, access, log }, options);
}

/** What outlasts a restart. */
interface Lasting {
  readonly snapshot: SnapshotData;
  readonly time: DrivenTime;
  readonly providers: FakeProviders;
  readonly access: ThreadAccess;
  readonly log: Log;
}

/** A request that is under way. */
interface UnderWay {
  readonly upstream: UpstreamRequest[];
  watched: WatchedReply | null;
}

class Offline implements OfflineGateway {
  readonly #lasting: Lasting;
  readonly #options: OfflineOptions;
  #access: ReturnType<ThreadAccess['of']>;
  readonly #metrics = new ThreadMetrics(metricsBuffer(CAPACITY));
  readonly #readers: ReadonlyMap<string, ReturnType<typeof requestReader>>;
  readonly #underWay = new Map<string, UnderWay>();
  #services: FakeServices;
  #gateway: Gateway;
  #requests = 0;

  constructor(lasting: Lasting, options: OfflineOptions) {
    const { snapshot, access } = lasting;
    this.#lasting = lasting;
    this.#options = options;
    this.#access = access.of(snapshot);
    this.#readers = new Map(snapshot.listeners.map((listener) => [listener.id, requestReader(listener)]));
    this.#services = this.#newServices();
    this.#gateway = this.#newGateway();
  }

  get nowMs(): number {
    return this.#lasting.time.now();
  }

  get providers(): FakeProviders {
    return this.#lasting.providers;
  }

  restart(): void {
    this.#lasting.time.restart();
    // What plugins remember is theirs, and made anew with them.
    this.#access = this.#lasting.access.of(this.#lasting.snapshot);
    this.#requests = 0;
    this.#underWay.clear();
    this.#services = this.#newServices();
    this.#gateway = this.#newGateway();
  }

  async advance(ms: number): Promise<void> {
    this.#lasting.time.advance(ms);
    await turn();
  }

  close(): void {
    this.#lasting.access.close();
  }

  async handle(request: OfflineRequest): Promise<OfflineExchange> {
    const { time } = this.#lasting;
    const read = this.#readers.get(request.listener);
    if (read === undefined) throw new Error(`there is no listener ${request.listener}`);
    const stamp = { id: `offline-${++this.#requests}`, nowMs: time.wheel.touch() };
    const given = read(request, stamp);
    if (given.kind === 'refused') return this.#refused(request, given.code, stamp);
    return this.#serve(given.exchange);
  }

  async #serve(exchange: Exchange): Promise<OfflineExchange> {
    const { time } = this.#lasting;
    const underWay: UnderWay = { upstream: [], watched: null };
    this.#underWay.set(exchange.id, underWay);
    const headers = exchange.headers.share();
    const response = await driven(this.#replied(exchange), {
      time,
      isHolding: () => this.#services.areHolding,
    });
    // What is done beside the reply, such as copies, has its turn as well.
    await turn();
    await turn();
    this.#underWay.delete(exchange.id);
    const { watched, upstream } = underWay;
    const given = watched ?? { reply: problem('INTERNAL', exchange.id), steps: [] };
    exchange.end();
    this.#gateway.count(exchange, time.now());
    const trace = traceOf(exchange.id, { exchange, headers }, given);
    const durationMs = time.now() - exchange.startedAtMs;
    return { response, upstream, caller: exchange.identity, trace: { ...trace, durationMs } };
  }

  async #replied(exchange: Exchange) {
    const reply = await this.#gateway.handle(exchange);
    exchange.record.status = reply.status;
    if (reply.code !== '') exchange.record.code = reply.code;
    return readReply(exchange, reply, this.#lasting.time);
  }

  /** The answer of a connection to what is no request. */
  async #refused(
    { listener, version }: OfflineRequest,
    code: Parameters<typeof problem>[0],
    { id, nowMs }: { readonly id: string; readonly nowMs: number },
  ): Promise<OfflineExchange> {
    const arrival = { listener, scheme: 'http', port: 0, bodyBytes: 0 } as const;
    const exchange = refusedExchange({
      id,
      version,
      arrival: { ...arrival, forwardedClientCert: false, forwardsClientCert: false },
      peer: { address: '', family: 'ipv4', port: 0 },
      startedAtMs: nowMs,
    });
    const reply = problem(code, id);
    Object.assign(exchange.record, { status: reply.status, code });
    const response = await readReply(exchange, reply, this.#lasting.time);
    const { headers } = exchange;
    const trace = traceOf(id, { exchange, headers }, { reply, steps: [] });
    return { response, upstream: [], caller: null, trace };
  }

  #newServices(): FakeServices {
    const services: FakeServices = new FakeServices({
      clock: this.#lasting.time,
      answer: this.#options.world.service,
      got: (request, id) => {
        // What comes late from before a restart is nobody's.
        if (this.#services !== services) return;
        const own = this.#underWay.get(id);
        // A copy has an id of its own: it belongs to whoever is there.
        for (const one of own === undefined ? this.#underWay.values() : [own]) one.upstream.push(request);
      },
    });
    return services;
  }

  #newGateway(): Gateway {
    const { snapshot, time, log } = this.#lasting;
    const { world, seed } = this.#options;
    const { wheel } = time;
    const open = (config: Parameters<typeof fakeAuthorizer>[0]) =>
      fakeAuthorizer(config, { wheel, answer: world.authorizer });
    return newGateway({
      snapshot,
      time,
      shared: memoryFor(snapshot, time.now()),
      metrics: this.#metrics,
      services: this.#services,
      log,
      seed,
      access: { ...this.#access, decisionPoints: new DecisionPoints({ clock: time, wheel, log }, open) },
      debugOf: () => this.#watching,
      stickyKey: STICKY_KEY,
    });
  }

  /** Every request is watched, as those are that come with a token for that. */
  readonly #watching: DebugRequests = {
    isAsked: () => true,
    trace: async (exchange, handle) => {
      const watched = await watchRequest(exchange, handle);
      const underWay = this.#underWay.get(exchange.id);
      if (underWay !== undefined) underWay.watched = watched;
      return watched.reply;
    },
  };
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const CAPACITY: MetricCapacity = {
  rows: 20_000,
  slots: 200_000,
  octaves: 10_000,
  textBytes: 500_000,
  exemplars: 16,
};
const STICKY_KEY = new Uint8Array(32);
