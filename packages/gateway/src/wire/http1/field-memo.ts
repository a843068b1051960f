import { Headers } from '../../core/headers.ts';
import { Framing } from './framing.ts';

/** A larger section is not kept: idle connections must stay small. */
const MAX_BYTES = 2 * 1024;
/** After so many heads in a row that differed, a connection is believed to be of the kind that never repeats itself. */
const PATIENCE = 4;

/**
 * The field section of the last head of a connection, and what it meant. A client mostly sends the same fields with every
 * request, and one comparison of memory costs a tenth of reading them again.
 * Only sections that were read without fault are kept.
 */
export class FieldMemo {
  #bytes: Buffer | null = null;
  #headers = new Headers();
  #framing = new Framing();
  #patience = PATIENCE;

  /** Where the section that was kept ends, if it is what begins at `from` and is there before `to`; otherwise -1. */
  endOf(bytes: Buffer, from: number, to: number): number {
    const kept = this.#bytes;
    if (kept === null || kept.length > to - from) return -1;
    const end = from + kept.length;
    if (bytes.compare(kept, 0, kept.length, from, end) !== 0) return -1;
    this.#patience = PATIENCE;
    return end;
  }

  /** Whether there is a section to compare with. */
  get isEmpty(): boolean {
    return this.#bytes === null;
  }

  /** What the section means. Must not be changed. */
  get framing(): Framing {
    return this.#framing;
  }

  /** Its fields: a copy that its owner may change. */
  headers(): Headers {
    return this.#headers.share();
  }

  /** Takes a section that was not the one kept; tells whether it keeps `framing` too. */
  keep(section: Buffer, headers: Headers, framing: Framing): boolean {
    if (--this.#patience < 0 || section.length > MAX_BYTES) {
      this.#bytes = null;
      return false;
    }
    this.#bytes = Buffer.from(section);
    this.#headers = headers.share();
    this.#framing = framing;
    return true;
  }
}
