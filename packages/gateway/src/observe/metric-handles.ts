import type { HistogramLayout } from './histogram-layout.ts';

/** A number that only grows. */
export class Counter {
  readonly #slots: Float64Array;
  readonly #slot: number;

  constructor(slots: Float64Array, slot: number) {
    this.#slots = slots;
    this.#slot = slot;
  }

  /** `amount` must not be negative. */
  add(amount: number): void {
    addTo(this.#slots, this.#slot, amount);
  }
}

/** A number that goes up and down. */
export class Gauge {
  readonly #slots: Float64Array;
  readonly #slot: number;

  constructor(slots: Float64Array, slot: number) {
    this.#slots = slots;
    this.#slot = slot;
  }

  add(amount: number): void {
    addTo(this.#slots, this.#slot, amount);
  }

  set(value: number): void {
    this.#slots[this.#slot] = value;
  }
}

/** How values are spread over the buckets of a histogram. */
export class Histogram {
  readonly #memory: ObservingMemory;
  readonly #row: number;
  readonly #layout: HistogramLayout;

  constructor(memory: ObservingMemory, row: number, layout: HistogramLayout) {
    this.#memory = memory;
    this.#row = row;
    this.#layout = layout;
  }

  observe(value: number): void {
    this.#memory.observe(this.#row, this.#layout, value);
  }
}

/** Where histograms are. */
interface ObservingMemory {
  observe(row: number, layout: HistogramLayout, value: number): number;
}

/** Adds to a slot. */
export function addTo(slots: Float64Array, slot: number, amount: number): void {
  slots[slot] = (slots[slot] ?? 0) + amount;
}
