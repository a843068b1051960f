import type { HistogramLayout } from './histogram-layout.ts';
import type { LabelSet } from './label-set.ts';
import type { MetricMemory } from './metric-memory.ts';
import { OCTAVES, PER_OCTAVE, shownBuckets, type NativeBuckets } from './native-buckets.ts';

/** One series: the row of a metric in every thread that counts there, or numbers that were read elsewhere. */
export class Series {
  readonly labels: LabelSet;
  readonly #values: readonly number[];
  readonly #memories: MetricMemory[] = [];
  readonly #slots: number[] = [];

  constructor(labels: LabelSet, values: readonly number[] = []) {
    this.labels = labels;
    this.#values = values;
  }

  /** It has a row there too. */
  isIn(memory: MetricMemory, slot: number): void {
    this.#memories.push(memory);
    this.#slots.push(slot);
  }

  /** Its numbers at this moment, as many as there is room for in `into`. */
  read(into: Float64Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.#values[i] ?? 0;
    for (let source = 0; source < this.#memories.length; source++) {
      const slots = this.#memories[source]?.slots ?? NO_SLOTS;
      const first = this.#slots[source] ?? 0;
      for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) + (slots[first + i] ?? 0);
    }
  }

  /** Of a histogram: its native buckets at this moment; null: not all that it counted has room there. */
  readNative(layout: HistogramLayout): NativeHistogram | null {
    let zeroCount = 0;
    let placed = 0;
    COUNTS.fill(0);
    for (let source = 0; source < this.#memories.length; source++) {
      const memory = this.#memories[source];
      const row = this.#slots[source] ?? 0;
      if (memory === undefined) continue;
      const { slots } = memory;
      if ((slots[row + layout.unplaced] ?? 0) > 0) return null;
      zeroCount += slots[row + layout.zeros] ?? 0;
      for (let octave = 0; octave < OCTAVES; octave++) {
        const from = memory.octave(row, layout, octave);
        if (from === 0) continue;
        for (let i = 0; i < PER_OCTAVE; i++) {
          const count = slots[from + i] ?? 0;
          const at = octave * PER_OCTAVE + i;
          COUNTS[at] = (COUNTS[at] ?? 0) + count;
          placed += count;
        }
      }
    }
    const buckets = shownBuckets(COUNTS, layout.firstOctave * PER_OCTAVE);
    return { ...buckets, zeroCount, zeroThreshold: layout.zeroThreshold, count: zeroCount + placed };
  }
}

/** A native histogram. Its count is that of its buckets, even while they are written. */
export interface NativeHistogram extends NativeBuckets {
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly count: number;
}

/** One at a time is added up. */
const COUNTS = new Float64Array(OCTAVES * PER_OCTAVE);
const NO_SLOTS = new Float64Array(0);
