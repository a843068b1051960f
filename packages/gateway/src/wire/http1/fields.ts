import type { ErrorCode } from '../../core/errors.ts';
import { FRAMING, NOT_FORWARDED, SINGLETON, UNDERSCORED, type HeaderName } from '../../core/header-names.ts';
import type { Headers } from '../../core/headers.ts';
import { COLON, CR, HTAB, isBlank, LF, SP, TOKEN } from './bytes.ts';
import { fieldName } from './field-names.ts';
import { endOfValue } from './end-of-value.ts';

/** Bounds of one header or trailer section. */
export interface FieldLimits {
  readonly headerCount: number;
}

const MAX_NAME_BYTES = 256;
const MAX_VALUE_BYTES = 8 * 1024;
/** A browser sends all its cookies in one field, and a session may be in several of them. */
const MAX_COOKIE_BYTES = 16 * 1024;
const ACTED_ON = FRAMING | SINGLETON;

/** Hears of each field that stays; an error code ends the parse. */
export type FieldVisitor = (name: HeaderName, value: string) => ErrorCode | null;

/**
 * Reads the field lines `bytes[at, end)` into `headers` (RFC 9112 §5).
 *
 * `text` is the same section decoded as latin1 and begins at byte `base`; values are cut from it. Refused, never
 * repaired: bare CR or LF, NUL and other control bytes, folded lines, white space before the colon, empty names.
 * A name with an underscore is dropped: behind a CGI-like server it would be another spelling of a dashed one.
 *
 * Runs of lines that are already in the form in which we would write them (`Name: value`), and that go on as they are, are
 * noted as `headers.lines`, so that forwarding them is one substring and not three concatenations a field.
 */
export function parseFields(section: FieldSection, headers: Headers, visit: FieldVisitor): ErrorCode | null {
  const { bytes, text, base, end, limits } = section;
  const { names, values } = headers;
  let at = section.at;
  let count = 0;
  let lines = '';
  let allFlags = 0;
  let runStart = at;
  while (at < end) {
    const lineStart = at;
    let byte = bytes[at] as number;
    while (TOKEN[byte] === 1) byte = bytes[++at] as number;
    const nameEnd = at;
    if (byte !== COLON || nameEnd === lineStart || nameEnd - lineStart > MAX_NAME_BYTES) return 'BAD_REQUEST';
    byte = bytes[++at] as number;
    while (byte === SP || byte === HTAB) byte = bytes[++at] as number;
    const valueStart = at;
    at = endOfValue(bytes, at);
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return 'BAD_REQUEST';
    let valueEnd = at;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1])) valueEnd--;
    const lineEnd = at + 2;
    const name = fieldName(bytes, lineStart, nameEnd);
    if (++count > limits.headerCount || isTooLong(name, valueEnd - valueStart)) return 'HEAD_TOO_LARGE';
    const { flags } = name;
    if ((flags & UNDERSCORED) !== 0) {
      if (runStart < lineStart) lines += text.substring(runStart - base, lineStart - base);
      runStart = at = lineEnd;
      continue;
    }
    const value = text.substring(valueStart - base, valueEnd - base);
    if ((flags & ACTED_ON) !== 0) {
      // Readers differ on a tab beside a length or a coding: llhttp takes it before the value but not after.
      const isTabbed = hasTab(bytes, nameEnd + 1, valueStart) || hasTab(bytes, valueEnd, at);
      if (isTabbed && (flags & FRAMING) !== 0) return 'BAD_REQUEST';
      const refusal = visit(name, value);
      if (refusal !== null) return refusal;
    }
    names.push(name);
    allFlags |= flags;
    values.push(value);
    const isCanonical = valueStart === nameEnd + 2 && bytes[nameEnd + 1] === SP && valueEnd === at;
    if (!isCanonical || (flags & NOT_FORWARDED) !== 0) {
      if (runStart < lineStart) lines += text.substring(runStart - base, lineStart - base);
      if ((flags & NOT_FORWARDED) === 0) lines += `${name.line}${value}\r\n`;
      runStart = lineEnd;
    }
    at = lineEnd;
  }
  if (runStart < end) lines += text.substring(runStart - base, end - base);
  headers.note(lines, allFlags);
  return null;
}

function hasTab(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (bytes[at] === HTAB) return true;
  }
  return false;
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

function isTooLong({ lower }: HeaderName, valueBytes: number): boolean {
  return valueBytes > MAX_VALUE_BYTES && (lower !== 'cookie' || valueBytes > MAX_COOKIE_BYTES);
}
