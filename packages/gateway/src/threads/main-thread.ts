import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import type { AdminConfig, GatewayConfig } from '@turnpike/config';
import type { Loaded } from '@turnpike/config/load';
import { folderStorage } from '../acme/folder-storage.ts';
import type { AdminPorts } from '../admin/admin-ports.ts';
import { adminRoutes } from '../admin/admin-routes.ts';
import { AdminServer } from '../admin/admin-server.ts';
import { operationDocs } from '../admin/operations.ts';
import { withHashedSecrets } from '../admin/tokens.ts';
import { KeyCounts } from '../admission/key-counts.ts';
import { ServiceLimits } from '../admission/service-limits.ts';
import { StrainBoard } from '../admission/strain-board.ts';
import type { Errand, News, SessionTokens } from '../core/desk.ts';
import { routeTag } from '../core/cache-tags.ts';
import { logOf } from '../core/log-component.ts';
import { systemClock } from '../core/ports.ts';
import { random, unpredictableSeed } from '../core/random.ts';
import { systemTimers } from '../identity/providers/clockwork.ts';
import { LoadHistory } from '../observe/load-history.ts';
import { openFiles } from '../observe/open-files.ts';
import type { LogEntry } from '../observe/process-log.ts';
import type { Family } from '../observe/series-book.ts';
import { BreakerStates } from '../stages/circuit-breaker/breaker-states.ts';
import { LastGood } from '../state/last-good.ts';
import { EndpointStates, SUPERVISOR } from '../upstream/balance/endpoint-states.ts';
import { Slots } from '../upstream/balance/slots.ts';
import { AlertDesk } from './alert-desk.ts';
import { SilenceDesk } from './silence-desk.ts';
import { AlertMemory } from './alert-memory.ts';
import { adminDesk, type DeskParts } from './admin-desk.ts';
import { apiDocuments } from './api-documents.ts';
import { BackOffice } from './back-office.ts';
import type { Beginning } from './beginning.ts';
import { BreakerHistory } from './breaker-history.ts';
import { CacheAreas } from './cache-areas.ts';
import { CacheFleet } from './cache-fleet.ts';
import type { ConfigSource } from './config-source.ts';
import { enableConnectionMigration } from './connection-migration.ts';
import { ExportDesk } from './export-desk.ts';
import { HealthDesk } from './health-desk.ts';
import { IssuedKeyDesk } from './issued-key-desk.ts';
import { LimitStores } from './limit-stores.ts';
import { LiveDesk } from './live-desk.ts';
import { LogDesk } from './log-desk.ts';
import { MetricPush, pushIntervalMs } from './metric-push.ts';
import { metricReadings } from './metric-readings.ts';
import { coalesced, oneAtATime } from './one-at-a-time.ts';
import { openFilesWatch } from './open-files-watch.ts';
import { isExported } from './otlp-wishes.ts';
import type { SnapshotData } from './protocol.ts';
import { type Paced, paced } from './paced.ts';
import { FILES_CHANGED, Reload } from './reload.ts';
import type { ReloadResult } from './reload-result.ts';
import { credentialsToUse } from './restart-needed.ts';
import type { Farewell } from './retire.ts';
import { Revisions, type Revision } from './revisions.ts';
import { SecretKeeper } from './secret-keeper.ts';
import { allocateMemory, MEMORY_SIZES } from './shared-memory.ts';
import { serviceLines } from './service-lines.ts';
import type { StatusParts } from './status.ts';
import { withStrain } from './strain-report.ts';
import type { SuperviseOptions } from './supervise-options.ts';
import { SupervisorMetrics } from './supervisor-metrics.ts';
import { EXIT_CUT, type SteeringWheel, type StopSignal, type Supervisor } from './supervisor.ts';
import { storingRules } from './storing-rules.ts';
import { WarmStart } from './warm-start.ts';
import { watchFiles, type FileWatch } from './watch-files.ts';
import { seatsFor, WorkerPool, type Restart } from './worker-pool.ts';

