import { isDeepStrictEqual } from 'node:util';
import type { AcmeCertificateConfig, KeyPairFiles, ListenerConfig } from '@turnpike/config';
import { certificateId } from '../acme/certificate-plan.ts';
import { ProofBoard } from '../acme/proof-board.ts';
import { NO_PROOFS } from '../acme/shown-proofs.ts';
import { Baselines } from '../admission/baselines.ts';
import { Gates } from '../admission/gates.ts';
import { KeyCounts } from '../admission/key-counts.ts';
import { memoryUse } from '../admission/memory-use.ts';
import { ServiceLimits } from '../admission/service-limits.ts';
import { StrainBoard } from '../admission/strain-board.ts';
import { ThreadStrain } from '../admission/thread-strain.ts';
import { threadCpuMs } from '../admission/thread-time.ts';
import { addressSet } from '../core/address-set.ts';
import type { DecisionTrace } from '../core/decision-trace.ts';
import type { CertificateNews, Desk, News, ProofNews } from '../core/desk.ts';
import type { Exchange } from '../core/exchange.ts';
import { logOf } from '../core/log-component.ts';
import { systemClock, type Log } from '../core/ports.ts';
import { random, unpredictableSeed } from '../core/random.ts';
import { OpenStreams } from '../core/open-streams.ts';
import { requestIds } from '../core/request-ids.ts';
import { TimingWheel } from '../core/timing-wheel.ts';
import { debugRequests } from '../debug-requests.ts';
import { Gateway } from '../gateway.ts';
import { LiveTap } from '../observe/live-tap.ts';
import { ThreadMetrics } from '../observe/metrics.ts';
import type { OtlpOutbox } from '../observe/otlp/otlp-outbox.ts';
import { sampleThread } from '../observe/samplers.ts';
import { requestStory, type TellRequest } from '../observe/request-story.ts';
import { Tracer } from '../observe/traces/tracer.ts';
import { breakerCounter } from '../observe/breaker-counter.ts';
import type { Access } from '../pipeline.ts';
import { BreakerStates } from '../stages/circuit-breaker/breaker-states.ts';
import { breakersOf, type BreakersPorts } from '../stages/circuit-breaker/breakers.ts';
import type { SharedCacheResult } from '../stores/redis/redis-cache.ts';
import { EndpointStates } from '../upstream/balance/endpoint-states.ts';
import { ServiceTallies } from '../upstream/resilience/service-tallies.ts';
import { Services } from '../upstream/services.ts';
import { Copies } from '../stages/mirror/copies.ts';
import { ClientConnection } from '../wire/http1/client-connection.ts';
import { Http2ClientConnection } from '../wire/http2/client-connection.ts';
import {
  Listener,
  type ConnectionTally,
  type Leave,
  type ListenerPlan,
  type ListenerPorts,
} from '../wire/listener.ts';
import type { TlsCertificate, TlsSettings } from '../wire/tls/tls-settings.ts';
import { TlsTerminator } from '../wire/tls/tls-terminator.ts';
import { NewsBoard } from './news-board.ts';
import { outboxOf } from './outbox-of.ts';
import { pemText } from './pem-texts.ts';
import type { SnapshotData, ThreadStart } from './protocol.ts';
import { tapOf } from './tap-of.ts';
import { ThreadAccess } from './thread-access.ts';
import { ThreadLogs } from './thread-logs.ts';
import { unreachableServices } from './unreachable-services.ts';
import { ThreadCaches } from './thread-caches.ts';
import { ThreadCounters } from './thread-counters.ts';

/** How often connections are counted for the metrics. */
const SAMPLE_INTERVAL_MS = 1000;

/** An open listener and the configuration that it was opened with. */
interface OpenListener {
  readonly config: ListenerConfig;
  readonly tls: TlsTerminator | null;
  readonly listener: Listener;
}

