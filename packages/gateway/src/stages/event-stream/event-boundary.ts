const LF = 0x0a;
const CR = 0x0d;

/**
 * Knows whether a stream of events is between two of them: behind an empty line (HTML standard §9.2.6). Lines end with CR, LF
 * or both.
 */
export class EventBoundary {
  /** Between events; so is the beginning. */
  isHere = true;
  #isLineStart = true;
  #wasCr = false;

  /** Goes on to the end of the chunk. Only what stands behind the last character of a line is looked at. */
  skip(chunk: Uint8Array): void {
    let at = chunk.length;
    while (at > 0 && isLineEnd(chunk[at - 1])) at--;
    if (at > 0) this.#step(chunk[at - 1] ?? 0);
    for (; at < chunk.length; at++) this.#step(chunk[at] ?? 0);
  }

  /** Goes on to the end of the event under way; gives the index behind it, or -1 if it is not in the chunk. */
  find(chunk: Uint8Array): number {
    for (let at = 0; at < chunk.length; at++) {
      this.#step(chunk[at] ?? 0);
      if (this.isHere) return at + 1;
    }
    return -1;
  }

  #step(byte: number): void {
    if (byte === LF && this.#wasCr) {
      this.#wasCr = false;
      return;
    }
    this.#wasCr = byte === CR;
    const isEnd = isLineEnd(byte);
    this.isHere = isEnd && this.#isLineStart;
    this.#isLineStart = isEnd;
  }
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}
