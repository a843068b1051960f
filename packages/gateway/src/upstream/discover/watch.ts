import type { DiscoveryConfig } from '@turnpike/config';
import { alarm, type Alarm } from './alarm.ts';
import { Belief, type Provenance } from './belief.ts';
import type { EndpointSource, FoundEndpoint, SourceEvents, SourcePorts } from './endpoint-source.ts';
import { openSource, type Openers } from './openers.ts';
import { pace } from './pace.ts';
import type { SavedSet } from './saved-set.ts';
import { sourceAddress } from './source-address.ts';
import { tidyEndpoints } from './tidy-endpoints.ts';

/** How a watch does, for the admin API. */
export interface WatchStatus {
  readonly source: DiscoveryConfig['kind'];
  /** Where it looks, without secrets. */
  readonly address: string;
  /** What the registry calls its state. */
  readonly version: string;
  /** How many are in use. */
  readonly endpoints: number;
  /** Since the source has said something; null: never. */
  readonly ageSeconds: number | null;
  readonly from: Provenance;
  /** Why the source does not answer, or `''`. */
  readonly problem: string;
  /** The answer that is not believed yet. */
  readonly pending: { readonly endpoints: number; readonly reason: string; readonly seconds: number } | null;
  /** How often a set was published. */
  readonly changes: number;
  /** How many endpoints of the last answer were malformed or too many. */
  readonly refused: number;
}

/** What a watch works with. */
export interface WatchPorts extends SourcePorts {
  readonly openers: Openers;
  /** What was saved of it; never rejects. */
  readonly recall: () => Promise<SavedSet | null>;
  /** Hears every set that is believed. */
  readonly publish: (set: SavedSet, from: Provenance) => void;
}

