import type { FoundTrace } from '../core/exchange.ts';

/** A value that was seen in a bucket, and the trace of the request that it is of. */
export interface Exemplar {
  /** First slot of the histogram, in the memory of its thread. */
  readonly row: number;
  /** Number of the classic bucket. */
  readonly bucket: number;
  readonly value: number;
  readonly trace: FoundTrace;
}

/** Of an entry: version, row, bucket, room; value and time; the two ids as hexadecimal digits. */
export const EXEMPLAR_BYTES = 80;
const INTS = EXEMPLAR_BYTES / 4;
const FLOATS = EXEMPLAR_BYTES / 8;
const IDS_AT = 32;
const TRACE_ID = 32;
const SPAN_ID = 16;

/**
 * The newest exemplar of each bucket. Each has one place, which others may have as well: then the newest stays. So the memory is
 * bounded, whatever number of histograms there is, and a busy route does not drive out all others.
 *
 * An entry is written by one thread and read by another: its version is odd while it is written, and a reader leaves it out.
 */
export class ExemplarTable {
  readonly #entries: number;
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  readonly #bytes: Buffer;

  constructor(buffer: SharedArrayBuffer, start: number, entries: number) {
    this.#entries = entries;
    this.#ints = new Int32Array(buffer, start, entries * INTS);
    this.#floats = new Float64Array(buffer, start, entries * FLOATS);
    this.#bytes = Buffer.from(buffer, start, entries * EXEMPLAR_BYTES);
  }

  put({ row, bucket, value, trace }: Exemplar): void {
    if (this.#entries === 0) return;
    const entry = (Math.imul(row + bucket, SPREAD) >>> 8) % this.#entries;
    const at = entry * INTS;
    const version = Atomics.load(this.#ints, at) | 1; // odd already, if a thread died while it wrote
    Atomics.store(this.#ints, at, version);
    this.#ints[at + 1] = row;
    this.#ints[at + 2] = bucket;
    this.#floats[entry * FLOATS + 2] = value;
    this.#floats[entry * FLOATS + 3] = trace.epochMs;
    const ids = entry * EXEMPLAR_BYTES + IDS_AT;
    this.#bytes.write(trace.traceId, ids, TRACE_ID, 'latin1');
    this.#bytes.write(trace.spanId, ids + TRACE_ID, SPAN_ID, 'latin1');
    Atomics.store(this.#ints, at, version + 1);
  }

  /** Those that are complete. */
  *read(): Generator<Exemplar> {
    for (let entry = 0; entry < this.#entries; entry++) {
      const version = Atomics.load(this.#ints, entry * INTS);
      if (version === 0 || (version & 1) === 1) continue;
      const exemplar = this.#entry(entry);
      if (Atomics.load(this.#ints, entry * INTS) === version) yield exemplar;
    }
  }

  #entry(entry: number): Exemplar {
    const ids = entry * EXEMPLAR_BYTES + IDS_AT;
    return {
      row: this.#ints[entry * INTS + 1] ?? 0,
      bucket: this.#ints[entry * INTS + 2] ?? 0,
      value: this.#floats[entry * FLOATS + 2] ?? 0,
      trace: {
        epochMs: this.#floats[entry * FLOATS + 3] ?? 0,
        traceId: this.#bytes.toString('latin1', ids, ids + TRACE_ID),
        spanId: this.#bytes.toString('latin1', ids + TRACE_ID, ids + TRACE_ID + SPAN_ID),
      },
    };
  }
}

/** An odd number with bits all over, so that neighbours do not share places. */
const SPREAD = 0x9e3779b1;
