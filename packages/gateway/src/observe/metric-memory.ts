import { EXEMPLAR_BYTES, ExemplarTable } from './exemplar-table.ts';
import type { HistogramLayout } from './histogram-layout.ts';
import { addTo } from './metric-handles.ts';
import { bucketOf, OCTAVES, PER_OCTAVE, SCALE } from './native-buckets.ts';
import { labelText, OVERFLOW, SHAPES, type MetricShape } from './metric-shape.ts';

/** How much a thread can count. */
export interface MetricCapacity {
  /** Rows: a metric with one combination of its free labels. A route takes five. */
  readonly rows: number;
  /** Numbers of all rows together. A route takes 49, a service 142. */
  readonly slots: number;
  /** Bytes of label text. */
  readonly textBytes: number;
  /** Octaves of all histograms, of which each takes those that its values fall into. */
  readonly octaves: number;
  /** Places of exemplars. */
  readonly exemplars: number;
}

/** Room for 10,000 routes over 1,000 services in less than 14 MiB, of which only what is used becomes resident. */
export const DEFAULT_CAPACITY: MetricCapacity = {
  rows: 60_000,
  slots: 650_000,
  octaves: 110_000,
  textBytes: 950_000,
  exemplars: 1024,
};

/**
 * Makes the memory for the metrics of one thread. The supervisor keeps it and hands it to a thread that replaces
 * another, so that counters never go back.
 *
 * The layout: header (Int32), slots (Float64: those of the rows, then the native buckets of histograms, an octave at a time),
 * exemplars, directory (three Int32 a row: metric and length of its label text, start of the text, first slot), label texts
 * (UTF-8). Rows and buckets are only ever added.
 */
export function metricsBuffer(capacity: MetricCapacity = DEFAULT_CAPACITY): SharedArrayBuffer {
  const { rows, slots, octaves, textBytes, exemplars } = capacity;
  const buffer = new SharedArrayBuffer(
    HEADER_BYTES + allSlots(capacity) * 8 + exemplars * EXEMPLAR_BYTES + rows * ROW_BYTES + textBytes,
  );
  new Int32Array(buffer, 0, 5).set([rows, slots, octaves, textBytes, exemplars]);
  return buffer;
}

/** What is kept free. */
type Reserve = Pick<MetricCapacity, 'rows' | 'slots' | 'textBytes'>;

/** One row, as a reader sees it. */
export interface MetricRow {
  readonly metric: MetricShape;
  readonly labels: string;
  readonly slot: number;
}

/** The rows of one thread's memory. One thread adds rows and writes slots; any thread may read. */
export class MetricMemory {
  readonly slots: Float64Array;
  readonly exemplars: ExemplarTable;
  readonly #capacity: MetricCapacity;
  readonly #header: Int32Array;
  readonly #directory: Int32Array;
  /** The slots, two to each. */
  readonly #halves: Int32Array;
  readonly #text: Buffer;
  /** Start of each label text in memory, because metrics with the same labels share it. Of the writing thread only. */
  readonly #textStarts = new Map<string, number>();

