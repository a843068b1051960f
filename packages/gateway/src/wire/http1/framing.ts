import { UNKNOWN_LENGTH } from '../../core/body.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { SINGLETON, type HeaderName } from '../../core/header-names.ts';
import { isBlank } from './bytes.ts';

/** Length of a body whose end is the end of the connection (responses only, RFC 9112 §6.3 rule 8). */
export const UNTIL_CLOSE = -2;
const NOT_GIVEN = -3;
const MAX_LENGTH_DIGITS = 16;
/** Each is looked for among the fields: a head full of commas would cost a thousand times what others do. */
const MAX_CONNECTION_NAMES = 32;

/** Codings that exist but that we do not undo: 501 instead of 400 (RFC 9112 §6.1). */
const KNOWN_CODINGS = new Set(['gzip', 'x-gzip', 'deflate', 'compress', 'x-compress', 'br', 'zstd']);

/**
 * What the fields of one head say of framing and of the connection. Reset for each message that is read.
 *
 * The rules are those of RFC 9112 §6, read strictly: two answers to "how long is it?" are refused even if they agree.
 */
export class Framing {
  #length = NOT_GIVEN;
  #seen = 0;
  chunked = false;
  close = false;
  keepAlive = false;
  upgradeToken = false;
  host: string | null = null;
  /** The host without its port, in lower case, once somebody has looked. */
  hostName: string | null = null;
  upgrade = '';
  expectContinue = false;
  /** What `Keep-Alive` says, or `''`. */
  keepAliveTerms = '';
  /** Lower-case names that `Connection` lists besides its options; null for the usual none. */
  connectionNames: string[] | null = null;

  reset(): void {
    this.#length = NOT_GIVEN;
    this.#seen = 0;
    this.chunked = false;
    this.close = false;
    this.keepAlive = false;
    this.upgradeToken = false;
    this.host = null;
    this.hostName = null;
    this.upgrade = '';
    this.expectContinue = false;
    this.keepAliveTerms = '';
    this.connectionNames = null;
  }

  /** Takes one field with flags; an error code refuses the message. */
  readonly visit = (name: HeaderName, value: string): ErrorCode | null => {
    if ((name.flags & SINGLETON) !== 0 && this.#isRepeated(name.lower)) return 'BAD_REQUEST';
    switch (name.lower) {
      case 'content-length':
        this.#length = parseLength(value);
        return this.#length < 0 ? 'BAD_REQUEST' : null;
      case 'transfer-encoding':
        return this.#transferEncoding(value);
      case 'host':
        this.host = value;
        return null;
      case 'connection':
        this.#connection(value);
        return (this.connectionNames?.length ?? 0) > MAX_CONNECTION_NAMES ? 'HEAD_TOO_LARGE' : null;
      case 'keep-alive':
        this.keepAliveTerms = value;
        return null;
      case 'upgrade':
        this.upgrade = value.toLowerCase();
        return null;
      case 'expect':
        if (value.toLowerCase() !== '100-continue') return 'EXPECTATION_FAILED';
        this.expectContinue = true;
        return null;
      default:
        return null;
    }
  };

  /** Whether both, or neither, of length and coding were given, in a way that two readers could read differently. */
  get isAmbiguous(): boolean {
    return this.chunked && this.#length !== NOT_GIVEN;
  }

  /** Length of a request body: without framing there is none. */
  get requestLength(): number {
    if (this.chunked) return UNKNOWN_LENGTH;
    return this.#length === NOT_GIVEN ? 0 : this.#length;
  }

  /** Length of a response body: without framing it ends with the connection. */
  get responseLength(): number {
    if (this.chunked) return UNKNOWN_LENGTH;
    return this.#length === NOT_GIVEN ? UNTIL_CLOSE : this.#length;
  }

  #isRepeated(lower: string): boolean {
    const bit = bitOf(lower);
    const repeated = (this.#seen & bit) !== 0;
    this.#seen |= bit;
    return repeated;
  }

  #transferEncoding(value: string): ErrorCode | null {
    if (this.chunked) return 'BAD_REQUEST';
    const coding = value.toLowerCase();
    if (coding === 'chunked') {
      this.chunked = true;
      return null;
    }
    const isKnown = coding
      .split(',')
      .map(unpadded)
      .every((part) => part === 'chunked' || KNOWN_CODINGS.has(part));
    return isKnown && !coding.startsWith('chunked') ? 'NOT_IMPLEMENTED' : 'BAD_REQUEST';
  }

  #connection(value: string): void {
    if (value === 'keep-alive') this.keepAlive = true;
    else if (value === 'close') this.close = true;
    else for (const option of value.split(',')) this.#connectionOption(unpadded(option).toLowerCase());
  }

  #connectionOption(option: string): void {
    if (option === 'close') this.close = true;
    else if (option === 'keep-alive') this.keepAlive = true;
    else if (option === 'upgrade') this.upgradeToken = true;
    else if (option !== '') (this.connectionNames ??= []).push(option);
  }
}

/** One for each `SINGLETON`. Compared one by one, because names are shared strings: that is comparing addresses. */
function bitOf(lower: string): number {
  if (lower === 'host') return 1;
  if (lower === 'content-length') return 2;
  if (lower === 'content-type') return 4;
  return lower === 'authorization' ? 8 : 16;
}

/** Without optional white space (RFC 9110 §5.6.3). `trim` would take away U+00A0 too, which is a byte of a value here. */
function unpadded(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (from < to && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** A `Content-Length` in bytes; -1 unless it is one canonical decimal number below 2^53 (RFC 9110 §8.6). */
export function parseLength(value: string): number {
  const digits = value.length;
  if (digits === 0 || digits > MAX_LENGTH_DIGITS) return -1;
  if (digits > 1 && value.charCodeAt(0) === 0x30) return -1;
  let length = 0;
  for (let i = 0; i < digits; i++) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length > Number.MAX_SAFE_INTEGER ? -1 : length;
}
