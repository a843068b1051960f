/** What happened to a service lately, in all threads together. */
export interface Tallied {
  /** In the last {@link WINDOW_SECONDS}: requests without their retries, and the retries. */
  readonly requests: number;
  readonly retries: number;
}

/** What the budget of retries looks back on. */
export const WINDOW_SECONDS = 10;

/**
 * How many requests and retries each service got in the last seconds, over all threads.
 *
 * Every thread has a line of its own for each service and is the only one that writes there, so that counting is a plain
 * store; who wants to know adds the lines up, which only happens when something failed. Two threads that look at once may both
 * find the last place of a budget free: it is exceeded by the number of threads at most.
 */
export class ServiceTallies {
  readonly #ints: Int32Array;
  readonly #slots: number;
  readonly #threads: number;
  readonly #thread: number;

  /** A buffer for `slots` services and `threads` data threads. */
  static allocate(slots: number, threads: number): SharedArrayBuffer {
    const buffer = new SharedArrayBuffer((HEADER_INTS + slots * threads * LINE_INTS) * 4);
    const dimensions = new Int32Array(buffer, 0, 2);
    dimensions[0] = slots;
    dimensions[1] = threads;
    return buffer;
  }

  /** Opens the buffer in the data thread with that number, from 0; the supervisor, with -1, only looks on. */
  constructor(buffer: SharedArrayBuffer, thread: number) {
    const [slots = 0, threads = 0] = new Int32Array(buffer, 0, 2);
    this.#ints = new Int32Array(buffer, HEADER_INTS * 4);
    this.#slots = slots;
    this.#threads = threads;
    this.#thread = thread;
  }

  /** That of one service, for this thread to count in. */
  of(slot: number): ServiceTally {
    if (!(slot >= 0 && slot < this.#slots)) throw new RangeError(`There is no service ${slot}`);
    const lines = Array.from({ length: this.#threads }, (_, thread) => this.#line(thread, slot));
    return new ServiceTally(lines, lines[this.#thread] ?? new Int32Array(LINE_INTS));
  }

  #line(thread: number, slot: number): Int32Array {
    const at = (thread * this.#slots + slot) * LINE_INTS;
    return this.#ints.subarray(at, at + LINE_INTS);
  }
}

/** What one thread counts of one service, and what all threads have counted. */
export class ServiceTally {
  readonly #lines: readonly Int32Array[];
  readonly #own: Int32Array;

  constructor(lines: readonly Int32Array[], own: Int32Array) {
    this.#lines = lines;
    this.#own = own;
  }

  /** A request came. */
  request(nowMs: number): void {
    const own = this.#own;
    const cell = this.#cell(nowMs);
    own[cell + REQUESTS] = (own[cell + REQUESTS] ?? 0) + 1;
  }

  /** A request is tried again. */
  retry(nowMs: number): void {
    const own = this.#own;
    const cell = this.#cell(nowMs);
    own[cell + RETRIES] = (own[cell + RETRIES] ?? 0) + 1;
  }

  /** What all threads have counted. */
  total(nowMs: number): Tallied {
    const second = secondOf(nowMs);
    const total = { requests: 0, retries: 0 };
    for (const line of this.#lines) {
      for (let cell = 0; cell < WINDOW_SECONDS * CELL_INTS; cell += CELL_INTS) {
        const age = (second - (line[cell + SECOND] ?? 0)) | 0;
        if (age < 0 || age >= WINDOW_SECONDS) continue;
        total.requests += line[cell + REQUESTS] ?? 0;
        total.retries += line[cell + RETRIES] ?? 0;
      }
    }
    return total;
  }

  /** Where the current second is counted; what was counted there ten seconds ago is forgotten. */
  #cell(nowMs: number): number {
    const own = this.#own;
    const second = secondOf(nowMs);
    const cell = ((second >>> 0) % WINDOW_SECONDS) * CELL_INTS;
    if (own[cell + SECOND] !== second) {
      own[cell + REQUESTS] = 0;
      own[cell + RETRIES] = 0;
      own[cell + SECOND] = second;
    }
    return cell;
  }
}

/** As an int32, which may wrap: only differences matter. */
function secondOf(nowMs: number): number {
  return Math.floor(nowMs / 1000) | 0;
}

// A line is a ring of cells. Words of a cell: the second that it is about, and what happened in it.
const SECOND = 0;
const REQUESTS = 1;
const RETRIES = 2;
const CELL_INTS = 3;

/** 128 bytes, two cache lines: threads do not write to each other's. */
const LINE_INTS = 32;
const HEADER_INTS = 32;