/** One source, what we believe of it, and when we tell. */
export class Watch {
  readonly #config: DiscoveryConfig;
  readonly #ports: WatchPorts;
  readonly #belief = new Belief();
  readonly #pace = pace();
  readonly #alarm: Alarm;
  readonly #first = Promise.withResolvers<void>();
  readonly #begun: Promise<void>;
  #source: EndpointSource | null = null;
  #answer: readonly FoundEndpoint[] | null = null;
  /** Until then the source may say something before what is on disk is used. */
  #heldUntilMs: number;
  #published: readonly FoundEndpoint[] | null = null;
  #learnedAtMs = 0;
  #version = '';
  #problem = '';
  #changes = 0;
  #refused = 0;
  #refreshedAtMs = Number.NEGATIVE_INFINITY;
  #warnedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(config: DiscoveryConfig, ports: WatchPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#alarm = alarm(ports, () => this.#settle());
    this.#heldUntilMs = ports.clock.now() + HEAD_START_MS;
    this.#begun = this.#begin();
  }

  /** Resolves when the first set was published, or the watch was closed. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  /** What was published last. */
  get current(): SavedSet | null {
    const endpoints = this.#published;
    return endpoints === null ? null : { endpoints, learnedAtMs: this.#learnedAtMs };
  }

  get status(): WatchStatus {
    const { clock } = this.#ports;
    const { doubt, from } = this.#belief;
    return {
      source: this.#config.kind,
      address: sourceAddress(this.#config),
      version: this.#version,
      endpoints: this.#published?.length ?? 0,
      ageSeconds: this.#learnedAtMs === 0 ? null : Math.round((clock.epoch() - this.#learnedAtMs) / 1000),
      from,
      problem: this.#problem,
      pending: doubt && {
        endpoints: doubt.endpoints.length,
        reason: doubt.reason,
        seconds: Math.max(0, Math.ceil((doubt.untilMs - clock.now()) / 1000)),
      },
      changes: this.#changes,
      refused: this.#refused,
    };
  }

  /** Has the source look again, at most once a second: those who ask are many, and the registry is one. */
  refresh(): void {
    const nowMs = this.#ports.clock.now();
    if (nowMs - this.#refreshedAtMs < REFRESH_PAUSE_MS) return;
    this.#refreshedAtMs = nowMs;
    this.#source?.refresh();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#alarm.clear();
    this.#first.resolve();
    await this.#begun;
    await this.#source?.close();
  }

  async #begin(): Promise<void> {
    const saved = await this.#ports.recall();
    if (this.#isClosed) return;
    if (saved !== null) {
      this.#belief.recall(saved.endpoints);
      this.#learnedAtMs = saved.learnedAtMs;
    }
    const events: SourceEvents = {
      found: (endpoints, version) => this.#found(endpoints, version),
      failed: (problem) => this.#failed(problem),
    };
    try {
      this.#source = openSource(this.#ports.openers, this.#config, { events, ports: this.#ports });
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
    }
    this.#settle();
  }

  #found(endpoints: readonly FoundEndpoint[], version: string): void {
    if (this.#isClosed) return;
    if (this.#problem !== '') this.#ports.log.info('endpoints can be discovered again', this.#about);
    this.#answer = endpoints;
    this.#version = version;
    this.#problem = '';
    this.#learnedAtMs = this.#ports.clock.epoch();
    this.#heldUntilMs = Number.NEGATIVE_INFINITY;
    this.#settle();
  }

  #failed(problem: string): void {
    if (this.#isClosed) return;
    if (this.#problem === '')
      this.#ports.log.warn('endpoints cannot be discovered', { ...this.#about, problem });
    this.#weigh();
    this.#problem = problem === '' ? 'it failed' : problem;
    this.#belief.fail(this.#ports.clock.now());
    this.#heldUntilMs = Number.NEGATIVE_INFINITY;
    this.#settle();
  }

  /** Does what is due, and sees to it that it is called again when more will be. */
  #settle(): void {
    if (this.#isClosed) return;
    const nowMs = this.#ports.clock.now();
    const isDue = this.#pace.dueMs <= nowMs;
    // An answer costs time to look at, and in a burst the next one is near: only the last one counts.
    if (isDue) this.#weigh();
    this.#belief.look(nowMs);
    if (isDue && this.#isNews && this.#heldUntilMs <= nowMs) this.#publish();
    this.#wakeLater();
  }

  get #isNews(): boolean {
    const { believed } = this.#belief;
    return believed !== null && believed !== this.#published;
  }

  #weigh(): void {
    const answer = this.#answer;
    if (answer === null) return;
    this.#answer = null;
    const { endpoints, refused } = tidyEndpoints(answer);
    this.#refused = refused;
    this.#belief.hear(endpoints, this.#ports.clock.now());
    this.#warnOfDoubt();
  }

  #publish(): void {
    const { believed, from } = this.#belief;
    if (believed === null) return;
    this.#published = believed;
    this.#changes++;
    const numbers = { endpoints: believed.length, version: this.#version, from };
    this.#ports.log.debug('endpoints changed', { ...this.#about, ...numbers });
    this.#pace.passed(this.#ports.clock.now(), believed.length);
    this.#ports.publish({ endpoints: believed, learnedAtMs: this.#learnedAtMs }, from);
    this.#first.resolve();
  }

  #wakeLater(): void {
    const moments = [this.#belief.doubt?.untilMs ?? Number.POSITIVE_INFINITY];
    if (this.#answer !== null) moments.push(this.#pace.dueMs);
    if (this.#isNews) moments.push(Math.max(this.#pace.dueMs, this.#heldUntilMs));
    const nextMs = Math.min(...moments);
    if (Number.isFinite(nextMs)) this.#alarm.set(nextMs);
    else this.#alarm.clear();
  }

  #warnOfDoubt(): void {
    const { doubt, believed } = this.#belief;
    const { clock, log } = this.#ports;
    if (doubt === null || clock.now() - this.#warnedAtMs < WARNING_PAUSE_MS) return;
    this.#warnedAtMs = clock.now();
    const numbers = { found: doubt.endpoints.length, known: believed?.length ?? 0 };
    log.warn('what a registry says is not believed yet', {
      ...this.#about,
      ...numbers,
      reason: doubt.reason,
    });
  }

  get #about(): object {
    return { source: this.#config.kind, address: sourceAddress(this.#config) };
  }
}

/** What is on disk is older than what the source says, so the source may speak first. */
const HEAD_START_MS = 1000;
const REFRESH_PAUSE_MS = 1000;
const WARNING_PAUSE_MS = 10_000;