  constructor(buffer: SharedArrayBuffer) {
    this.#header = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    const [rows = 0, slots = 0, octaves = 0, textBytes = 0, exemplars = 0] = this.#header;
    this.#capacity = { rows, slots, octaves, textBytes, exemplars };
    const numbers = allSlots(this.#capacity);
    const exemplarStart = HEADER_BYTES + numbers * 8;
    const directoryStart = exemplarStart + exemplars * EXEMPLAR_BYTES;
    this.slots = new Float64Array(buffer, HEADER_BYTES, numbers);
    this.#halves = new Int32Array(buffer, HEADER_BYTES, numbers * 2);
    this.exemplars = new ExemplarTable(buffer, exemplarStart, exemplars);
    this.#directory = new Int32Array(buffer, directoryStart, rows * ROW_INTS);
    this.#text = Buffer.from(buffer, directoryStart + rows * ROW_BYTES, textBytes);
  }

  /** Rows that are complete, from `start` on. */
  rows(start: number): MetricRow[] {
    const rows: MetricRow[] = [];
    // Metrics with the same labels share their text: it is decoded, and hashed by who looks for it, once.
    const texts = new Map<number, string>();
    const end = Atomics.load(this.#header, ROWS_USED);
    for (let row = start; row < end; row++) {
      const head = this.#directory[row * ROW_INTS] ?? 0;
      const textStart = this.#directory[row * ROW_INTS + 1] ?? 0;
      const slot = this.#directory[row * ROW_INTS + 2] ?? 0;
      const metric = SHAPES[head >>> 16];
      if (metric === undefined) continue;
      const length = head & 0xffff;
      // No text takes no room: the next one begins in the same place.
      let labels = length === 0 ? '' : texts.get(textStart);
      if (labels === undefined) {
        labels = this.#text.toString('utf8', textStart, textStart + length);
        texts.set(textStart, labels);
      }
      rows.push({ metric, labels, slot });
    }
    return rows;
  }

  /** The first slot of the buckets of an octave of a histogram; 0 as long as nothing fell into it. */
  octave(row: number, layout: HistogramLayout, octave: number): number {
    return this.#halves[2 * (row + layout.octaves) + octave] ?? 0;
  }

  /** Adds a row and gives its first slot, or -1 when there is no room but what is kept for overflow rows. */
  add(metric: MetricShape, labels: string): number {
    return this.#place(metric, labels, OVERFLOW_RESERVE);
  }

  /** Adds the row that counts for all of a metric that have no room. */
  addOverflow(metric: MetricShape): number {
    return this.#place(metric, overflowLabels(metric), NO_RESERVE);
  }

  /**
   * Counts a value in a histogram, in classic and in native buckets; gives the number of the classic one. The native bucket is
   * found without a search, and the classic one by it.
   */
  observe(row: number, layout: HistogramLayout, value: number): number {
    const { slots } = this;
    const { zeroThreshold, firstOctave, bounds, classicOf, end } = layout;
    addTo(slots, row + layout.sum, value);
    if (!(value > zeroThreshold)) {
      addTo(slots, row, 1);
      addTo(slots, row + layout.zeros, 1);
      return 0;
    }
    const bucket = value < end ? bucketOf(value) - firstOctave * PER_OCTAVE : LAST_BUCKET;
    const lower = classicOf[bucket] ?? 0;
    const classic = value > (bounds[lower] ?? 0) ? lower + 1 : lower;
    addTo(slots, row + classic, 1);
    const place = 2 * (row + layout.octaves) + (bucket >> SCALE);
    const octave = this.#halves[place] || this.#addOctave(place);
    if (octave === 0) addTo(slots, row + layout.unplaced, 1);
    else addTo(slots, octave + (bucket & (PER_OCTAVE - 1)), 1);
    return classic;
  }

  /** Room for the buckets of another octave of a histogram; 0 when there is none. */
  #addOctave(place: number): number {
    const used = this.#header[OCTAVES_USED] ?? 0;
    if (used >= this.#capacity.octaves) return 0;
    const slot = this.#capacity.slots + used * PER_OCTAVE;
    this.#header[OCTAVES_USED] = used + 1;
    this.#halves[place] = slot;
    return slot;
  }

  #place(metric: MetricShape, labels: string, reserve: Reserve): number {
    const row = this.#header[ROWS_USED] ?? 0;
    const slot = this.#header[SLOTS_USED] ?? 0;
    if (row + 1 + reserve.rows > this.#capacity.rows) return -1;
    if (slot + metric.width + reserve.slots > this.#capacity.slots) return -1;
    const length = Buffer.byteLength(labels);
    const textStart = this.#textStart(labels, length, reserve.textBytes);
    if (textStart < 0) return -1;

    this.#directory[row * ROW_INTS] = (metric.index << 16) | length;
    this.#directory[row * ROW_INTS + 1] = textStart;
    this.#directory[row * ROW_INTS + 2] = slot;
    this.#header[SLOTS_USED] = slot + metric.width;
    Atomics.store(this.#header, ROWS_USED, row + 1); // last: readers go by it
    return slot;
  }

  #textStart(labels: string, length: number, reservedBytes: number): number {
    const known = this.#textStarts.get(labels);
    if (known !== undefined) return known;
    const start = this.#header[TEXT_USED] ?? 0;
    if (length > MAX_LABEL_BYTES || start + length + reservedBytes > this.#capacity.textBytes) return -1;
    this.#text.write(labels, start, 'utf8');
    this.#header[TEXT_USED] = start + length;
    this.#textStarts.set(labels, start);
    return start;
  }
}

/** Labels of the row that counts what has no room. */
export function overflowLabels(metric: MetricShape): string {
  return labelText(
    metric.textLabels,
    Object.fromEntries(metric.textLabels.map((label) => [label, OVERFLOW])),
  );
}

function allSlots({ slots, octaves }: MetricCapacity): number {
  return slots + octaves * PER_OCTAVE;
}

const LAST_BUCKET = OCTAVES * PER_OCTAVE - 1;
const HEADER_BYTES = 64;
const ROW_INTS = 3;
const ROW_BYTES = ROW_INTS * 4;
const ROWS_USED = 5;
const SLOTS_USED = 6;
const OCTAVES_USED = 7;
const TEXT_USED = 8;
/** Longer label texts are counted as overflow: one name cannot use up the memory. */
const MAX_LABEL_BYTES = 1024;

const NO_RESERVE: Reserve = { rows: 0, slots: 0, textBytes: 0 };
const OVERFLOW_RESERVE: Reserve = {
  rows: SHAPES.length,
  slots: SHAPES.reduce((sum, metric) => sum + metric.width, 0),
  textBytes: SHAPES.reduce((sum, metric) => sum + overflowLabels(metric).length, 0),
};
