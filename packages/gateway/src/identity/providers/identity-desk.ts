import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { IdentityProviderConfig } from '@turnpike/config';
import type { EndedSessions, ProviderErrand, ProviderNews, SessionNews } from '../../core/desk.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Log } from '../../core/ports.ts';
import { findNear } from '../http/find-addresses.ts';
import { HttpClient } from '../http/http-client.ts';
import type { Clockwork } from './clockwork.ts';
import { EndedSessionList } from './ended-sessions.ts';
import { Knowledge, sourceOf } from './knowledge.ts';
import { ProviderCalls } from './provider-calls.ts';
import { providerStatus, type ProviderStatus } from './provider-status.ts';
import { StateFiles } from './state-files.ts';

/** Sees when files change. */
export interface KeyFileWatch {
  /** Watches these and no others; tells whether there are new ones, of which changes until now were not seen. */
  update(paths: readonly string[]): Promise<boolean>;
  close(): Promise<void>;
}

/** What the desk works with. */
export interface IdentityDeskPorts {
  readonly log: Log;
  readonly clockwork: Clockwork;
  /** Brings news to all data threads; called before the answer to the errand that brought them up. */
  readonly publish: (news: ProviderNews | SessionNews) => void;
  /** What is learned is kept in a directory below it. */
  readonly stateDirectory: string;
  readonly watch: (onChange: () => void) => KeyFileWatch;
  /** Tells other gateways which sessions ended. */
  readonly shareEnded?: (ended: EndedSessions) => void;
  /** For each call to a provider; 3 s unless it is given. */
  readonly timeoutMs?: number;
}

interface Provider {
  readonly config: IdentityProviderConfig;
  readonly knowledge: Knowledge;
  readonly calls: ProviderCalls;
  readonly namedHttp: HttpClient;
}

/**
 * Deals with identity providers for all data threads: learns their keys and endpoints, and runs errands. Lives in the main
 * thread, once. Neither a start nor a reload waits for a provider.
 */
export class IdentityDesk {
  readonly #ports: IdentityDeskPorts;
  readonly #http: HttpClient;
  readonly #timeout: { readonly timeoutMs?: number };
  readonly #files: StateFiles;
  readonly #watch: KeyFileWatch;
  readonly #endedSessions = new Map<string, EndedSessionList>();
  #providers: ReadonlyMap<string, Provider> = new Map();

  constructor(ports: IdentityDeskPorts) {
    this.#ports = ports;
    this.#timeout = ports.timeoutMs === undefined ? {} : { timeoutMs: ports.timeoutMs };
    this.#http = new HttpClient(this.#timeout);
    this.#files = new StateFiles(join(ports.stateDirectory, 'identity'), ports.log);
    this.#watch = ports.watch(() => void this.reread());
  }