/** Everything of the main thread, put together. */
export class MainThread implements Supervisor {
  readonly #options: SuperviseOptions;
  readonly #source: ConfigSource;
  readonly #beginning: Beginning;
  readonly #metrics: SupervisorMetrics;
  readonly #states: EndpointStates;
  readonly #keyCounts: KeyCounts;
  readonly #connectionCounts: KeyCounts;
  readonly #serviceLimits: ServiceLimits;
  readonly #strains: StrainBoard;
  readonly #breakers: BreakerStates;
  readonly #breakerHistory: BreakerHistory;
  readonly #office: BackOffice;
  readonly #health: HealthDesk;
  readonly #exports: ExportDesk;
  readonly #push: MetricPush;
  readonly #alerts: AlertDesk;
  readonly #pool: WorkerPool;
  readonly #logs: LogDesk;
  readonly #live: LiveDesk;
  readonly #revisions: Revisions;
  readonly #secrets: SecretKeeper;
  readonly #caches: CacheAreas;
  readonly #cacheFleet: CacheFleet;
  readonly #limitStores: LimitStores;
  readonly #warmStart: WarmStart;
  readonly #reload: Reload;
  readonly #inTurn = oneAtATime();
  readonly #reloadInTurn = coalesced((reason: string) => this.#inTurn(() => this.#reloadNow(reason)));
  readonly #watch: FileWatch | null;
  readonly #issuedKeys: IssuedKeyDesk;
  readonly #history: LoadHistory;
  readonly #ports: AdminPorts;
  readonly #lastGood: Paced<Revision> | null;
  #storingRules: ReadonlyMap<string, string> = new Map();
  #stopLooking: () => void = () => {};
  #admin: AdminServer | null = null;
  #phase: StatusParts['phase'] = 'starting';
  #rescue: StatusParts['rescue'];
  #stopped: Promise<number> | null = null;

