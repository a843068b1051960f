import { isDeepStrictEqual } from 'node:util';
import { GatewayError } from '../../core/errors.ts';
import { backoffMs, refreshAfterMs } from './intervals.ts';
import type { Clockwork } from './clockwork.ts';

/** Something that was learned, and for how long its source says that it is good; null: it does not say. */
export interface Lesson<T> {
  readonly value: T;
  readonly maxAgeMs: number | null;
}

/** Where it is learned, and who wants to know. */
export interface Source<T> {
  learn(signal: AbortSignal): Promise<Lesson<T>>;
  /** After each attempt, whatever came of it, and when what was known has become too old. */
  onUpdate(): void;
}

/** How long something is good, and for how long after that it is used when nothing newer can be had. */
export interface Freshness {
  readonly lifetimeMs: number;
  readonly staleMs: number;
}

/** What is known of it. */
export interface Learned<T> {
  readonly value: T;
  /** Milliseconds since 1970. */
  readonly learnedAtMs: number;
}

/**
 * Something of somebody else's that is kept at hand: learned anew in the background before it is too old, and kept when
 * that fails. There is one attempt at a time, with growing pauses between those that fail; nobody ever waits for more
 * than the one under way.
 */
export class KeptFresh<T> {
  readonly #source: Source<T>;
  readonly #freshness: Freshness;
  readonly #clockwork: Clockwork;
  readonly #closing = new AbortController();
  #known: Learned<T> | null = null;
  #problem = '';
  #underWay: Promise<void> | null = null;
  #failures = 0;
  #lastAskedMs = -Infinity;
  #lastEndedMs = -Infinity;
  #callOffNext = () => {};
  #callOffExpiry = () => {};

  constructor(source: Source<T>, freshness: Freshness, clockwork: Clockwork) {
    this.#source = source;
    this.#freshness = freshness;
    this.#clockwork = clockwork;
  }

  get known(): Learned<T> | null {
    return this.#known;
  }

  /** Why the last attempt failed, or `''`. */
  get problem(): string {
    return this.#problem;
  }

  /** Takes over what was known before, unless it is too old. */
  recall(known: Learned<T> | null): void {
    const nowMs = this.#clockwork.clock.epoch();
    // A clock that was wrong must not make it live longer.
    this.#known = known === null ? null : { ...known, learnedAtMs: Math.min(known.learnedAtMs, nowMs) };
    this.#expire();
  }

  /** Learns it now; an attempt that is under way does as well. Never rejects. */
  learn(): Promise<void> {
    this.#underWay ??= this.#attempt().finally(() => (this.#underWay = null));
    return this.#underWay;
  }

  /** Learns it now because it has changed: an attempt that is under way may have come too early. Never rejects. */
  async learnAgain(): Promise<void> {
    await this.#underWay;
    await this.learn();
  }

  /**
   * Learns it because what is known does not suffice, unless that was just done. Whoever asks cannot make us ask the source
   * more than twice a minute, or once a second as long as nothing is known. Rejects with `IDENTITY_UNAVAILABLE` when the
   * last attempt has failed.
   */
  async refresh(): Promise<void> {
    if (this.#underWay !== null || this.#mayAsk()) await this.learn();
    if (this.#problem !== '') throw new GatewayError('IDENTITY_UNAVAILABLE', this.#problem);
  }

  close(): void {
    this.#closing.abort();
    this.#callOffNext();
    this.#callOffExpiry();
  }

  #mayAsk(): boolean {
    const nowMs = this.#clockwork.clock.now();
    if (this.#known === null) return nowMs - this.#lastEndedMs >= EAGER_RETRY_MS;
    if (nowMs - this.#lastAskedMs < COOL_DOWN_MS) return false;
    this.#lastAskedMs = nowMs;
    return true;
  }

  async #attempt(): Promise<void> {
    this.#callOffNext();
    const nextMs = await this.#tryOnce();
    if (this.#closing.signal.aborted) return;
    this.#lastEndedMs = this.#clockwork.clock.now();
    if (nextMs !== Infinity)
      this.#callOffNext = this.#clockwork.timers.after(nextMs, () => void this.learn());
    this.#expire();
    this.#source.onUpdate();
  }

  /** Gives when to try the next time. */
  async #tryOnce(): Promise<number> {
    const { clock, random } = this.#clockwork;
    try {
      const { value, maxAgeMs } = await this.#source.learn(this.#closing.signal);
      const known = this.#known?.value;
      // What is equal stays the same object, so that it is cheap to see that nothing has changed.
      const kept = known !== undefined && isDeepStrictEqual(known, value) ? known : value;
      this.#known = { value: kept, learnedAtMs: clock.epoch() };
      this.#problem = '';
      this.#failures = 0;
      return refreshAfterMs(this.#freshness.lifetimeMs, maxAgeMs, random);
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      return backoffMs(++this.#failures, random);
    }
  }

  /** Forgets what is too old, and comes back when the rest will be. */
  #expire(): void {
    this.#callOffExpiry();
    if (this.#known === null) return;
    const { lifetimeMs, staleMs } = this.#freshness;
    const leftMs = this.#known.learnedAtMs + lifetimeMs + staleMs - this.#clockwork.clock.epoch();
    if (leftMs === Infinity) return;
    if (leftMs <= 0) {
      this.#known = null;
      return;
    }
    this.#callOffExpiry = this.#clockwork.timers.after(leftMs, () => {
      this.#expire();
      if (this.#known === null) this.#source.onUpdate();
    });
  }
}

const COOL_DOWN_MS = 30_000;
const EAGER_RETRY_MS = 1000;
