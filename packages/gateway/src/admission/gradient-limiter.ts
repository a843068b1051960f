import type { Baselines } from './baselines.ts';
import { Episode } from './episode.ts';
import { Probe, QUIET } from './probe.ts';
import { FLOATS, INTS, START_LIMIT, type ServiceLine } from './service-limits.ts';
import type { Window } from './window.ts';

/** What a limiter needs to know. */
export interface LimiterPlan {
  readonly slot: number;
  readonly line: ServiceLine;
  readonly baselines: Baselines;
}

/**
 * Finds out how much a service can do at once: as long as requests take what they always took, nothing waits there; when
 * they take longer, the limit goes down until they do not.
 *
 * 1. Each request is compared with the baseline of its own class, so another mix of requests is not taken for slowness.
 * 2. Windows of 100 ms: above 1.6 times the baseline the limit shrinks by up to 15 %; below, it grows if it is used up, and
 *    by leaps while nothing waits at all. It shrinks only while many find no place: what is too much fills any limit soon,
 *    and a service that is merely slower does not.
 * 3. When less in flight does not make it faster, the slowness is no queue of this service, and no limit will cure it. Then
 *    it is the baseline that was wrong: see {@link Episode} and {@link Probe}.
 *
 * What ends first after a change is what was short, so after each leap one is blind for a while: neither the limit nor the
 * baselines move.
 *
 * All threads share the state. Who closes a window changes it, alone but for a thread that is stuck for a whole window.
 */
export class GradientLimiter {
  readonly #slot: number;
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  readonly #baselines: Baselines;
  readonly #episode: Episode;
  readonly #probe: Probe;
  /** To look at the clock of the window with every sample would cost more than the sample. */
  #lookAgainMs = 0;

  constructor({ slot, line, baselines }: LimiterPlan) {
    this.#slot = slot;
    this.#ints = line.ints;
    this.#floats = line.floats;
    this.#baselines = baselines;
    this.#episode = new Episode(line);
    this.#probe = new Probe(line);
  }

