/** How a stream came to its end, as far as it is remembered: by a reset of ours, in another way, or never opened. */
export type Closed = 'reset-by-us' | 'over' | 'unknown' | 'forgotten';

/** Twice what a connection may have open by default, and a little. */
const REMEMBERED = 256;

/**
 * The streams of a connection that closed last. What still comes for one that we have reset was on its way and is forgiven; for any
 * other it breaks the rules (RFC 9113 §5.1).
 */
export class ClosedStreams {
  /** Each id twice, and one more if we have reset it. */
  #last: Uint32Array | null = null;
  #count = 0;

  add(id: number, wasResetByUs: boolean): void {
    this.#last ??= new Uint32Array(REMEMBERED);
    this.#last[this.#count++ % REMEMBERED] = 2 * id + (wasResetByUs ? 1 : 0);
  }

  /** Of a stream that is not open and whose id is not larger than all before. */
  find(id: number): Closed {
    for (const one of this.#last ?? []) if (one >>> 1 === id) return (one & 1) === 1 ? 'reset-by-us' : 'over';
    return this.#count > REMEMBERED ? 'forgotten' : 'unknown';
  }
}
