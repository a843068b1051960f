import { BOUNDS_SECONDS } from './catalogue.ts';

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

/** How values in seconds are spread over {@link BOUNDS_SECONDS}. */
export class Histogram {
  readonly #slots: Float64Array;
  readonly #slot: number;

  constructor(slots: Float64Array, slot: number) {
    this.#slots = slots;
    this.#slot = slot;
  }

  observe(seconds: number): void {
    observeAt(this.#slots, this.#slot, seconds);
  }
}

/** Adds to a slot. */
export function addTo(slots: Float64Array, slot: number, amount: number): void {
  slots[slot] = (slots[slot] ?? 0) + amount;
}

/** Counts a value in a histogram's row: one slot per bucket, not cumulative, and the sum after them. */
export function observeAt(slots: Float64Array, row: number, seconds: number): void {
  let bucket = 0;
  while (bucket < BUCKET_BOUNDS.length && seconds > (BUCKET_BOUNDS[bucket] ?? 0)) bucket++;
  addTo(slots, row + bucket, 1);
  addTo(slots, row + BUCKET_BOUNDS.length + 1, seconds);
}

/** As bytes next to each other: half the cost of the array of the catalogue. */
const BUCKET_BOUNDS = Float64Array.from(BOUNDS_SECONDS);
