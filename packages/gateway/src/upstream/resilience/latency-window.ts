/** A percentile of fewer is a guess. */
export const LEAST_SAMPLES = 50;

const CELLS = 6;
const CELL_MS = 10_000;
/** Four buckets for each doubling, from an eighth of a millisecond on: a percentile is right to a fifth. */
const PER_DOUBLING = 4;
const FIRST_MS = 1 / 8;
const BUCKETS = 22 * PER_DOUBLING;
const LOOK_AGAIN_MS = 500;

/**
 * How long a route took until the head of its replies during the last minute, as one thread saw it: a ring of histograms with
 * logarithmic buckets. Its size depends on nothing.
 */
export class LatencyWindow {
  readonly #counts = new Uint32Array(CELLS * BUCKETS);
  readonly #percentile: number;
  /** The number of ten seconds that a cell is about. */
  readonly #periods = new Float64Array(CELLS);
  #known: number | null = null;
  #lookAtMs = Number.NEGATIVE_INFINITY;

  constructor(percentile: number) {
    this.#percentile = percentile;
  }

  add(latencyMs: number, nowMs: number): void {
    const period = Math.floor(nowMs / CELL_MS);
    const cell = period % CELLS;
    if (this.#periods[cell] !== period) {
      this.#counts.fill(0, cell * BUCKETS, (cell + 1) * BUCKETS);
      this.#periods[cell] = period;
    }
    const at = cell * BUCKETS + bucketOf(latencyMs);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** The percentile in milliseconds, rounded up to its bucket; null as long as too little is known. Computed twice a second. */
  valueMs(nowMs: number): number | null {
    if (nowMs < this.#lookAtMs) return this.#known;
    this.#known = this.#compute(nowMs);
    // What is not known yet may be with the next request.
    if (this.#known !== null) this.#lookAtMs = nowMs + LOOK_AGAIN_MS;
    return this.#known;
  }

  #compute(nowMs: number): number | null {
    const oldest = Math.floor(nowMs / CELL_MS) - CELLS;
    const sums = new Uint32Array(BUCKETS);
    let samples = 0;
    for (let at = 0; at < this.#counts.length; at++) {
      if ((this.#periods[Math.floor(at / BUCKETS)] ?? 0) <= oldest) continue;
      const count = this.#counts[at] ?? 0;
      sums[at % BUCKETS] = (sums[at % BUCKETS] ?? 0) + count;
      samples += count;
    }
    if (samples < LEAST_SAMPLES) return null;
    let left = Math.ceil((samples * this.#percentile) / 100);
    const bucket = sums.findIndex((count) => (left -= count) <= 0);
    return upperMs(bucket);
  }
}

function bucketOf(latencyMs: number): number {
  const bucket = Math.ceil(Math.log2(latencyMs / FIRST_MS) * PER_DOUBLING);
  return Math.min(Math.max(bucket, 0), BUCKETS - 1);
}

function upperMs(bucket: number): number {
  return FIRST_MS * 2 ** (bucket / PER_DOUBLING);
}
