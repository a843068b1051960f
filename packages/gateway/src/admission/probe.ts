import { FLOATS, type ServiceLine } from './service-limits.ts';
import type { Window } from './window.ts';

/**
 * An experiment: a service that is busy and slow for long gets half of its limit for a moment.
 *
 * It shows two things that a service never shows by itself as long as it is busy: how fast it is without a queue, which is
 * what the baselines then learn; and whether it is a queue at all. What is as slow as before is not slow for what we send.
 */
export class Probe {
  readonly #floats: Float64Array;

  constructor({ floats }: ServiceLine) {
    this.#floats = floats;
  }

  /** The part of the limit that there is now. */
  share(nowMs: number): number {
    return this.isOn(nowMs) ? SHARE : 1;
  }

  isOn(nowMs: number): boolean {
    return nowMs < (this.#floats[FLOATS.probeUntilMs] ?? 0);
  }

  /** What it has shown was not looked at yet. */
  get isPending(): boolean {
    return this.#floats[FLOATS.ratioBefore] !== 0;
  }

  /** Whether the service is used up and not quiet for so long that it is time for a probe. */
  isNeeded({ ratio, nowMs }: Window, isUsed: boolean, latencyMs: number): boolean {
    const quietMs = this.#floats[FLOATS.quietMs] ?? 0;
    if (ratio < QUIET || !isUsed || quietMs === 0) {
      this.#floats[FLOATS.quietMs] = nowMs;
      this.#floats[FLOATS.patienceMs] = Math.max(FIRST_AFTER_MS, FIRST_AFTER_LATENCIES * latencyMs);
      return false;
    }
    return nowMs - quietMs >= (this.#floats[FLOATS.patienceMs] ?? 0);
  }

  /** `ratio` before it, and how long a request takes. */
  begin(ratio: number, latencyMs: number, nowMs: number): void {
    this.#floats[FLOATS.ratioBefore] = ratio;
    this.#floats[FLOATS.probeUntilMs] = nowMs + Math.max(SHORTEST_MS, LATENCIES * latencyMs);
  }

  /** With the window that it took: whether less in flight made no difference. */
  end({ ratio, samples, nowMs }: Window): boolean {
    const before = this.#floats[FLOATS.ratioBefore] ?? 0;
    const isTimely = nowMs - (this.#floats[FLOATS.probeUntilMs] ?? 0) < TIMELY_MS;
    this.#floats[FLOATS.ratioBefore] = 0;
    this.#floats[FLOATS.quietMs] = nowMs;
    this.#floats[FLOATS.patienceMs] = AGAIN_AFTER_MS;
    return isTimely && samples >= LEAST_SAMPLES && ratio > NO_DIFFERENCE * before;
  }
}

/** Below this many times the baseline nothing waits. */
export const QUIET = 1.15;
const SHARE = 0.5;
const SHORTEST_MS = 300;
const LATENCIES = 4;
const FIRST_AFTER_MS = 3000;
const FIRST_AFTER_LATENCIES = 25;
const AGAIN_AFTER_MS = 20_000;
const TIMELY_MS = 1000;
const LEAST_SAMPLES = 50;
const NO_DIFFERENCE = 0.85;
