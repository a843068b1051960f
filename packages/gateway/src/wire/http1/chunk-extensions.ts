import { CR, DEL, HTAB, SP, TOKEN } from './bytes.ts';

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Of one chunk, with their semicolons. */
const MAX_BYTES = 64;
/** So many bytes more than those of the data before may be extensions: chunks of one byte with long ones are no body. */
const MAX_EXCESS_BYTES = 16 * 1024;

const NAME_START = 0;
const NAME = 1;
const VALUE_START = 2;
const VALUE = 3;
const QUOTED = 4;
const ESCAPED = 5;
const AFTER_QUOTED = 6;

/**
 * Reads the extensions of chunks (RFC 9112 §7.1.1), of which we know none, so nothing is kept of them. Stricter than the RFC where
 * readers differ: no white space around `;` and `=`, no line end of any kind inside, and not more than is reasonable.
 */
export class ChunkExtensions {
  #state = NAME_START;
  #bytes = 0;
  #excess = 0;

  /** A semicolon follows a chunk size; so many bytes of data came since the last one. */
  begin(dataBytes: number): void {
    this.#state = NAME_START;
    this.#bytes = 1;
    this.#excess = Math.max(0, this.#excess - dataBytes) + 1;
  }

  /** Reads on; at the CR that is to end the line they are done. */
  next(byte: number): 'more' | 'done' | 'bad' {
    if (byte === CR) return this.#mayEnd() ? 'done' : 'bad';
    if (++this.#bytes > MAX_BYTES || ++this.#excess > MAX_EXCESS_BYTES) return 'bad';
    const state = this.#after(byte);
    if (state === null) return 'bad';
    this.#state = state;
    return 'more';
  }

  #mayEnd(): boolean {
    return this.#state === NAME || this.#state === VALUE || this.#state === AFTER_QUOTED;
  }

  /** Null: this byte cannot stand here. */
  #after(byte: number): number | null {
    switch (this.#state) {
      case NAME_START:
        return TOKEN[byte] === 1 ? NAME : null;
      case NAME:
        if (byte === EQUALS) return VALUE_START;
        break;
      case VALUE_START:
        if (byte === QUOTE) return QUOTED;
        return TOKEN[byte] === 1 ? VALUE : null;
      case QUOTED:
        if (byte === QUOTE) return AFTER_QUOTED;
        if (byte === BACKSLASH) return ESCAPED;
        return isText(byte) ? QUOTED : null;
      case ESCAPED:
        return isText(byte) ? QUOTED : null;
      default:
    }
    if (byte === SEMICOLON && this.#mayEnd()) return NAME_START;
    return this.#state !== AFTER_QUOTED && TOKEN[byte] === 1 ? this.#state : null;
  }
}

function isText(byte: number): boolean {
  return byte === HTAB || (byte >= SP && byte !== DEL);
}
