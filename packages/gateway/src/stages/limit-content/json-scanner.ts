import type { Violation } from './violation.ts';

const rule = 'limits.jsonDepth';
const TOO_DEEP: Violation = { reason: 'jsonDepth', code: 'BODY_TOO_DEEP', rule };
const NOT_UTF8: Violation = { reason: 'not-utf-8', code: 'INVALID_REQUEST', rule };

const PLAIN = 0;
const QUOTE = 1;
const BACKSLASH = 2;
const OPENING = 3;
const CLOSING = 4;
const NUL = 5;

/** What a byte means for the depth. */
const KINDS = new Uint8Array(256);
KINDS[0x22] = QUOTE;
KINDS[0x5c] = BACKSLASH;
KINDS[0x5b] = OPENING;
KINDS[0x7b] = OPENING;
KINDS[0x5d] = CLOSING;
KINDS[0x7d] = CLOSING;
KINDS[0x00] = NUL;

/**
 * Counts how deeply a JSON text is nested (RFC 8259), in whatever pieces its bytes come, without parsing it: only brackets
 * outside of strings matter. Whether the text is JSON at all is for others to say.
 *
 * A byte 0 ends the scan: JSON in UTF-8 has none, and a text in UTF-16 or UTF-32, which some parsers detect by themselves and
 * where a bracket may look like part of a string, has one among its first four bytes.
 */
export class JsonScanner {
  readonly #maxDepth: number;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** Takes the next bytes; gives what is wrong with them, or null. */
  scan(bytes: Uint8Array): Violation | null {
    const { length } = bytes;
    const maxDepth = this.#maxDepth;
    let depth = this.#depth;
    let isInString = this.#isInString;
    let isEscaped = this.#isEscaped;
    for (let at = 0; at < length; at++) {
      let kind = KINDS[bytes[at] as number] as number;
      if (isEscaped && kind !== NUL) {
        isEscaped = false;
        continue;
      }
      while (kind === PLAIN && ++at < length) kind = KINDS[bytes[at] as number] as number;
      if (kind === NUL) return NOT_UTF8;
      if (kind === QUOTE) isInString = !isInString;
      else if (isInString) isEscaped = kind === BACKSLASH;
      else if (kind === OPENING && ++depth > maxDepth) return TOO_DEEP;
      else if (kind === CLOSING && depth > 0) depth--;
    }
    this.#depth = depth;
    this.#isInString = isInString;
    this.#isEscaped = isEscaped;
    return null;
  }
}
