import { latin1 } from '../../core/latin1.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { Headers } from '../../core/headers.ts';
import { parseAuthority } from '../../core/http/host.ts';
import { normalisePath } from '../../core/http/path.ts';
import { CR, LF, SP, TARGET, TOKEN } from './bytes.ts';
import type { FieldMemo } from './field-memo.ts';
import { parseFields } from './fields.ts';
import { Framing } from './framing.ts';

/** Bounds of a request head; the whole of it is bounded by `headerBytes`, which the connection enforces. */
export interface RequestHeadLimits {
  readonly headerBytes: number;
  readonly headerCount: number;
  readonly targetBytes: number;
}

/** Longer than any that is registered. */
export const MAX_METHOD_BYTES = 32;
const VERSION_LENGTH = 8; // HTTP/1.1
const ZERO = 0x30;
const SLASH = 0x2f;
const ABSOLUTE_FORM = /^https?:\/\/([^/?]*)(.*)$/is;

const normalised = { path: '', query: '', hasQuery: false };

/**
 * Reads request heads (RFC 9112 §3 and §5): bytes in, fields out, no input or output. One a thread; each `parse`
 * overwrites what the last one left, but the `headers` are new each time.
 */
export class RequestHead {
  method = '';
  path = '';
  /** With its `?`, or empty. */
  query = '';
  authority = '';
  host = '';
  minor: 0 | 1 = 1;
  headers = new Headers();
  /** To be read only, and only until the next head. */
  framing = new Framing();
  /** Of the connection whose head is parsed next, or null. */
  memo: FieldMemo | null = null;
  #ownFraming = this.framing;

  /**
   * Parses `bytes[start, end)`, which ends with the empty line. Gives the error code to answer with, or null.
   * The message must be dropped and the connection closed on any error.
   */
  parse(bytes: Buffer, start: number, end: number, limits: RequestHeadLimits): ErrorCode | null {
    const at = this.#requestLine(bytes, start, limits);
    if (typeof at !== 'number') return at;
    this.headers = new Headers();
    this.framing = this.#ownFraming;
    this.framing.reset();
    const section = { bytes, text: latin1(bytes, at, end), base: at, at, end: end - 2, limits };
    const refusal = parseFields(section, this.headers, this.framing.visit);
    if (refusal !== null) return refusal;
    if (this.memo?.keep(bytes.subarray(at, end), this.headers, this.framing))
      this.#ownFraming = new Framing();
    return this.check();
  }

  /**
   * Reads the head that begins at `start` if its fields are, byte by byte, those that are remembered: then nobody has to look for
   * its end, which is what it gives. Otherwise, or if it is not here in full before `to`, it gives -1, and has to be parsed.
   * What depends on the request line is still to be checked.
   */
  recognise(bytes: Buffer, start: number, to: number, limits: RequestHeadLimits): number {
    const { memo } = this;
    if (memo === null || memo.isEmpty) return -1;
    const at = this.#requestLine(bytes, start, limits);
    if (typeof at !== 'number') return -1;
    const end = memo.endOf(bytes, at, to);
    if (end === -1 || end - start > limits.headerBytes) return -1;
    this.headers = memo.headers();
    this.framing = memo.framing;
    return end;
  }

