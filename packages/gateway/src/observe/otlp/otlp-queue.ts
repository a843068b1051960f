import type { OtlpBatch } from '../../core/otlp-batch.ts';

/** What may wait, in items and in bytes. */
export interface QueueBounds {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** Batches that wait. When there are too many, the oldest go: what happens now matters more. */
export class OtlpQueue {
  readonly #bounds: QueueBounds;
  readonly #whenDropped: (items: number) => void;
  #batches: OtlpBatch[] = [];
  #bytes = 0;
  /** How many items wait. */
  items = 0;

  constructor(bounds: QueueBounds, whenDropped: (items: number) => void) {
    this.#bounds = bounds;
    this.#whenDropped = whenDropped;
  }

  add(batch: OtlpBatch): void {
    this.#batches.push(batch);
    this.items += batch.items;
    this.#bytes += batch.bytes.length;
    const { maxItems, maxBytes } = this.#bounds;
    while (this.items > maxItems || this.#bytes > maxBytes) {
      const oldest = this.#shift();
      if (oldest === undefined) return;
      this.#whenDropped(oldest.items);
    }
  }

  /** Takes the oldest: as many as have no more than so many items together, but at least one. */
  take(mostItems: number): readonly OtlpBatch[] {
    const taken: OtlpBatch[] = [];
    let items = 0;
    for (let next = this.#batches[0]; next !== undefined; next = this.#batches[0]) {
      if (taken.length > 0 && items + next.items > mostItems) break;
      items += next.items;
      taken.push(next);
      this.#shift();
    }
    return taken;
  }

  #shift(): OtlpBatch | undefined {
    const batch = this.#batches.shift();
    if (batch === undefined) return undefined;
    this.items -= batch.items;
    this.#bytes -= batch.bytes.length;
    return batch;
  }
}