  /**
   * Takes over a configuration; what did not change keeps what is known of it. Resolves when everything is read and told
   * that is on this machine.
   */
  async use(configs: readonly IdentityProviderConfig[]): Promise<void> {
    const old = this.#providers;
    const now = new Map(configs.map((config) => [config.id, this.#provider(config, old.get(config.id))]));
    this.#providers = now;
    for (const provider of old.values()) if (!isKept(provider, now)) this.#retire(provider);
    const added = [...now.values()].filter((provider) => !isKept(provider, old));
    const starts = added.map(({ config, knowledge }) =>
      knowledge.start(old.get(config.id)?.knowledge ?? null),
    );
    await Promise.all([...starts, this.#useSessions(configs)]);
    const files = [...now.values()].map(({ knowledge }) => knowledge.file).filter((path) => path !== null);
    if (await this.#watch.update([...new Set(files)])) void this.reread();
  }

  /** Rejects with `IDENTITY_UNAVAILABLE` when the provider does not answer, and with `UNAUTHENTICATED` when it says no. */
  async run(errand: ProviderErrand): Promise<unknown> {
    const provider = this.#providers.get(errand.provider);
    if (provider === undefined) throw notConfigured();
    const { knowledge, calls } = provider;
    switch (errand.kind) {
      case 'refresh-keys':
        await knowledge.refreshKeys();
        return null;
      case 'introspect':
        return calls.introspect(errand);
      case 'redeem-code':
        return calls.redeemCode(errand);
      case 'refresh-tokens':
        return calls.refreshTokens(errand);
      case 'client-credentials':
        return calls.clientCredentials(errand);
      case 'exchange-token':
        return calls.exchangeToken(errand);
      case 'end-sessions':
        return this.#endSessions(errand);
      default:
        return errand satisfies never;
    }
  }

  /** Looks again at the keys that are in files. */
  async reread(): Promise<void> {
    const inFiles = [...this.#providers.values()].filter(({ knowledge }) => knowledge.file !== null);
    await Promise.all(inFiles.map(({ knowledge }) => knowledge.reread()));
  }

  /** Takes what another gateway has told; what is known already changes nothing. */
  hearEnded(ended: EndedSessions): void {
    void this.#endedSessions.get(ended.provider)?.hear(ended);
  }

  /** Sessions of all providers that are over. */
  get endedSessions(): readonly EndedSessions[] {
    return [...this.#endedSessions.values()].flatMap(({ all }) => all);
  }

  /** How all providers do, for the admin API. */
  status(): readonly ProviderStatus[] {
    return Array.from(this.#providers.values(), ({ knowledge, calls }) => providerStatus(knowledge, calls));
  }

  /** Breaks off what is under way, and resolves when what is known is on disk. */
  async close(): Promise<void> {
    for (const { knowledge } of this.#providers.values()) knowledge.close();
    await this.#watch.close();
    await Promise.all([this.#http, ...this.#namedClients()].map((http) => http.close()));
    await Promise.all(Array.from(this.#endedSessions.values(), (list) => list.close()));
    await this.#files.settled();
  }

  #provider(config: IdentityProviderConfig, old: Provider | undefined): Provider {
    if (old !== undefined && isSame(old.config, config)) return old;
    const source = sourceOf(config);
    const isKnown = old !== undefined && isDeepStrictEqual(old.knowledge.source, source);
    const namedHttp = isKnown
      ? old.namedHttp
      : new HttpClient({ ...this.#timeout, findAddresses: findNear(config.issuer) });
    const ports = { ...this.#ports, clock: this.#ports.clockwork.clock, http: this.#http, namedHttp };
    const knowledge = isKnown ? old.knowledge : new Knowledge(source, { ...ports, files: this.#files });
    return { config, knowledge, namedHttp, calls: new ProviderCalls(config, knowledge, ports) };
  }

  /** Requests that are under way may still need it for a call; then its connections are closed. */
  #retire({ knowledge, namedHttp }: Provider): void {
    knowledge.close();
    void namedHttp.closeWhenIdle();
  }

  async #useSessions(configs: readonly IdentityProviderConfig[]): Promise<void> {
    const share = this.#ports.shareEnded ?? (() => {});
    await Promise.all(
      configs.map(async ({ id, login }) => {
        if (login === null) return;
        const list =
          this.#endedSessions.get(id) ??
          new EndedSessionList(id, { ...this.#ports, share, files: this.#files });
        this.#endedSessions.set(id, list);
        await list.use(login.session.lifetimeMs);
      }),
    );
  }

  async #endSessions({
    provider,
    session,
    subject,
    endedAtMs,
  }: ProviderErrand & { kind: 'end-sessions' }): Promise<null> {
    const list = this.#endedSessions.get(provider);
    if (list === undefined) throw notConfigured();
    await list.end({ provider, session, subject, endedAtMs });
    return null;
  }

  #namedClients(): HttpClient[] {
    return Array.from(this.#providers.values(), ({ namedHttp }) => namedHttp);
  }
}

/** Whether nothing but the place in the file has changed. */
function isSame(config: IdentityProviderConfig, other: IdentityProviderConfig): boolean {
  return isDeepStrictEqual({ ...config, origin: null }, { ...other, origin: null });
}

/** Whether the knowledge of a provider is also in use among `others`. */
function isKept({ knowledge }: Provider, others: ReadonlyMap<string, Provider>): boolean {
  return others.get(knowledge.source.id)?.knowledge === knowledge;
}

function notConfigured(): GatewayError {
  return new GatewayError('IDENTITY_UNAVAILABLE', 'the provider is not configured for it');
}