  /** How much may be in flight now. */
  limit(nowMs: number): number {
    return Math.max(LEAST_LIMIT, this.#limit * this.#probe.share(nowMs));
  }

  /** Nothing is known yet, or the limit has just grown by a leap: it will soon be a different one. */
  isSearching(nowMs: number): boolean {
    return this.#floats[FLOATS.limit] === 0 || nowMs < (this.#floats[FLOATS.searchUntilMs] ?? 0);
  }

  /** Somebody found no place: the limit is used up. */
  pushed(): void {
    Atomics.add(this.#ints, INTS.pushed, 1);
  }

  /** A request has ended; so many were in flight with it. */
  ended(inflight: number): void {
    // A higher one of another thread may be lost, and comes again.
    if (inflight > (this.#ints[INTS.peak] ?? 0)) this.#ints[INTS.peak] = inflight;
  }

  /**
   * Takes in how long a request of the class took. `ownDelayMs` is what our own event loop may have added to that: as far
   * as it makes up for the slowness, that is ours.
   */
  sample(row: number, latencyMs: number, ownDelayMs: number, nowMs: number): void {
    this.#floats[FLOATS.latencyMs] = latencyMs * NEWEST + this.#latencyMs * (1 - NEWEST);
    if (nowMs < (this.#floats[FLOATS.blindUntilMs] ?? 0)) return;
    if (!this.#baselines.isKnown(row)) Atomics.add(this.#ints, INTS.unsure, 1);
    const excess = this.#baselines.sample(row, latencyMs, nowMs);
    Atomics.add(this.#ints, INTS.sum, Math.round(SCALE * servicePart(excess, ownDelayMs / latencyMs)));
    const isEnough = Atomics.add(this.#ints, INTS.count, 1) + 1 >= LEAST_SAMPLES;
    if (isEnough && nowMs >= this.#lookAgainMs) this.#closeIfDue(nowMs);
  }

  get #limit(): number {
    return this.#floats[FLOATS.limit] || START_LIMIT;
  }

  set #limit(limit: number) {
    this.#floats[FLOATS.limit] = Math.min(MOST_LIMIT, Math.max(LEAST_LIMIT, limit));
  }

  get #latencyMs(): number {
    return this.#floats[FLOATS.latencyMs] ?? 0;
  }

  /** Not shorter than what it should tell about: in less time nothing comes back of a change. */
  get #windowMs(): number {
    return Math.min(LONGEST_WINDOW_MS, Math.max(WINDOW_MS, this.#latencyMs));
  }

  /** A probe is one window. */
  #closeIfDue(nowMs: number): void {
    const ints = this.#ints;
    const began = ints[INTS.began] ?? 0;
    const ageMs = ((nowMs | 0) - began) | 0;
    const isDue = began === 0 || Math.abs(ageMs) >= this.#windowMs;
    if (!isDue || this.#probe.isOn(nowMs)) {
      this.#lookAgainMs = nowMs + LOOK_AGAIN_MS;
      return;
    }
    if (Atomics.compareExchange(ints, INTS.began, began, nowMs | 0 || 1) !== began) return;
    const samples = Atomics.exchange(ints, INTS.count, 0);
    const ratio = Math.exp(Atomics.exchange(ints, INTS.sum, 0) / samples / SCALE);
    const isUnsure = 2 * Atomics.exchange(ints, INTS.unsure, 0) > samples;
    const peak = Atomics.exchange(ints, INTS.peak, 0);
    const pushed = Atomics.exchange(ints, INTS.pushed, 0);
    if (began !== 0 && samples > 0) this.#learn({ ratio, samples, peak, pushed, isUnsure, nowMs });
  }

  #learn(window: Window): void {
    if (window.isUnsure && this.#floats[FLOATS.limit] === 0) return;
    const isUsed = window.pushed > 0 || window.peak >= USED_SHARE * this.#limit;
    const smoothed = this.#smooth(window);
    if (this.#probe.isPending) {
      this.#baselines.closeBuckets(this.#slot, window.nowMs);
      if (this.#probe.end(window)) this.#raiseBaselines(window.ratio);
      this.#episode.end();
      this.#beBlind(window.nowMs);
      return;
    }
    const before = this.#limit;
    this.#adapt(window, isUsed);
    this.#followEpisode(window, before, smoothed);
    if (!this.#probe.isNeeded(window, isUsed, this.#latencyMs)) return;
    this.#probe.begin(smoothed, this.#latencyMs, window.nowMs);
    this.#beBlind(window.nowMs);
  }

  /** Without noise: the fewer samples a window has, the more the ones before it count. */
  #smooth({ ratio, samples }: Window): number {
    const before = this.#floats[FLOATS.smoothed] || ratio;
    const smoothed = before + (ratio - before) * (samples / (samples + SMOOTHING_SAMPLES));
    this.#floats[FLOATS.smoothed] = smoothed;
    return smoothed;
  }

  #adapt({ ratio, samples, pushed, isUnsure, nowMs }: Window, isUsed: boolean): void {
    const limit = this.#limit;
    if (ratio > TOLERANCE) {
      const isPressed = pushed >= PRESSING_SHARE * samples;
      this.#limit = isPressed ? limit * (1 - SHRINKING * (1 - Math.max(0.5, TOLERANCE / ratio))) : limit;
    } else if (isUsed && ratio < QUIET && !isUnsure) {
      this.#limit = limit * LEAP;
      this.#beBlind(nowMs);
      // Until the next windows can tell whether that was enough.
      this.#floats[FLOATS.searchUntilMs] = nowMs + 2 * (this.#latencyMs + this.#windowMs);
    } else if (isUsed) {
      this.#limit = limit + GROWTH * Math.sqrt(limit) * Math.min(1, (TOLERANCE - ratio) / (TOLERANCE - 1));
    } else {
      this.#limit = limit; // the first time it is noted: now something is known
    }
  }

  #followEpisode(window: Window, before: number, smoothed: number): void {
    const { startLimit } = this.#episode;
    const isSlow = window.ratio > TOLERANCE;
    if (startLimit === 0) {
      if (isSlow) this.#episode.begin(before, window);
    } else if (this.#episode.follow(window, this.#limit, smoothed, isSlow)) {
      this.#raiseBaselines(window.ratio);
      this.#limit = startLimit;
      this.#episode.end();
      this.#beBlind(window.nowMs);
    }
  }

  /** What was slow is what is usual from now on. */
  #raiseBaselines(ratio: number): void {
    this.#baselines.raise(this.#slot, ratio);
    this.#floats[FLOATS.smoothed] = 1;
  }

  /** Until what began after this moment has ended too, and not only the shortest of it. */
  #beBlind(nowMs: number): void {
    const untilMs = nowMs + Math.min(LONGEST_WINDOW_MS, 2 * this.#latencyMs);
    this.#baselines.emptyBuckets(this.#slot);
    this.#floats[FLOATS.blindUntilMs] = untilMs;
    Atomics.store(this.#ints, INTS.began, untilMs | 0 || 1);
  }
}

/** The excess that is not our own: `ownShare` is our part of the latency. Bounded, lest one request outweigh a window. */
function servicePart(excess: number, ownShare: number): number {
  if (excess <= 0 || ownShare <= 0) return Math.max(-MOST_EXCESS, Math.min(MOST_EXCESS, excess));
  if (ownShare >= 1) return 0;
  return Math.max(0, Math.min(MOST_EXCESS, excess + Math.log(1 - ownShare)));
}

const LEAST_LIMIT = 8;
const MOST_LIMIT = 10_000;

const WINDOW_MS = 100;
const LONGEST_WINDOW_MS = 3000;
const LOOK_AGAIN_MS = 1;
const LEAST_SAMPLES = 25;
/** Logarithms are added up as integers, in units of 1/1024. */
const SCALE = 1024;
/** A factor of 150. */
const MOST_EXCESS = 5;
const NEWEST = 0.05;
const SMOOTHING_SAMPLES = 60;

/** Up to this many times the baseline is no overload: a busy service has short queues. */
const TOLERANCE = 1.6;
const SHRINKING = 0.3;
/** So many who found no place for one who did: a crowd, and not a moment of bad luck. */
const PRESSING_SHARE = 0.05;
const GROWTH = 0.5;
const LEAP = 1.5;
const USED_SHARE = 0.75;