/** Everything of one data thread: gateway, services, listeners, log and metrics, put together. */
export class DataPlane {
  readonly #log: Log;
  readonly #story: TellRequest;
  readonly #wheel = new TimingWheel(() => systemClock.now());
  readonly #metrics: ThreadMetrics;
  readonly #services: Services;
  readonly #news: NewsBoard;
  readonly #access: ThreadAccess;
  readonly #counters: ThreadCounters;
  readonly #caches: ThreadCaches;
  readonly #keyCounts: KeyCounts;
  readonly #gates: Gates;
  readonly #strain: ThreadStrain;
  readonly #breakerPorts: BreakersPorts;
  readonly #copies = new Copies();
  readonly #streams: OpenStreams;
  readonly #gateway: Gateway;
  readonly #listenerPorts: ListenerPorts;
  readonly #logs: ThreadLogs;
  readonly #tap: LiveTap;
  readonly #spans: OtlpOutbox;
  #tracer: Tracer | null = null;
  #tracesPlan: SnapshotData['traces'] = null;
  #listeners = new Map<string, OpenListener>();
  readonly #proofs = new ProofBoard();
  #shown = NO_PROOFS;
  #pems: SnapshotData['pems'] = new Map();
  #isProtected = true;
  #stopMeasuring: () => void = () => {};
  #underWay = 0;
  #whenIdle: (() => void) | null = null;

