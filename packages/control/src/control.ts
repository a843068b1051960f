// The door of the package, and where its parts are put together.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { DatabaseConfig, GatewayConfig, Issue } from '@turnpike/config';
import type { Loader } from '@turnpike/config/load';
import { absentStore } from './absent-store.ts';
import { adminApi, type AdminApi } from './api/admin-api.ts';
import type { InsightPort } from './api/ports.ts';
import { Checker } from './checker.ts';
import { openSealer } from './db/open-sealer.ts';
import { sealer as sealerOf } from './db/sealing.ts';
import type { Caller } from './domain/callers.ts';
import { type Clock, type Log, systemClock } from './domain/ports.ts';
import { type Steering, steeredLoad } from './domain/quarantine.ts';
import type { Sealer } from './domain/sealer.ts';
import { openDocument } from './domain/secrets.ts';
import type { StoredObject } from './domain/objects.ts';
import { quarantinedOf, type Steered } from './domain/statuses.ts';
import type { Store } from './domain/store.ts';
import { objectFigures } from './figures.ts';
import type { GatewayPort, SteeringFigures, SteeringPort } from './gateway-port.ts';
import { FleetDesk } from './fleet-desk.ts';
import { keptCallers } from './kept.ts';
import { Follower } from './publish/follower.ts';
import { isMuch, rulesOver, type TakenOver } from './rules.ts';
import { sealedText } from './session/sealed-text.ts';
import { Sessions, type ToldSignIn } from './session/sessions.ts';
import { TokenBook } from './session/token-book.ts';
import { sharedStorage } from './shared-storage.ts';
import { type SignIns, signInLog } from './sign-ins.ts';
import { steadyStore } from './steady-store.ts';

export type { GatewayPort, SteeringPort } from './gateway-port.ts';
export type { InsightPort } from './api/ports.ts';

/** What a control plane is made of. */
export interface ControlOptions {
  /** The configuration files, and what loads them. */
  readonly paths: readonly string[];
  readonly load: Loader;
  /** What only the gateway can see in a configuration that is valid. */
  readonly check: (config: GatewayConfig) => readonly Issue[];
  readonly log: Log;
  readonly version: string;
  /** The program of the thread that checks large changes; null: the main thread does. */
  readonly checkThread: URL | null;
  /** Where the files of the dashboard lie; null: it is not there. */
  readonly dashboard: string | null;
}

/** What is known once the configuration says where the database is. */
interface Opened {
  readonly database: DatabaseConfig | null;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly follower: Follower | null;
  readonly fleet: FleetDesk | null;
  readonly tokens: TokenBook;
  readonly checker: Checker | null;
}

/** What is known once there is a gateway. */
interface Attached {
  readonly gateway: GatewayPort;
  readonly sessions: Sessions;
  readonly api: AdminApi;
}

/**
 * The control plane of one gateway: the objects of the database beside its files, the admin API, and who may use it.
 *
 * The gateway asks it for its configuration, and is told when there is another. Nothing that fails here stops the gateway.
 */
export class Control implements SteeringPort {
  readonly #options: ControlOptions;
  readonly #clock: Clock = systemClock;
  #opened: Opened | null = null;
  readonly #signIns: SignIns;
  readonly #ready = Promise.withResolvers<Attached>();
  #attached: Attached | null = null;
  #taken: TakenOver | null = null;
  /** How often there was a configuration. */
  #loads = 0;
  /** Of the database: the one that was loaded last, and the one that the gateway serves. */
  #loaded = 0;
  #revision = 0;
  #takenAtMs: number | null = null;
  #publishDelayMs: number | null = null;
  /** Why it does not serve the newest, or `''`. */
  #problem = '';

