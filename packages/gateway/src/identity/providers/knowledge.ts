import { isDeepStrictEqual } from 'node:util';
import type { IdentityProviderConfig } from '@turnpike/config';
import type { Jwk, ProviderNews } from '../../core/desk.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Log } from '../../core/ports.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { Clockwork } from './clockwork.ts';
import { KeptFresh, type Lesson } from './kept-fresh.ts';
import { learnKeyring, learnMetadata, type Keyring } from './learn.ts';
import type { Metadata } from './metadata.ts';
import { fromSaved, isSameOrigin, toSave, type SavedKnowledge } from './saved-knowledge.ts';
import type { StateFiles } from './state-files.ts';

/** What knowing a provider takes. */
export interface KnowledgePorts {
  /** For addresses of the configuration. */
  readonly http: HttpClient;
  /** For addresses that the provider names. */
  readonly namedHttp: HttpClient;
  readonly log: Log;
  readonly publish: (news: ProviderNews) => void;
  readonly files: StateFiles;
  readonly clockwork: Clockwork;
}

/** Everything that decides what is learned, and how. While it is the same, the knowledge goes on. */
export function sourceOf(config: IdentityProviderConfig) {
  const { id, issuer, keys, keyLifetimeMs, staleKeysMs } = config;
  return { id, issuer, keys, keyLifetimeMs, staleKeysMs, needsMetadata: needsMetadata(config) };
}

export type KnowledgeSource = ReturnType<typeof sourceOf>;

/** Whether there are endpoints that neither the configuration gives nor comes with the keys. */
function needsMetadata({ keys, introspection, client, login }: IdentityProviderConfig): boolean {
  const isMissing = login !== null || introspection?.endpoint === null || client?.endpoint === null;
  return isMissing && keys.kind !== 'discovery';
}

/** What is known of one provider: its keys and its endpoints, kept fresh, on disk, and told to all threads. */
export class Knowledge {
  readonly source: KnowledgeSource;
  readonly #ports: KnowledgePorts;
  readonly #keyring: KeptFresh<Keyring>;
  /** When keys do not come by discovery, the endpoints are learned apart from them. */
  readonly #metadata: KeptFresh<Metadata> | null;
  #told: ProviderNews | null = null;
  #savedAtMs = 0;

  constructor(source: KnowledgeSource, ports: KnowledgePorts) {
    const { issuer, keys, keyLifetimeMs: lifetimeMs, staleKeysMs: staleMs, needsMetadata } = source;
    this.source = source;
    this.#ports = ports;
    const onUpdate = (): void => this.#tell();
    const learn = (signal: AbortSignal): Promise<Lesson<Keyring>> => learnKeyring(source, ports, signal);
    const freshness = keys.kind === 'file' ? FOR_EVER : { lifetimeMs, staleMs };
    this.#keyring = new KeptFresh({ learn, onUpdate }, freshness, ports.clockwork);
    const learnEndpoints = (signal: AbortSignal): Promise<Lesson<Metadata>> =>
      learnMetadata(ports.http, issuer, signal);
    this.#metadata = needsMetadata
      ? new KeptFresh({ learn: learnEndpoints, onUpdate }, { lifetimeMs, staleMs: Infinity }, ports.clockwork)
      : null;
  }

  get keys(): readonly Jwk[] | null {
    return this.#keyring.known?.value.keys ?? null;
  }

  /** When the keys were learned, in milliseconds since 1970; 0: never. */
  get learnedAtMs(): number {
    return this.#keyring.known?.learnedAtMs ?? 0;
  }

  /** Why the last attempt to learn something failed, or `''`. */
  get problem(): string {
    return this.#keyring.problem || (this.#metadata?.problem ?? '');
  }

  /** The path of the file that the keys are in, or null. */
  get file(): string | null {
    const { keys } = this.source;
    return keys.kind === 'file' ? keys.path : null;
  }