  /** Index of the first byte after the request line, or an error. Exactly two single spaces (RFC 9112 §3). */
  #requestLine(bytes: Buffer, start: number, limits: RequestHeadLimits): number | ErrorCode {
    let at = start;
    while (TOKEN[bytes[at] as number] === 1) at++;
    const methodEnd = at;
    if (at === start || at - start > MAX_METHOD_BYTES || bytes[at] !== SP) return 'BAD_REQUEST';
    const targetStart = ++at;
    while (TARGET[bytes[at] as number] === 1) at++;
    const targetEnd = at;
    if (targetEnd === targetStart || bytes[at] !== SP) return 'BAD_REQUEST';
    if (targetEnd - targetStart > limits.targetBytes) return 'TARGET_TOO_LONG';
    const version = this.#version(bytes, at + 1);
    if (version !== null) return version;
    const lineEnd = at + 1 + VERSION_LENGTH;
    if (bytes[lineEnd] !== CR || bytes[lineEnd + 1] !== LF) return 'BAD_REQUEST';
    const text = latin1(bytes, start, targetEnd);
    this.method = methodOf(text, methodEnd - start);
    const refusal = this.#target(text.substring(targetStart - start));
    return refusal ?? lineEnd + 2;
  }

  #version(bytes: Buffer, at: number): ErrorCode | null {
    // H T T P / 1 .
    if (
      bytes[at] !== 0x48 ||
      bytes[at + 1] !== 0x54 ||
      bytes[at + 2] !== 0x54 ||
      bytes[at + 3] !== 0x50 ||
      bytes[at + 4] !== SLASH ||
      bytes[at + 6] !== 0x2e
    ) {
      return 'BAD_REQUEST';
    }
    const major = (bytes[at + 5] as number) - ZERO;
    const minor = (bytes[at + 7] as number) - ZERO;
    if (major === 1 && (minor === 0 || minor === 1)) {
      this.minor = minor;
      return null;
    }
    return major >= 0 && major <= 9 && minor >= 0 && minor <= 9 ? 'HTTP_VERSION' : 'BAD_REQUEST';
  }

  /** Origin-form, absolute-form, or `*` for OPTIONS (RFC 9112 §3.2). */
  #target(target: string): ErrorCode | null {
    this.authority = '';
    // In whatever form: behind us it would turn the connection into a tunnel.
    if (this.method === 'CONNECT') return 'NOT_IMPLEMENTED';
    if (target.charCodeAt(0) === SLASH) return this.#originForm(target);
    if (target === '*') return this.#asteriskForm();
    const absolute = ABSOLUTE_FORM.exec(target);
    if (absolute === null || absolute[1] === '') return 'BAD_REQUEST';
    this.authority = absolute[1] ?? '';
    const rest = absolute[2] ?? '';
    if (rest === '' && this.method === 'OPTIONS') return this.#asteriskForm();
    return this.#originForm(rest.startsWith('/') ? rest : `/${rest}`);
  }

  /** Also what an absolute-form without a path means for OPTIONS (RFC 9112 §3.2.4). */
  #asteriskForm(): ErrorCode | null {
    this.path = '*';
    this.query = '';
    return this.method === 'OPTIONS' ? null : 'BAD_REQUEST';
  }

  #originForm(target: string): ErrorCode | null {
    if (normalisePath(target, normalised) !== undefined) return 'BAD_PATH';
    this.path = normalised.path;
    this.query = normalised.hasQuery ? `?${normalised.query}` : '';
    return null;
  }

  /** Rules that need the whole head: Host (RFC 9112 §3.2), framing (§6), methods without a body. */
  check(): ErrorCode | null {
    const { framing } = this;
    const host = this.#checkHost();
    if (host !== null) return host;
    if (framing.isAmbiguous || (framing.chunked && this.minor === 0)) return 'BAD_REQUEST';
    if (framing.requestLength !== 0 && (this.method === 'GET' || this.method === 'HEAD'))
      return 'BODY_NOT_ALLOWED';
    return this.method === 'TRACE' ? 'METHOD_NOT_ALLOWED' : null;
  }

  #checkHost(): ErrorCode | null {
    const field = this.framing.host;
    if (field === null) {
      if (this.minor === 1) return 'BAD_HOST';
      if (this.authority === '') {
        this.host = '';
        return null;
      }
    }
    if (field !== null && this.authority !== '' && field.toLowerCase() !== this.authority.toLowerCase()) {
      return 'BAD_HOST';
    }
    if (field !== null) this.authority = field;
    const host = this.framing.hostName ?? parseAuthority(this.authority)?.host;
    if (host === undefined) return 'BAD_HOST';
    this.host = host;
    if (field !== null) this.framing.hostName = host;
    return null;
  }
}

/** The method as a shared string: most are GET or POST, and comparisons of shared strings are pointer comparisons. */
function methodOf(text: string, length: number): string {
  const first = text.charCodeAt(0);
  if (length === 3 && first === 0x47 && text.startsWith('GET')) return 'GET';
  if (length === 4 && first === 0x50 && text.startsWith('POST')) return 'POST';
  const method = text.substring(0, length);
  return SHARED_METHODS.get(method) ?? method;
}

const SHARED_METHODS = new Map(
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY'].map((name) => [
    name,
    name,
  ]),
);
