import type { FoundEndpoint } from './endpoint-source.ts';
import { isSameSet } from './tidy-endpoints.ts';

type Endpoints = readonly FoundEndpoint[];

/** Where a set that is believed came from. */
export type Provenance = 'source' | 'disk' | 'nothing';

/** An answer that is not believed yet. */
export interface Doubt {
  readonly endpoints: Endpoints;
  /** For people. */
  readonly reason: 'it is empty' | 'it lost most of the endpoints' | 'the source had an error a moment ago';
  /** When it is believed if nobody says otherwise. */
  readonly untilMs: number;
}

/**
 * Decides which answers of a registry are true.
 *
 * Registries that are sick forget: they answer with nothing, or with the few instances that have come back first. A gateway
 * that believes them at once turns an accident of the registry into an outage of everything behind it. So answers that take
 * much away must hold for a while, and answers that add something never wait. Time comes in as an argument; nothing here waits.
 */
export class Belief {
  #believed: Endpoints | null = null;
  #from: Provenance = 'nothing';
  #doubt: Doubt | null = null;
  /** Since when all answers were empty, and since when they were empty or had lost most. */
  #emptySinceMs = 0;
  #poorSinceMs = 0;
  #confirmations = 0;
  #failedAtMs = Number.NEGATIVE_INFINITY;
  /** What we have believed lately and was larger than what followed, the largest and oldest first. */
  readonly #peaks: { readonly size: number; readonly untilMs: number }[] = [];

  /** What is true as far as we know; null: nothing is known. */
  get believed(): Endpoints | null {
    return this.#believed;
  }

  get from(): Provenance {
    return this.#from;
  }

  get doubt(): Doubt | null {
    return this.#doubt;
  }

  /** Takes what was saved, as long as the source has said nothing. */
  recall(endpoints: Endpoints): void {
    if (this.#believed !== null) return;
    this.#believed = endpoints;
    this.#from = 'disk';
  }

  /** Weighs a healthy answer; it has to be tidy. */
  hear(endpoints: Endpoints, nowMs: number): void {
    const { reason, untilMs } = this.#weigh(endpoints, nowMs);
    if (reason === null || untilMs <= nowMs) this.#believe(endpoints, nowMs);
    else this.#doubt = { endpoints, reason, untilMs };
  }

  /** Notes an error: what was in doubt is not believed until the source says it again. */
  fail(nowMs: number): void {
    this.#failedAtMs = nowMs;
    this.#forgive();
  }

  /** Believes what was in doubt for long enough. */
  look(nowMs: number): void {
    const doubt = this.#doubt;
    if (doubt !== null && doubt.untilMs <= nowMs) this.#believe(doubt.endpoints, nowMs);
  }

  #weigh(endpoints: Endpoints, nowMs: number): { reason: Doubt['reason'] | null; untilMs: number } {
    const before = this.#believed;
    if (before === null || endpoints.length >= before.length) return NO_DOUBT;
    if (endpoints.length === 0) return { reason: 'it is empty', untilMs: this.#emptyUntilMs(nowMs) };
    // What is only remembered is no reason to doubt those who were asked.
    if (this.#from === 'disk') return NO_DOUBT;
    const isPoor = endpoints.length < this.#largest(nowMs) * LEAST_SHARE;
    if (isPoor)
      return { reason: 'it lost most of the endpoints', untilMs: this.#poorUntilMs(endpoints, nowMs) };
    return { reason: 'the source had an error a moment ago', untilMs: this.#failedAtMs + GRACE_MS };
  }

  #emptyUntilMs(nowMs: number): number {
    if (this.#doubt === null) this.#poorSinceMs = nowMs;
    if (this.#doubt?.reason !== 'it is empty') this.#emptySinceMs = nowMs;
    this.#confirmations = 0;
    return Math.max(this.#emptySinceMs, this.#failedAtMs) + GRACE_MS;
  }

  #poorUntilMs(endpoints: Endpoints, nowMs: number): number {
    if (this.#doubt === null) this.#poorSinceMs = nowMs;
    const isConfirmed = this.#doubt !== null && isSameSet(this.#doubt.endpoints, endpoints);
    this.#confirmations = isConfirmed ? this.#confirmations + 1 : 0;
    const afterErrorMs = this.#failedAtMs + GRACE_MS;
    if (this.#confirmations >= CONFIRMATIONS) return afterErrorMs;
    return Math.max(this.#poorSinceMs + GRACE_MS, afterErrorMs);
  }

  #believe(endpoints: Endpoints, nowMs: number): void {
    const before = this.#believed;
    if (before !== null && endpoints.length < before.length) this.#notePeak(before.length, nowMs);
    // The same set stays the same object, so that nobody has to look into it twice.
    if (before === null || !isSameSet(before, endpoints)) this.#believed = endpoints;
    this.#from = 'source';
    this.#forgive();
  }

  #forgive(): void {
    this.#doubt = null;
    this.#confirmations = 0;
  }

  /** A registry that loses its instances one by one loses them all the same. */
  #largest(nowMs: number): number {
    while (this.#peaks[0] !== undefined && this.#peaks[0].untilMs <= nowMs) this.#peaks.shift();
    return Math.max(this.#peaks[0]?.size ?? 0, this.#believed?.length ?? 0);
  }

  #notePeak(size: number, nowMs: number): void {
    while ((this.#peaks.at(-1)?.size ?? Number.POSITIVE_INFINITY) <= size) this.#peaks.pop();
    this.#peaks.push({ size, untilMs: nowMs + GRACE_MS });
  }
}

/** How long an answer that takes much away must hold, and how long a source is suspect after an error. */
export const GRACE_MS = 10_000;
/** An answer that leaves less than this of what was there is not believed at once. */
const LEAST_SHARE = 0.2;
/** So many times the same answer must come again to be believed before its time. */
const CONFIRMATIONS = 2;
const NO_DOUBT = { reason: null, untilMs: 0 } as const;