  constructor(options: SuperviseOptions, source: ConfigSource, beginning: Beginning) {
    const { log, version, internals = {} } = options;
    const { config, loaded, rescue } = beginning;
    const threads = config.runtime.threads || availableParallelism();
    const shared = allocateMemory({ ...MEMORY_SIZES, seats: seatsFor(threads) });
    const home = {
      entry: internals.entry ?? new URL(import.meta.resolve('#data-thread')),
      patience: internals.patience ?? { startMs: 30_000, applyMs: 10_000, silenceMs: 30_000 },
      writeLog: (entry: LogEntry) => log.write(entry),
      runErrand: (errand: Errand) => this.#office.run(errand),
    };
    this.#options = options;
    this.#source = source;
    this.#beginning = beginning;
    this.#rescue = rescue;
    this.#secrets = new SecretKeeper(loaded.secrets);
    this.#caches = new CacheAreas(seatsFor(threads));
    this.#cacheFleet = new CacheFleet(logOf(log, 'cache'), this.#caches);
    this.#limitStores = new LimitStores(logOf(log, 'limits'), shared);
    this.#metrics = new SupervisorMetrics(version);
    this.#warmStart = new WarmStart({
      log,
      clock: systemClock,
      timers: systemTimers,
      caches: this.#caches,
      fleet: this.#cacheFleet,
      countRestored: (result, count) => this.#metrics.cacheRestored(result, count),
      countSave: (result) => this.#metrics.cacheSaved(result),
    });
    this.#states = new EndpointStates(shared.endpointStates, SUPERVISOR);
    this.#strains = new StrainBoard(shared.strains);
    this.#keyCounts = new KeyCounts(shared.keyCounts, SUPERVISOR);
    this.#connectionCounts = new KeyCounts(shared.connectionCounts, SUPERVISOR);
    const onDeath = () => this.#metrics.threadDied();
    const stateDirectory = options.stateDirectory ?? config.runtime.stateDirectory;
    const watch = options.watch ?? true;
    const publish = (news: News) => {
      this.#pool.publish(news);
      if (news.topic === 'endpoints') this.#health.changed();
    };
    const slots = new Slots(this.#states, SLOT_GRACE_MS);
    this.#exports = new ExportDesk({
      log: logOf(log, 'telemetry'),
      version,
      environment: process.env,
      count: (signal, outcome, items) => this.#metrics.exported(signal, outcome, items),
    });
    this.#push = new MetricPush({
      timers: systemTimers,
      log: logOf(log, 'telemetry'),
      gather: () => this.#metrics.batches(this.#families()),
      take: (batch) => this.#exports.take(batch),
    });
    const alertLog = logOf(log, 'alerts');
    this.#alerts = new AlertDesk({
      log: alertLog,
      gather: () => this.#families(),
      count: (outcome) => this.#metrics.alertTold(outcome),
      memory: new AlertMemory({ stateDirectory, clock: systemClock, log: alertLog }),
      silences: new SilenceDesk({
        own: folderStorage(join(stateDirectory, 'silences'), systemClock, 'own'),
        shared: config.stores.database === null ? null : (options.steering?.storage ?? null),
        clock: systemClock,
        log: alertLog,
      }),
    });
    this.#office = new BackOffice({
      log,
      sharedStorage: this.#options.steering?.storage ?? null,
      stateDirectory,
      watch,
      publish,
      slots,
      threads,
      takeTelemetry: (batch) => this.#exports.take(batch),
      takeTapped: (batch) => this.#live.take(batch),
      keepTrace: (trace) => this.#live.keep(trace),
      certificateOrdered: (certificate, result) => this.#metrics.certificateOrdered(certificate, result),
    });
    this.#pool = new WorkerPool({
      threads,
      home,
      log: logOf(log, 'threads'),
      shared,
      release: (thread) => this.#release(thread),
      news: () => this.#office.news,
      logLevels: () => log.levels,
      onDeath,
    });
    this.#logs = new LogDesk({ log, clock: systemClock, threads: this.#pool });
    this.#live = new LiveDesk({
      clock: systemClock,
      publish: (wishes) => this.#office.tap(wishes),
      config: () => this.config,
    });
    this.#health = new HealthDesk({
      log: logOf(log, 'health'),
      clock: systemClock,
      random: random(unpredictableSeed()),
      states: this.#states,
      timers: systemTimers,
      metrics: this.#metrics,
      services: () => this.#pool.snapshot.services,
      discovered: (service) => this.#office.endpointsOf(service),
    });
    this.#serviceLimits = new ServiceLimits(shared.serviceLimits, SUPERVISOR);
    this.#breakers = new BreakerStates(shared.breakers);
    this.#breakerHistory = new BreakerHistory({
      states: this.#breakers,
      services: () => this.#pool.snapshot.services,
      clock: systemClock,
      log: logOf(log, 'health'),
    });
    const configLog = logOf(log, 'config');
    this.#revisions = new Revisions(
      {
        endpoints: slots,
        services: new Slots(serviceLines(this.#serviceLimits, this.#breakers), SLOT_GRACE_MS, 'services'),
      },
      this.#caches,
      configLog,
    );
    this.#reload = new Reload(
      {
        source,
        revisions: this.#revisions,
        log: configLog,
        apply: (snapshot, next) => this.#apply(snapshot, next),
        onLoaded: (found) => this.#loaded(found),
        onUsed: (used, revision) => this.#used(used, revision),
        onFailed: () => this.#metrics.reloadFailed(),
      },
      config,
    );
    const isFromFiles = source.names.length > 0;
    this.#watch =
      isFromFiles && watch ? watchFiles(() => this.#reloadUnseen(FILES_CHANGED), configLog) : null;
    this.#lastGood = isFromFiles ? this.#savesIn(new LastGood(stateDirectory, configLog)) : null;
    this.#issuedKeys = new IssuedKeyDesk((keys) => this.#office.issue(keys));
    this.#history = new LoadHistory({
      clock: systemClock,
      families: () => this.#families(),
      cpuMicros: () => {
        const { user, system } = process.cpuUsage();
        return user + system;
      },
    });
    this.#ports = adminDesk(this.#deskParts);
    options.onRedact?.(this.#secrets.redact);
  }

  get ports(): ReadonlyMap<string, number> {
    return this.#pool.ports;
  }

  get adminPort(): number | null {
    return this.#admin?.port ?? null;
  }

  get config(): GatewayConfig {
    return this.#revisions.current?.config ?? this.#beginning.config;
  }

  get revision(): number {
    return this.#revisions.current?.number ?? 0;
  }

  get isServing(): boolean {
    return this.#pool.views.some(({ state }) => state === 'ready' || state === 'draining');
  }

  get #status(): StatusParts {
    return {
      phase: this.#phase,
      version: this.#options.version,
      sources: this.#source.names,
      current: this.#revisions.current,
      lastReload: this.#reload.last,
      rescue: this.#rescue,
      threads: withStrain(this.#pool.views, this.#strains, this.config.runtime.selfProtection),
      ports: this.#pool.ports,
      openFiles: openFiles(),
      office: this.#office.status,
      control: this.#options.steering?.status() ?? null,
    };
  }

  /** The admin API opens before all that takes time: it can tell that the gateway is starting, and a second gateway by mistake ends here. */
  async start(): Promise<void> {
    const { log } = this.#options;
    const { config, revision: number, loaded } = this.#beginning;
    await enableConnectionMigration(log);
    await this.#office.start();
    await this.#alerts.open();
    // Threads are to know from their first moment that keys may be issued.
    if (this.#options.steering !== undefined) this.#issuedKeys.use([]);
    if (config.admin !== null)
      this.#admin = await AdminServer.open(config.admin, {
        ports: this.#ports,
        log: logOf(log, 'admin'),
        steering: this.#options.steering ?? null,
      });
    await this.#office.use(config);
    await this.#warmStart.open(config);
    const { revision } = await this.#revisions.advance(config, (first) => this.#pool.start(first), number);
    this.#inUse(revision);
    void this.#warmStart.restore(config);
    this.#phase = 'serving';
    const stopWatchingBreakers = this.#breakerHistory.start();
    const filesWatch = setInterval(openFilesWatch(log), 1000).unref();
    const stopHistory = this.#history.start();
    this.#stopLooking = () => {
      clearInterval(filesWatch);
      stopWatchingBreakers();
      stopHistory();
    };
    log.info('serving', { revision: number, ports: Object.fromEntries(this.ports), admin: this.adminPort });
    await this.#watchFilesOf(loaded);
  }

  reload(reason: string): Promise<ReloadResult> {
    return this.#reloadInTurn(reason);
  }

  get wheel(): SteeringWheel {
    return {
      load: () => this.#history.recent,
      history: () => this.#history.samples,
      useKeys: (keys) => this.#issuedKeys.use(keys),
      changeKeys: (changes) => this.#issuedKeys.change(changes),
      takeKeyUses: () => this.#issuedKeys.takeUses(),
      callerOf: (token) => this.#admin?.callerOf(token) ?? null,
      lockedSeconds: (address) => this.#admin?.failures.lockedSeconds(address) ?? 0,
      credentialsFailed: (address) => this.#admin?.failures.failed(address),
      authorizationEndpoint: (provider) => this.#office.authorizationEndpoint(provider),
      redeem: async (code) => {
        const tokens = await this.#office.run({ kind: 'redeem-code', ...code });
        return (tokens as SessionTokens).claims;
      },
      operations: operationDocs(adminRoutes(this.#ports)),
      ports: this.#ports,
    };
  }

  reopenLogs(): void {
    void this.#pool.reopenLogs();
  }

  stop(signal: StopSignal): Promise<number> {
    this.#stopped ??= this.#stop(signal);
    return this.#stopped;
  }

  async #stop(signal: StopSignal): Promise<number> {
    const { log } = this.#options;
    const wasServing = this.#phase === 'serving';
    this.#phase = 'stopping';
    if (wasServing) log.info('stopping', { signal });
    // Who stops it by hand sits in front of it: there is no balancer that has to notice first.
    const isByHand = signal === 'SIGINT' && isatty(0);
    const farewell = this.#farewell();
    const cut = await this.#pool.stop(isByHand ? { ...farewell, preStopMs: 0 } : farewell);
    await this.#watch?.close();
    await this.#admin?.close();
    this.#health.close();
    await this.#warmStart.close();
    await this.#cacheFleet.close();
    await this.#limitStores.close();
    await this.#logs.close();
    this.#push.close();
    await this.#alerts.close();
    await this.#exports.close();
    await this.#office.close();
    await this.#lastGood?.close();
    this.#metrics.stop();
    this.#stopLooking();
    if (cut > 0)
      log.warn('requests were cut, because they took longer than the drain timeout', { threads: cut });
    if (wasServing) log.info('stopped', { signal });
    return cut > 0 ? EXIT_CUT : 0;
  }

  /** Both parts together take no longer than `runtime.drainTimeout`: that is when an orchestrator loses its patience. */
  #farewell(): Farewell {
    const { drainTimeoutMs } = this.config.runtime;
    const preStopMs = this.#options.preStopMs ?? Math.min(LONGEST_PRE_STOP_MS, drainTimeoutMs / 4);
    return { preStopMs, drainMs: Math.max(0, drainTimeoutMs - preStopMs) };
  }

  async #reloadNow(reason: string): Promise<ReloadResult> {
    if (this.#phase !== 'serving') return { kind: 'stopping' };
    await this.#office.reread();
    return this.#reload.run(reason);
  }

  /** What the routes of a snapshot refer to is learned before they are in use. */
  async #apply(snapshot: SnapshotData, config: GatewayConfig): Promise<void> {
    const before = this.config;
    try {
      await this.#office.use(config);
      await this.#pool.apply(snapshot);
      this.#office.settle();
    } catch (error) {
      await this.#office.use(before);
      this.#office.settle();
      this.#health.changed();
      throw error;
    }
  }

  /** What was stored for others than the rules of a route say by now, nobody gets any more. */
  #forgetOtherRules({ routes }: GatewayConfig): void {
    const before = this.#storingRules;
    this.#storingRules = storingRules(routes);
    const changed = [...before].filter(([id, rules]) => this.#storingRules.get(id) !== rules);
    if (changed.length === 0) return;
    const tags = changed.map(([id]) => routeTag(id));
    this.#purge(tags, 'hard').catch((error: unknown) =>
      this.#options.log.warn('what was stored by other rules is purged here, and maybe nowhere else', {
        error,
      }),
    );
  }

  /** Of all gateways that share their caches, or of this one. */
  async #purge(tags: readonly string[], kind: 'hard' | 'soft'): Promise<void> {
    const fleet = this.#cacheFleet.purge;
    if (fleet === null) this.#caches.purge(tags, kind);
    else await fleet.purge(tags, kind);
  }

  /** A thread is gone, and with it what it had under way. */
  #release(thread: number): void {
    this.#states.releaseThread(thread);
    this.#keyCounts.releaseThread(thread);
    this.#connectionCounts.releaseThread(thread);
    this.#serviceLimits.releaseThread(thread);
    this.#strains.releaseThread(thread);
    this.#caches.releaseThread(thread);
  }

  /** All metrics at this moment. */
  #families(): readonly Family[] {
    return this.#metrics.families(this.#pool.metrics, this.#pool.views, metricReadings(this.#deskParts));
  }

  /** A reload that nobody waits for. */
  #reloadUnseen(reason: string): void {
    this.reload(reason).catch((error: unknown) => this.#options.log.error('a reload failed', { error }));
  }

  #loaded(loaded: Loaded): void {
    this.#secrets.loaded(loaded.secrets);
    this.#watchFilesOf(loaded).catch((error: unknown) =>
      this.#options.log.error('the configuration is not watched any more', { error }),
    );
  }

  /** What happened to a file between its reading and its being watched was not seen, so it is read once more. */
  async #watchFilesOf({ files, directories }: Loaded): Promise<void> {
    const hasNew = await this.#watch?.update([...files, ...directories]);
    if (hasNew === true) this.#reloadUnseen('newly watched files');
  }

  #used({ secrets }: Loaded, revision: Revision | null): void {
    this.#secrets.used(secrets);
    this.#rescue = null;
    if (revision !== null) this.#inUse(revision);
  }

  #inUse({ number, config, appliedAt }: Revision): void {
    this.#metrics.applied(number, appliedAt);
    this.#logs.use(config.telemetry);
    this.#exports.use(config.telemetry, this.#pool.snapshot.pems);
    const { metrics } = config.telemetry;
    const isPushed = isExported('metrics', config.telemetry, process.env);
    this.#push.use(isPushed ? pushIntervalMs(metrics.intervalMs, process.env) : null);
    this.#alerts.use(config.telemetry.alerts);
    this.#health.changed();
    this.#cacheFleet.use(config);
    this.#limitStores.use(config);
    this.#forgetOtherRules(config);
    this.#warmStart.use(() => this.config);
    const credentials = credentialsToUse(this.#beginning.config, config);
    if (credentials !== null) this.#admin?.useCredentials(credentials);
    if (config.admin !== null) this.#useAdminTls(config.admin);
    this.#lastGood?.want({ number, config, appliedAt });
  }

  #savesIn(lastGood: LastGood): Paced<Revision> {
    const { names: sources } = this.#source;
    const save = ({ number: revision, config }: Revision): Promise<void> => {
      const savedAt = new Date(systemClock.epoch()).toISOString();
      return lastGood.save({ revision, savedAt, sources, config: withHashedSecrets(config) });
    };
    return paced(save, { clock: systemClock, timers: systemTimers });
  }

  /** Files that cannot be read by now were read a moment ago: what is shown stays. */
  #useAdminTls(config: AdminConfig): void {
    this.#admin
      ?.useTls(config)
      .catch((error: unknown) =>
        this.#options.log.error('the certificate of the admin API stays', { error }),
      );
  }

  #restart(thread: number, how: 'graceful' | 'kill'): Promise<Restart | { kind: 'stopping' }> {
    return this.#inTurn(async () => {
      if (this.#phase !== 'serving') return { kind: 'stopping' };
      return how === 'kill' ? this.#pool.kill(thread) : this.#pool.restart(thread, this.#farewell());
    });
  }

  get #deskParts(): DeskParts {
    return {
      status: () => this.#status,
      config: () => this.config,
      redact: this.#secrets.redact,
      jwks: () => this.#office.jwks,
      pool: this.#pool,
      states: this.#states,
      breakers: { states: this.#breakers, history: this.#breakerHistory, clock: systemClock },
      discovered: (service) => this.#office.endpointsOf(service),
      limits: this.#serviceLimits,
      strains: this.#strains,
      discovery: () => this.#office.discovery.status,
      acme: () => this.#office.acme.status,
      fetched: () => this.#office.acme.texts,
      caches: { areas: this.#caches, purge: (tags, kind) => this.#purge(tags, kind) },
      counted: { stores: this.#limitStores, underWay: this.#keyCounts },
      openApi: apiDocuments({
        config: () => this.config,
        reflected: (service) => this.#office.descriptorsOf(service),
      }),
      registry: this.#office.discovery.registry,
      health: this.#health,
      live: this.#live,
      logs: this.#logs,
      metrics: this.#metrics,
      alerts: this.#alerts,
      steered: () => ({ admin: this.#admin, figures: this.#options.steering?.figures() ?? null }),
      reload: () => this.reload('admin'),
      restart: (thread, how) => this.#restart(thread, how),
    };
  }
}

/** Registries lose endpoints for a moment; what is known of them must outlast that. */
const SLOT_GRACE_MS = 60_000;
const LONGEST_PRE_STOP_MS = 5000;