  /** What gateways of a fleet share; rejects without a database. */
  readonly storage = sharedStorage(
    () => (this.#opened?.store ?? absentStore()).shared,
    () => this.#opened?.sealer ?? sealerOf([]),
  );

  constructor(options: ControlOptions) {
    this.#options = options;
    const audit = () => this.#opened?.store.audit ?? null;
    this.#signIns = signInLog({ audit, clock: this.#clock, log: options.log });
    this.#ready.promise.catch(() => {}); // nobody has to wait
  }

  /** Loads files and objects. Takes the place of the loader of the files. */
  readonly load: Loader = async (paths) => {
    const files = await this.#options.load(paths);
    if (files.config === null) return files;
    const opened = await this.#open(files.config);
    const { objects, revision } = opened.follower?.current ?? NO_OBJECTS;
    const steered =
      objects.length === 0
        ? { loaded: files, exceptions: new Map() }
        : await this.#steeredLoad({ ...opened, paths }, objects);
    this.#loads++;
    this.#taken = { ...steered, objects };
    this.#loaded = revision;
    return steered.loaded;
  };

  /** There is a gateway to steer. Rejects only if the admin API cannot be made, which is a fault of ours. */
  async attach(gateway: GatewayPort, insight: InsightPort): Promise<void> {
    const opened = this.#opened ?? (await this.#open(gateway.config()));
    const { store, tokens, follower, sealer } = opened;
    const { log, paths, version, dashboard } = this.#options;
    const seals = sealedText(await this.#sessionSecret(store, gateway.config()));
    const findToken = (token: string) => tokens.find(token)?.caller ?? null;
    const told = (signIn: ToldSignIn) => this.#signIns.add(signIn);
    const sessions = new Sessions({ gateway, findToken, told, seals, clock: this.#clock, log });
    const rules = rulesOver({
      sealer,
      store,
      steering: this.#steering({ ...opened, paths }),
      current: () => this.#taken,
      checker: () => opened.checker,
      loads: () => this.#loads,
      standing: () => ({ revision: this.#revision, problem: this.#problem }),
    });
    const api = await adminApi({
      store: follower === null ? store : steadyStore(store, () => follower.caughtUp()),
      taken: () => follower?.current ?? NO_OBJECTS,
      gateway,
      sessions,
      rules,
      insight,
      log,
      version,
      dashboard,
      clock: this.#clock,
      secretBytes: (count) => randomBytes(count),
    });
    this.#attached = { gateway, sessions, api };
    this.#revision = this.#loaded;
    this.#takenAtMs = this.#clock.epoch();
    this.#ready.resolve(this.#attached);
    gateway.useKeys(follower?.keys ?? []);
    opened.fleet?.start(gateway);
    // What came while the gateway started.
    const newest = follower?.current.revision ?? 0;
    if (opened.fleet !== null && newest !== this.#loaded) await this.#takeOver(newest, opened.fleet);
  }

  async identify(request: IncomingMessage): Promise<Caller | null> {
    const [, token] = /^Bearer +([\x21-\x7e]+) *$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token !== undefined) {
      const found = this.#opened?.tokens.find(token) ?? null;
      if (found !== null) this.#signIns.tokenUsed(found, request.socket.remoteAddress ?? '');
      return found?.caller ?? null;
    }
    return this.#attached?.sessions.identify(request) ?? null;
  }

  isOurPage(request: IncomingMessage): boolean {
    return this.#attached?.sessions.mayChange(request) ?? false;
  }

  /** Who comes while the gateway starts waits for a moment. */
  handle(request: IncomingMessage, response: ServerResponse, caller: Caller | null): void {
    this.#ready.promise.then(
      ({ api }) => api.handle(request, response, caller),
      () => response.writeHead(503, { 'Retry-After': '1' }).end(),
    );
  }

  changed({ caller, address, action, target, status }: Parameters<SteeringPort['changed']>[0]): void {
    const { log } = this.#options;
    log.info('the admin API was used', { caller: caller.name, address, action, status });
    const outcome = status < 400 ? 'done' : status < 500 ? 'refused' : 'failed';
    const entry = { author: caller.name, address, action, target, outcome, detail: String(status) } as const;
    this.#opened?.store.audit
      .add({ ...entry, at: this.#clock.epoch(), workspace: null, revision: null })
      .catch((error: unknown) => log.warn('the audit log could not be written', { action, target, error }));
  }

  turnedAway({ address, isLockedNow }: Parameters<SteeringPort['turnedAway']>[0]): void {
    const about = { caller: null, address, target: 'credentials' };
    this.#signIns.add({ ...about, action: 'login.failed', detail: 'they are wrong, or have expired' });
    if (isLockedNow)
      this.#signIns.add({ ...about, action: 'login.blocked', detail: 'too many were wrong within a minute' });
  }

  status(): object {
    const taken = this.#taken;
    return {
      database: this.#opened?.follower?.status ?? null,
      revision: this.#revision,
      problem: this.#problem,
      quarantined: taken === null ? [] : quarantinedOf(taken),
      shadowed: [...(taken?.exceptions ?? [])].flatMap(([name, { state }]) =>
        state === 'shadowed' ? [name] : [],
      ),
    };
  }

  figures(): SteeringFigures | null {
    const { follower = null, fleet = null } = this.#opened ?? {};
    if (follower === null) return null;
    const { isReachable, ageSeconds, revision } = follower.status;
    const { newest = 0, members = null, rollout = null } = fleet?.figures ?? {};
    return {
      revision: this.#revision,
      newest: Math.max(newest, revision, this.#revision),
      takenAtMs: this.#takenAtMs,
      publishDelayMs: this.#publishDelayMs,
      isDatabaseUp: isReachable,
      databaseAgeSeconds: ageSeconds,
      objects: objectFigures(this.#taken),
      members,
      rollout,
    };
  }

  async close(): Promise<void> {
    this.#ready.reject(new Error('the control plane is closed'));
    await this.#attached?.api.close();
    this.#opened?.tokens.close();
    await this.#opened?.checker?.close();
    await this.#opened?.fleet?.close();
    await this.#opened?.follower?.close();
    await this.#opened?.store.close();
  }

  #steering({
    store,
    sealer,
    paths,
  }: Pick<Opened, 'store' | 'sealer'> & { paths: readonly string[] }): Steering {
    const { load, check } = this.#options;
    return {
      load,
      paths,
      check,
      history: historyIn(store),
      open: (ref, document) => openDocument(ref, document, sealer),
    };
  }

  /** In the thread that checks, if it is much: also the first time, so that it knows everything when the first change comes. */
  async #steeredLoad(
    opened: Opened & { readonly paths: readonly string[] },
    objects: readonly StoredObject[],
  ): Promise<Steered> {
    const { checker } = opened;
    if (checker !== null && isMuch(objects.length, this.#taken)) {
      try {
        return await checker.load(objects, this.#loads + 1);
      } catch (error) {
        this.#options.log.warn('a configuration is loaded in the main thread', { error });
      }
    }
    return steeredLoad(this.#steering(opened), objects);
  }

  /** Once: another database needs a restart. */
  async #open(config: GatewayConfig): Promise<Opened> {
    if (this.#opened !== null) return this.#opened;
    const { log } = this.#options;
    const { database } = config.stores;
    const store = database === null ? absentStore() : await this.#storeAt(database);
    const tokens = new TokenBook(store, { clock: this.#clock, log, kept: keptCallers(config, log).tokens });
    const sealer =
      database === null
        ? sealerOf([])
        : openSealer({ url: database.databaseUrl, keys: database.encryptionKeys });
    const fleet = database === null ? null : await this.#joinFleet(store, config);
    const follower = fleet === null ? null : this.#follow({ store, tokens, fleet }, config);
    const checker = database === null ? null : this.#checkerFor(database, store);
    this.#opened = { database, store, sealer, follower, fleet, tokens, checker };
    await Promise.all([follower?.start(), tokens.refresh()]);
    return this.#opened;
  }

  #checkerFor({ databaseUrl: url, encryptionKeys: keys }: DatabaseConfig, store: Store): Checker | null {
    const { checkThread: entry, paths, log } = this.#options;
    const start = { paths, url, keys };
    return entry === null
      ? null
      : new Checker({ entry, start, history: historyIn(store), clock: this.#clock, log });
  }

  async #storeAt({ databaseUrl: url, timeoutMs, pollMs }: DatabaseConfig): Promise<Store> {
    // Three hundred modules that a gateway without a database starts faster without.
    const { openStore } = await import('./db/open-store.ts');
    const ports = { clock: this.#clock, log: this.#options.log, random: Math.random };
    return openStore({ url, timeoutMs, pollMs, ...ports });
  }

  #joinFleet(store: Store, { runtime }: GatewayConfig): Promise<FleetDesk> {
    const { log, version } = this.#options;
    return FleetDesk.open({
      store,
      clock: this.#clock,
      log,
      version,
      stateDirectory: runtime.stateDirectory,
      zone: runtime.zone ?? '',
      standing: () => ({
        revision: this.#revision,
        quarantined: this.#taken === null ? [] : quarantinedOf(this.#taken).slice(0, SHOWN_QUARANTINED),
        problem: this.#problem,
      }),
    });
  }

  #follow(
    { store, tokens, fleet }: Pick<Opened, 'store' | 'tokens'> & { readonly fleet: FleetDesk },
    { runtime }: GatewayConfig,
  ): Follower {
    store.listen((topic) => {
      if (topic === 'tokens') void tokens.refresh();
    });
    return new Follower({
      store,
      path: join(runtime.stateDirectory, 'steered.json'),
      clock: this.#clock,
      log: this.#options.log,
      target: fleet.target,
      onObjects: (revision) => this.#takeOver(revision, fleet),
      onKeys: (keys) => this.#attached?.gateway.useKeys(keys),
      onKeyChanges: (changed) => {
        const { gone = [], put = [] } = Object.groupBy(changed, ({ revokedAt }) =>
          revokedAt === null ? 'put' : 'gone',
        );
        this.#attached?.gateway.changeKeys({ put, gone });
      },
    });
  }

  /** Has the gateway load what the follower has; the fleet hears what came of it. */
  async #takeOver(revision: number, fleet: FleetDesk): Promise<void> {
    const gateway = this.#attached?.gateway;
    if (gateway === undefined) return;
    const { kind } = await gateway.reload(`revision ${revision}`);
    const isTaken = kind === 'applied' || kind === 'unchanged';
    if (isTaken) this.#took(revision);
    this.#problem = isTaken ? '' : `revision ${revision} could not be applied: ${kind}`;
    fleet.changed();
    if (kind === 'rejected' || kind === 'failed')
      throw new Error(`the gateway has ${kind} it; its log says why`);
  }

  #took(revision: number): void {
    this.#revision = revision;
    const takenAtMs = this.#clock.epoch();
    this.#takenAtMs = takenAtMs;
    this.#opened?.store.revisions
      .summary(revision)
      .then((found) => {
        // Clocks of gateways differ a little.
        if (found !== null) this.#publishDelayMs = Math.max(0, takenAtMs - found.at);
      })
      .catch(() => {}); // the database is away again: nobody knows how long it took
  }

  /**
   * All gateways of a fleet have the same, so that a session is good at each of them. Without the database it is the one that this
   * gateway had last, or its own.
   */
  async #sessionSecret(store: Store, config: GatewayConfig): Promise<string> {
    const { log } = this.#options;
    const kept = keptCallers(config, log).sessionSecret;
    const own = randomBytes(32).toString('base64url');
    try {
      const agreed = await store.agree('session-secret', own);
      await kept
        .write(agreed)
        .catch((error: unknown) => log.warn('the secret of sessions could not be kept on disk', { error }));
      return agreed;
    } catch (error) {
      const known = await kept.read();
      if (known === null) log.warn('sessions of browsers are good at this gateway only', { error });
      return known ?? own;
    }
  }
}

const NO_OBJECTS = { objects: [], revision: 0, history: '' };
const HISTORY_VERSIONS = 20;
const SHOWN_QUARANTINED = 20;

function historyIn(store: Store) {
  return async (ref: Parameters<Store['objects']['history']>[0]) => {
    try {
      return (await store.objects.history(ref, { limit: HISTORY_VERSIONS, after: null })).items;
    } catch {
      return []; // without the database nobody knows older versions: the object is left out
    }
  };
}
