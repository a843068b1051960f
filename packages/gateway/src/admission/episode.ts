import { FLOATS, INTS, type ServiceLine } from './service-limits.ts';
import type { Window } from './window.ts';

/**
 * A time in which requests are slow and the limit shrinks, from the first slow window on.
 *
 * In a queue, time is in proportion to what is in flight. So when much less is in flight than was, and requests are about
 * as slow as they were, it is no queue: another service behind this one is slow, or there is more work in each request.
 * Then shrinking is futile.
 */
export class Episode {
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;

  constructor({ ints, floats }: ServiceLine) {
    this.#ints = ints;
    this.#floats = floats;
  }

  /** The limit before it, or 0: there is no episode. */
  get startLimit(): number {
    return this.#floats[FLOATS.startLimit] ?? 0;
  }

  begin(limit: number, { ratio, peak }: Window): void {
    this.#floats[FLOATS.startLimit] = limit;
    this.#floats[FLOATS.highest] = ratio;
    this.#floats[FLOATS.mostInflight] = peak;
    this.#floats[FLOATS.refused] = 0;
    this.#floats[FLOATS.evidence] = 0;
    this.#ints[INTS.calm] = 0;
  }

  end(): void {
    this.#floats[FLOATS.startLimit] = 0;
  }

  /** Takes in a window; tells whether shrinking was futile. `smoothed`: the ratio without its noise. */
  follow(window: Window, limit: number, smoothed: number, isSlow: boolean): boolean {
    const floats = this.#floats;
    const highest = Math.max(smoothed, floats[FLOATS.highest] ?? 0);
    const mostInflight = Math.max(window.peak, floats[FLOATS.mostInflight] ?? 0);
    floats[FLOATS.highest] = highest;
    floats[FLOATS.mostInflight] = mostInflight;
    if (window.pushed > 0) floats[FLOATS.refused] = 1;
    // Where nobody was turned away, what is in flight is less for other reasons.
    const less = floats[FLOATS.refused] === 0 ? MUCH_LESS : window.peak / mostInflight;
    const isNoQueue = less <= MUCH_LESS && smoothed > highest * less ** PROPORTION;
    const evidence = isNoQueue && limit <= FUTILE_SHARE * this.startLimit ? window.samples : -Infinity;
    floats[FLOATS.evidence] = Math.max(0, (floats[FLOATS.evidence] ?? 0) + evidence);
    const calm = isSlow ? 0 : (this.#ints[INTS.calm] ?? 0) + 1;
    this.#ints[INTS.calm] = calm;
    if (calm >= CALM_WINDOWS) this.end();
    return (floats[FLOATS.evidence] ?? 0) >= ENOUGH_SAMPLES;
  }
}

const MUCH_LESS = 0.75;
/** In a queue it would be 1; 0.37 is a ratio that has come down by no more than a tenth at three quarters in flight. */
const PROPORTION = 0.37;
const FUTILE_SHARE = 0.7;
/** Few samples say little, so there must be several windows of them in a row. */
const ENOUGH_SAMPLES = 100;
const CALM_WINDOWS = 5;