  constructor(start: ThreadStart, log: Log, desk: Desk) {
    const { thread, shared, metrics, snapshot, news } = start;
    this.#log = log;
    this.#news = new NewsBoard(news);
    this.#metrics = new ThreadMetrics(metrics);
    this.#spans = outboxOf('traces', { desk, wheel: this.#wheel, metrics: this.#metrics });
    this.#tap = tapOf(this.#news, { desk, wheel: this.#wheel });
    const states = new EndpointStates(shared.endpointStates, thread);
    const ports = {
      wheel: this.#wheel,
      random: random(unpredictableSeed()),
      states,
      zone: snapshot.zone,
      stickyKey: () => this.#news.latest('sticky-key', '')?.key ?? null,
      panicked: (service: string) => this.#metrics.counter('turnpike_panic_picks_total', { service }).add(1),
      unreachable: unreachableServices(desk, this.#wheel),
      lastCallAtMs: () => this.#streams.lastCallAtMs,
      tallies: new ServiceTallies(shared.serviceTallies, thread),
      connect: (home: ConstructorParameters<typeof ClientConnection>[0]) => new ClientConnection(home),
      connectShared: (home: ConstructorParameters<typeof Http2ClientConnection>[0]) =>
        new Http2ClientConnection(home),
    };
    this.#streams = new OpenStreams(ports.random);
    this.#services = new Services(ports, (service) => this.#news.latest('endpoints', service));
    this.#news.subscribe('endpoints', (found) => this.#services.take(found.id, found));
    this.#news.subscribe('ticket-secret', ({ secret }) => {
      for (const { tls } of this.#listeners.values()) tls?.rotate(secret);
    });
    this.#news.subscribe('certificate', () => this.#renewCertificates());
    this.#news.subscribe('proofs', (proofs) => this.#prove(proofs));
    this.#access = new ThreadAccess({
      desk,
      news: this.#news,
      log: logOf(log, 'identity'),
      clock: systemClock,
      wheel: this.#wheel,
      sharedProofs: () => this.#counters.proofs,
      ...shared,
    });
    const countShared = (result: SharedCacheResult) =>
      this.#metrics.counter('turnpike_shared_cache_total', { result }).add(1);
    this.#counters = new ThreadCounters({
      log: logOf(log, 'limits'),
      wheel: this.#wheel,
      countShared,
      ...shared,
    });
    this.#caches = new ThreadCaches(thread, { clock: systemClock, wheel: this.#wheel });
    this.#keyCounts = new KeyCounts(shared.keyCounts, thread);
    this.#strain = new ThreadStrain({
      clock: systemClock,
      random: ports.random,
      memoryUse,
      cpuMs: threadCpuMs,
      shown: new StrainBoard(shared.strains).line(thread),
    });
    this.#gates = new Gates({
      limits: new ServiceLimits(shared.serviceLimits, thread),
      baselines: new Baselines(shared.baselines),
      counts: this.#keyCounts,
      clock: systemClock,
      wheel: this.#wheel,
      ownDelayMs: () => this.#strain.ownDelayMs,
    });
    this.#breakerPorts = {
      states: new BreakerStates(shared.breakers),
      nowMs: () => this.#wheel.nowMs,
      random: ports.random,
      tally: (service) => breakerCounter(this.#metrics, service),
    };
    // A supervisor that is silent has nobody who could ask it for a trace.
    const hand = (trace: DecisionTrace) => void desk.run('keep-trace', trace).catch(() => null);
    this.#gateway = new Gateway(
      snapshot,
      {
        ...ports,
        services: this.#services,
        streams: this.#streams,
        encodedBodies: { open: 0 },
        access: (next) => this.#accessOf(next),
        debugOf: ({ debugSecret: secret }) =>
          secret === null
            ? null
            : debugRequests(secret, { clock: systemClock, newTraceId: requestIds(), hand }),
        tracerOf: (next) => this.#tracerOf(next),
        clock: systemClock,
        log: logOf(log, 'requests'),
      },
      this.#metrics,
    );
    this.#story = requestStory(logOf(log, 'requests'), logOf(log, 'cache'));
    const droppedLines = this.#metrics.counter('turnpike_access_log_dropped_total', {});
    this.#logs = new ThreadLogs({
      log: logOf(log, 'telemetry'),
      clock: systemClock,
      compileLogField: (text) => this.#access.compileLogField(text),
      pathNames: (route) => this.#gateway.pathNames(route),
      countDropped: (lines) => droppedLines.add(lines),
      openOutbox: () => outboxOf('logs', { desk, wheel: this.#wheel, metrics: this.#metrics }),
    });
    this.#listenerPorts = {
      connectionCounts: new KeyCounts(shared.connectionCounts, thread),
      handle: (exchange) => {
        this.#underWay++;
        return this.#gateway.handle(exchange);
      },
      isExhausted: () => this.#isProtected && this.#strain.isExhausted,
      clock: systemClock,
      wheel: this.#wheel,
      log: logOf(log, 'requests'),
      newRequestId: requestIds(),
      ended: (exchange, endedAtMs) => this.#ended(exchange, endedAtMs),
    };
    for (const known of news) if (known.topic === 'proofs') this.#prove(known);
  }

  /** Opens what the snapshot says; gives the ports of its listeners. */
  async open(snapshot: SnapshotData): Promise<number[]> {
    this.#wheel.start();
    this.#stopMeasuring = this.#strain.start();
    sampleThread(this.#metrics);
    setInterval(() => this.#sampleConnections(), SAMPLE_INTERVAL_MS).unref();
    await this.#access.prepare(snapshot);
    await this.#logs.use(snapshot.accessLog);
    return this.#openListeners(snapshot);
  }

  /** Takes a new snapshot; throws, and has changed nothing, if a new listener cannot be opened. */
  async apply(snapshot: SnapshotData): Promise<number[]> {
    await this.#access.prepare(snapshot);
    const ports = await this.#openListeners(snapshot);
    this.#gateway.apply(snapshot);
    await this.#logs.use(snapshot.accessLog);
    return ports;
  }

  /**
   * Takes nothing new; resolves when nothing is under way. What is open for long is asked to end within that time. `leave` is for
   * tests, whose clients know that they are done.
   */
  async close(drainMs: number, leave?: Leave): Promise<void> {
    this.#streams.drain(drainMs, this.#wheel.touch());
    await Promise.all([...this.#listeners.values()].map(({ listener }) => listener.close(leave)));
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    this.#stopMeasuring();
    this.#services.close();
    this.#access.close();
    this.#spans.close();
    await this.#counters.close();
    await this.#logs.close();
  }

  /** The supervisor has learned something. */
  hear(news: News): void {
    this.#news.publish(news);
  }

  async reopenLogs(): Promise<void> {
    await this.#logs.reopen();
  }

  #accessOf(snapshot: SnapshotData): Access {
    this.#counters.use(snapshot.stores.redis);
    this.#gates.apply(snapshot.services);
    this.#isProtected = snapshot.selfProtection;
    const { local, redis, sharing } = this.#counters;
    return {
      ...this.#access.of(snapshot),
      counters: { local, redis },
      keyCounts: this.#keyCounts,
      gates: this.#gates,
      protection: snapshot.selfProtection ? this.#strain : null,
      breakerOf: breakersOf(snapshot.services, this.#breakerPorts),
      copies: this.#copies,
      stickyKey: this.#news.latest('sticky-key', '')?.key ?? null,
      cacheOf: this.#caches.use(snapshot.caches),
      sharing,
    };
  }

  /** The one that is there, as long as nothing changes for it. */
  #tracerOf({ traces }: SnapshotData): Tracer | null {
    if (isDeepStrictEqual(traces, this.#tracesPlan)) return this.#tracer;
    this.#tracesPlan = traces;
    this.#tracer =
      traces === null
        ? null
        : new Tracer(traces, {
            clock: systemClock,
            random: random(unpredictableSeed()),
            outbox: this.#spans,
          });
    return this.#tracer;
  }

  #ended(exchange: Exchange, endedAtMs: number): void {
    if (exchange.tally !== null) this.#underWay--;
    // First of all: metrics point to traces that are told, and some are only because of how they ended.
    if (exchange.trace !== null) this.#tracer?.ended(exchange, exchange.trace, endedAtMs);
    this.#gateway.count(exchange, endedAtMs);
    this.#logs.record(exchange, endedAtMs);
    this.#tap.record(exchange, endedAtMs);
    this.#story(exchange);
    if (this.#underWay === 0) this.#whenIdle?.();
  }

  async #openListeners({ listeners, pems }: SnapshotData): Promise<number[]> {
    const opened = new Map<string, OpenListener>();
    // First of all, because it may fail, and then nothing must have changed.
    const terminators = listeners.map((config) => this.#terminatorOf(config, pems));
    try {
      for (const [index, config] of listeners.entries())
        opened.set(config.id, await this.#openListener(config, terminators[index] ?? null));
    } catch (error) {
      for (const [id, { listener }] of opened)
        if (this.#listeners.get(id)?.listener !== listener) void listener.close();
      throw error;
    }
    for (const [id, { listener }] of this.#listeners) {
      if (opened.get(id)?.listener === listener) continue;
      void listener.close();
    }
    this.#listeners = opened;
    this.#pems = pems;
    // What was fetched meanwhile.
    this.#renewCertificates();
    return [...opened.values()].map(({ listener }) => listener.port);
  }

  /** The listener that is there, if it has the same address; otherwise a new one, before the old is closed. */
  async #openListener(config: ListenerConfig, tls: TlsTerminator | null): Promise<OpenListener> {
    const plan = listenerPlan(config, tls);
    const current = this.#listeners.get(config.id);
    if (current !== undefined && isSamePlace(current, config)) {
      const { listener } = current;
      listener.replan(plan);
      return { config, tls, listener };
    }
    const listener = await Listener.open(plan, this.#listenerPorts, this.#tally(config.id));
    return { config, tls, listener };
  }

  /** The one that is there, if it does what is wanted: a new one forgets the sessions of clients. */
  #terminatorOf(config: ListenerConfig, pems: SnapshotData['pems']): TlsTerminator | null {
    const settings = tlsSettings(config, pems, (id) => this.#news.latest('certificate', id));
    if (settings === null) return null;
    const current = this.#listeners.get(config.id)?.tls ?? null;
    if (current !== null && isDeepStrictEqual(settings, current.settings)) return current;
    const terminator = new TlsTerminator(settings, this.#news.latest('ticket-secret', '')?.secret ?? null);
    terminator.prove(this.#shown.certificates);
    return terminator;
  }

  /** Takes what was fetched into use; connections that are open live on. */
  #renewCertificates(): void {
    for (const [id, { config, listener, tls }] of this.#listeners) {
      if (config.tls?.certificates.some(({ kind }) => kind === 'acme') !== true) continue;
      try {
        const next = this.#terminatorOf(config, this.#pems);
        if (next === tls) continue;
        listener.replan(listenerPlan(config, next));
        this.#listeners.set(id, { config, listener, tls: next });
      } catch (error) {
        this.#log.error('a certificate that was fetched cannot be used', { error, listener: id });
      }
    }
  }

  #prove(proofs: ProofNews): void {
    this.#shown = this.#proofs.take(proofs);
    for (const { tls } of this.#listeners.values()) tls?.prove(this.#shown.certificates);
    this.#gateway.prove(this.#shown.answers);
  }

  #tally(listener: string): ConnectionTally {
    const log = logOf(this.#log, 'requests');
    const accepted = this.#metrics.counter('turnpike_connections_accepted_total', { listener });
    const closed = this.#metrics.counter('turnpike_connections_closed_total', { listener });
    return {
      opened: () => accepted.add(1),
      closed: () => closed.add(1),
      refused: () => this.#metrics.counter('turnpike_connections_refused_total', { listener }).add(1),
      shookHands: (result) => {
        this.#metrics.counter('turnpike_tls_handshakes_total', { listener, result }).add(1);
        if (result !== 'new' && result !== 'resumed')
          log.debug('a TLS handshake came to nothing', { listener, reason: result });
      },
      abused: (kind) => this.#metrics.counter('turnpike_http2_abuse_total', { listener, kind }).add(1),
    };
  }

  #sampleConnections(): void {
    const metrics = this.#metrics;
    for (const { config, listener } of this.#listeners.values()) {
      const { size, idle } = listener;
      metrics.gauge('turnpike_connections', { listener: config.id, state: 'active' }).set(size - idle);
      metrics.gauge('turnpike_connections', { listener: config.id, state: 'idle' }).set(idle);
    }
    for (const { service, open, idle, waiting } of this.#services.connections()) {
      metrics.gauge('turnpike_upstream_connections', { service, state: 'active' }).set(open - idle);
      metrics.gauge('turnpike_upstream_connections', { service, state: 'idle' }).set(idle);
      metrics.gauge('turnpike_upstream_waiting', { service }).set(waiting);
    }
  }
}

/** Connections with and without TLS do not share a listener. */
function isSamePlace(
  { config, tls, listener }: OpenListener,
  { address, tls: wanted }: ListenerConfig,
): boolean {
  return (
    (tls === null) === (wanted === null) &&
    config.address.host === address.host &&
    (config.address.port === address.port || listener.port === address.port)
  );
}

function listenerPlan(config: ListenerConfig, tls: TlsTerminator | null): ListenerPlan {
  const { limits, address } = config;
  const isTrusted = addressSet(config.trustedProxies);
  return {
    host: address.host,
    port: address.port,
    proxyProtocol: config.proxyProtocol,
    tls,
    http2: config.http2,
    maxConnections: limits.connections,
    maxConnectionsPerClient: limits.connectionsPerClient,
    connection: {
      arrival: {
        listener: config.id,
        scheme: tls === null ? 'http' : 'https',
        port: address.port,
        bodyBytes: limits.bodyBytes,
        forwardedClientCert: config.forwardedClientCert,
        forwardsClientCert: config.tls?.clientCertificates?.forward === true,
      },
      limits,
      isTrusted,
    },
  };
}

function tlsSettings(
  { id, tls, http2 }: ListenerConfig,
  pems: SnapshotData['pems'],
  fetched: (id: string) => CertificateNews | null,
): TlsSettings | null {
  if (tls === null) return null;
  const { certificates, minVersion, clientCertificates } = tls;
  return {
    listener: id,
    certificates: certificates.map((one) =>
      one.kind === 'files' ? pairOf(one, pems) : (found(fetched(certificateId(one))) ?? comingOf(one)),
    ),
    answersChallenges: certificates.some((one) => one.kind === 'acme' && one.challenge === 'tls-alpn-01'),
    http2,
    minVersion,
    clientCertificates:
      clientCertificates === null
        ? null
        : {
            authorities: pemText(pems, clientCertificates.authorities.path),
            revocations: clientCertificates.revocations && pemText(pems, clientCertificates.revocations.path),
            required: clientCertificates.required,
          },
  };
}

function pairOf({ certificate, keyFile }: KeyPairFiles, pems: SnapshotData['pems']): TlsCertificate {
  return { kind: 'here', certificate: pemText(pems, certificate.path), key: pemText(pems, keyFile) };
}

function found(news: CertificateNews | null): TlsCertificate | null {
  return news && { kind: 'here', certificate: news.certificate, key: news.key };
}

function comingOf({ domains }: AcmeCertificateConfig): TlsCertificate {
  return { kind: 'coming', names: domains };
}
