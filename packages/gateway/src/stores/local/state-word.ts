import { PLACE_BYTES } from './place-table.ts';

/**
 * One of the 64-bit words in which shared memory keeps how much of a bucket is used: read, changed here, and swapped in if
 * nobody changed it meanwhile. One object a thread.
 *
 * The bytes are moved as integers, because as a number they might be a NaN and come back as another one.
 */
export class StateWord {
  /** The state as a number. */
  readonly float = new Float64Array(2);
  /** The state as two words. */
  readonly halves = new Uint32Array(this.float.buffer);
  readonly #wholes = new BigInt64Array(this.float.buffer);
  readonly #shared: BigInt64Array;
  readonly #sharedHalves: Uint32Array;

  /** Over the memory of a `PlaceTable`. */
  constructor(buffer: SharedArrayBuffer, offset: number) {
    this.#shared = new BigInt64Array(buffer, offset);
    this.#sharedHalves = new Uint32Array(buffer, offset);
  }

  /** A bucket of which nothing is used. */
  clear(): void {
    this.halves[0] = 0;
    this.halves[1] = 0;
  }

  /** Reads the word of a place. Two halves that do not belong together cannot be swapped for anything. */
  load(place: number): void {
    const { halves } = this;
    const at = 2 * wordOf(place);
    halves[0] = halves[BEFORE] = this.#sharedHalves[at] ?? 0;
    halves[1] = halves[BEFORE + 1] = this.#sharedHalves[at + 1] ?? 0;
  }

  /** Writes the state, unless the word has changed since `load`. */
  swap(place: number): boolean {
    const before = this.#wholes[1] ?? 0n;
    const after = this.#wholes[0] ?? 0n;
    return Atomics.compareExchange(this.#shared, wordOf(place), before, after) === before;
  }

  /** Writes the state into a place that nobody else touches. */
  store(place: number): void {
    Atomics.store(this.#shared, wordOf(place), this.#wholes[0] ?? 0n);
  }
}

/** The second half of a place. */
function wordOf(place: number): number {
  return (PLACE_BYTES / 8) * place + 1;
}

/** Half of the word where it is kept as it was read. */
const BEFORE = 2;
