/** What two counters stood at: the time in milliseconds, the bad and all. */
export type Reading = readonly [atMs: number, bad: number, total: number];

/** What two counters gained, and in which time: less than was asked for if they are not known for that long. */
export interface Gain {
  readonly bad: number;
  readonly total: number;
  readonly elapsedMs: number;
}

/** What counters stood at when a minute or an hour began. */
class Ring {
  readonly #stepMs: number;
  readonly #size: number;
  readonly #bad: Float64Array;
  readonly #total: Float64Array;
  /** When each was really read. */
  readonly #readAtMs: Float64Array;
  #first = -1;
  #last = -1;

  constructor(stepMs: number, steps: number) {
    this.#stepMs = stepMs;
    this.#size = steps + 1;
    this.#bad = new Float64Array(this.#size);
    this.#total = new Float64Array(this.#size);
    this.#readAtMs = new Float64Array(this.#size);
  }

  /** The first of each step stays. Steps that nobody looked at count as the one before them, so that nothing is lost. */
  put(bad: number, total: number, nowMs: number): void {
    const step = Math.floor(nowMs / this.#stepMs);
    if (step <= this.#last) return;
    if (this.#first < 0) this.#first = step;
    else this.#repeat(Math.max(this.#last, step - this.#size), step);
    this.#set(step, { bad, total, readAtMs: nowMs });
    this.#last = step;
    this.#first = Math.max(this.#first, step - this.#size + 1);
  }

  #repeat(from: number, to: number): void {
    const at = this.#last % this.#size;
    const same = { bad: this.#bad[at] ?? 0, total: this.#total[at] ?? 0, readAtMs: this.#readAtMs[at] ?? 0 };
    for (let step = from + 1; step < to; step++) this.#set(step, same);
  }

  #set(step: number, one: { readonly bad: number; readonly total: number; readonly readAtMs: number }): void {
    const at = step % this.#size;
    this.#bad[at] = one.bad;
    this.#total[at] = one.total;
    this.#readAtMs[at] = one.readAtMs;
  }

  /** All that is known, in the order of time; what stood still is there once. */
  get readings(): readonly Reading[] {
    const readings: Reading[] = [];
    for (let step = this.#first; step >= 0 && step <= this.#last; step++) {
      const at = step % this.#size;
      const readAtMs = this.#readAtMs[at] ?? 0;
      if (readAtMs !== readings.at(-1)?.[0])
        readings.push([readAtMs, this.#bad[at] ?? 0, this.#total[at] ?? 0]);
    }
    return readings;
  }

  gain(bad: number, total: number, span: { readonly nowMs: number; readonly windowMs: number }): Gain {
    const { nowMs, windowMs } = span;
    const wanted = Math.floor(nowMs / this.#stepMs) - Math.round(windowMs / this.#stepMs);
    const at = Math.max(this.#first, wanted) % this.#size;
    return {
      bad: bad - (this.#bad[at] ?? 0),
      total: total - (this.#total[at] ?? 0),
      elapsedMs: nowMs - (this.#readAtMs[at] ?? 0),
    };
  }
}

/**
 * What two counters stood at: each minute of the last six hours, and each hour of the last three days. 10 kB, whatever
 * there is to count. They begin where they stood when somebody first looked.
 */
export class CounterHistory {
  readonly #minutes = new Ring(MINUTE_MS, 360);
  readonly #hours = new Ring(60 * MINUTE_MS, 72);
  #bad = 0;
  #total = 0;
  #nowMs = 0;
  /** What an earlier process had counted when this one began at nothing. */
  #before: { readonly bad: number; readonly total: number } = { bad: 0, total: 0 };

  /** `nowMs` is monotonic. */
  put({ bad, total }: { readonly bad: number; readonly total: number }, nowMs: number): void {
    this.#put(this.#before.bad + bad, this.#before.total + total, nowMs);
  }

  /**
   * Goes on where an earlier process stood: before anything is put here, and with counters that begin at nothing. What lies in the
   * future, because somebody set the clock, is left out.
   */
  restore(readings: readonly Reading[], nowMs: number): void {
    for (const [atMs, bad, total] of readings) {
      if (atMs <= this.#nowMs || atMs > nowMs) continue;
      this.#put(bad, total, atMs);
      this.#before = { bad, total };
    }
  }

  /** What {@link restore} needs: at most 435, from oldest to newest. */
  get readings(): readonly Reading[] {
    const known = [...this.#minutes.readings, ...this.#hours.readings];
    if (this.#nowMs > 0) known.push([this.#nowMs, this.#bad, this.#total]);
    return Array.from(new Map(known.map((one) => [one[0], one])).values()).toSorted((a, b) => a[0] - b[0]);
  }

  #put(bad: number, total: number, nowMs: number): void {
    this.#minutes.put(bad, total, nowMs);
    this.#hours.put(bad, total, nowMs);
    this.#bad = bad;
    this.#total = total;
    this.#nowMs = nowMs;
  }

  /** From what was put last back over a window of whole minutes, up to six hours, or of whole hours. */
  gain(windowMs: number): Gain {
    const ring = windowMs <= 360 * MINUTE_MS ? this.#minutes : this.#hours;
    return ring.gain(this.#bad, this.#total, { nowMs: this.#nowMs, windowMs });
  }
}

const MINUTE_MS = 60_000;
