import type { ErrorCode } from '../../core/errors.ts';
import { FRAMING, SINGLETON, type HeaderName } from '../../core/header-names.ts';
import type { Headers } from '../../core/headers.ts';
import { COLON, CR, FIELD_VALUE, HTAB, LF, SP, TOKEN } from './bytes.ts';
import { fieldName } from './field-names.ts';

/** Bounds of one header or trailer section. */
export interface FieldLimits {
  readonly headerCount: number;
}

const MAX_NAME_BYTES = 256;
const MAX_VALUE_BYTES = 8 * 1024;
const UNDERSCORE = 0x5f;
const ACTED_ON = FRAMING | SINGLETON;

/** Hears of each field that stays; an error code ends the parse. */
export type FieldVisitor = (name: HeaderName, value: string) => ErrorCode | null;

/**
 * Reads the field lines `bytes[at, end)` into `headers` (RFC 9112 §5).
 *
 * `text` is the same section decoded as latin1 and begins at byte `base`; values are cut from it. Refused, never
 * repaired: bare CR or LF, NUL and other control bytes, folded lines, white space before the colon, empty names.
 * A name with an underscore is dropped: behind a CGI-like server it would be another spelling of a dashed one.
 */
export function parseFields(section: FieldSection, headers: Headers, visit: FieldVisitor): ErrorCode | null {
  const { bytes, text, base, end, limits } = section;
  let at = section.at;
  let count = 0;
  while (at < end) {
    const nameStart = at;
    let hash = 0;
    let underscored = false;
    let byte = bytes[at] as number;
    while (TOKEN[byte] === 1) {
      hash = (hash * 31 + byte) | 0;
      if (byte === UNDERSCORE) underscored = true;
      byte = bytes[++at] as number;
    }
    const nameEnd = at;
    if (byte !== COLON || nameEnd === nameStart || nameEnd - nameStart > MAX_NAME_BYTES) return 'BAD_REQUEST';
    at++;
    while (bytes[at] === SP || bytes[at] === HTAB) at++;
    const valueStart = at;
    while (FIELD_VALUE[bytes[at] as number] === 1) at++;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return 'BAD_REQUEST';
    let valueEnd = at;
    while (valueEnd > valueStart && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)) valueEnd--;
    at += 2;
    if (++count > limits.headerCount || valueEnd - valueStart > MAX_VALUE_BYTES) return 'HEAD_TOO_LARGE';
    if (underscored) continue;
    const name = fieldName(bytes, nameStart, nameEnd, hash);
    const value = text.substring(valueStart - base, valueEnd - base);
    if ((name.flags & ACTED_ON) !== 0) {
      const refusal = visit(name, value);
      if (refusal !== null) return refusal;
    }
    headers.names.push(name);
    headers.values.push(value);
  }
  return null;
}

/** Where the field lines are: `bytes[at, end)`, with `text` the latin1 form of the bytes from `base`. */
export interface FieldSection {
  readonly bytes: Buffer;
  readonly text: string;
  readonly base: number;
  readonly at: number;
  readonly end: number;
  readonly limits: FieldLimits;
}