  /**
   * Begins to learn, with what `before` knows or what is on disk. Resolves when everything is read and told that is on this
   * machine; never waits for the provider.
   */
  async start(before: Knowledge | null): Promise<void> {
    const handedOn = before === null ? null : before.#knownFor(this.source);
    const known = handedOn ?? fromSaved(this.source, await this.#ports.files.read(this.source.id));
    this.#keyring.recall(known?.keyring ?? null);
    this.#metadata?.recall(known?.metadata ?? null);
    const learning = this.#keyring.learn();
    void this.#metadata?.learn();
    if (this.file !== null) await learning;
    this.#tell();
  }

  /**
   * Learns the keys anew, unless that was just done, and the endpoints if nothing is known of them. Rejects with
   * `IDENTITY_UNAVAILABLE` when the keys cannot be learned.
   */
  async refreshKeys(): Promise<void> {
    const isWithoutMetadata = this.#metadata !== null && this.#metadata.known === null;
    const learning = isWithoutMetadata ? this.#metadata.refresh() : null;
    // Who needs the endpoints sees that they are missing; who needs the keys does not care.
    await Promise.all([this.#keyring.refresh(), learning?.catch(() => {})]);
  }

  /** The file of the keys has changed. */
  reread(): Promise<void> {
    return this.#keyring.learnAgain();
  }

  /** What the provider offers; what is known, if anything is. Rejects with `IDENTITY_UNAVAILABLE` when nothing is. */
  async metadata(): Promise<Metadata> {
    if (this.#knownMetadata === null) await (this.#metadata ?? this.#keyring).refresh();
    const known = this.#knownMetadata;
    if (known === null) throw new GatewayError('IDENTITY_UNAVAILABLE', 'nothing is known of the endpoints');
    return known;
  }

  close(): void {
    this.#keyring.close();
    this.#metadata?.close();
  }

  get #knownMetadata(): Metadata | null {
    return this.#keyring.known?.value.metadata ?? this.#metadata?.known?.value ?? null;
  }

  /** Tells what has changed, if anything has, and keeps it. */
  #tell(): void {
    const { id } = this.source;
    const metadata = this.#knownMetadata;
    const news: ProviderNews = {
      topic: 'provider',
      id,
      keys: this.keys,
      authorizationEndpoint: metadata?.authorizationEndpoint ?? null,
      endSessionEndpoint: metadata?.endSessionEndpoint ?? null,
      problem: this.problem,
      learnedAtMs: this.learnedAtMs,
    };
    this.#save();
    const told = this.#told;
    if (told !== null && isDeepStrictEqual({ ...news, learnedAtMs: 0 }, { ...told, learnedAtMs: 0 })) return;
    this.#told = news;
    this.#complain(told?.problem ?? '', news.problem);
    this.#ports.publish(news);
  }

  #complain(before: string, problem: string): void {
    const { log } = this.#ports;
    const { id: provider } = this.source;
    if (problem === '' && before !== '') log.info('an identity provider is there again', { provider });
    if (problem !== '' && problem !== before)
      log.warn('an identity provider cannot be asked', { provider, problem, hasKeys: this.keys !== null });
  }

  #save(): void {
    const known = this.#known;
    const savedAtMs = Math.max(known.keyring?.learnedAtMs ?? 0, known.metadata?.learnedAtMs ?? 0);
    if (savedAtMs === this.#savedAtMs) return;
    this.#savedAtMs = savedAtMs;
    void this.#ports.files.write(this.source.id, toSave(this.source, known));
  }

  /** What is worth to be handed on; a file is simply read again. */
  get #known(): SavedKnowledge {
    const keyring = this.file === null ? this.#keyring.known : null;
    return { keyring, metadata: this.#metadata?.known ?? null };
  }

  #knownFor(source: KnowledgeSource): SavedKnowledge | null {
    return isSameOrigin(this.source, source) ? this.#known : null;
  }
}

/** A file is good as long as nobody writes to it. */
const FOR_EVER = { lifetimeMs: Infinity, staleMs: Infinity };
