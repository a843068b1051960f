import type { Random } from '../../core/random.ts';
import type { Candidates } from './candidates.ts';
import { UNKNOWN_LATENCY_US, type EndpointStates } from './endpoint-states.ts';

/** It changes slowly and costs a sort. */
const PICKS_PER_MEDIAN = 64;
/** An average older than this says nothing about how fast the service is now. */
const RECENT_MS = 10_000;
/** Of more candidates, so many are looked at, each time others. */
const SAMPLE = 128;

/** The median of what the endpoints of a service take, in microseconds. Looked at every {@link PICKS_PER_MEDIAN} picks. */
export class MedianLatency {
  us = UNKNOWN_LATENCY_US;
  readonly #candidates: Candidates;
  readonly #states: EndpointStates;
  readonly #random: Random;
  readonly #sorted: Float64Array;
  #picksToGo = 0;

  constructor(candidates: Candidates, states: EndpointStates, random: Random) {
    this.#candidates = candidates;
    this.#states = states;
    this.#random = random;
    this.#sorted = new Float64Array(Math.min(SAMPLE, candidates.count));
  }

  /** There is a pick. */
  noteUse(nowMs: number): void {
    if (this.#picksToGo-- > 0) return;
    this.#picksToGo = PICKS_PER_MEDIAN - 1;
    const { count } = this.#candidates;
    const first = count > SAMPLE ? this.#random.below(count) : 0;
    this.us = this.#since(nowMs - RECENT_MS, first) || this.#since(0, first) || UNKNOWN_LATENCY_US;
  }

  /**
   * The lower median of the averages that had a sample since then; 0 if none had.
   *
   * The lower one, because of two endpoints the faster says what the service can do.
   */
  #since(sinceMs: number, first: number): number {
    const { count } = this.#candidates;
    const sorted = this.#sorted;
    // Spread over all, since those that stand together are in one zone.
    const step = Math.floor(count / sorted.length);
    let known = 0;
    sorted.fill(Number.POSITIVE_INFINITY);
    for (let i = 0; i < sorted.length; i++) {
      const at = first + i * step;
      const slot = this.#candidates.slot(at < count ? at : at - count);
      if (this.#states.lastSampleMs(slot) <= sinceMs) continue;
      sorted[known++] = this.#states.ewmaUs(slot);
    }
    sorted.sort();
    return known === 0 ? 0 : (sorted[(known - 1) >> 1] ?? 0);
  }
}
