import type { ErrorCode } from '../../core/errors.ts';
import {
  headerName,
  NOT_FORWARDED,
  SINGLETON,
  UNDERSCORED,
  type HeaderName,
} from '../../core/header-names.ts';
import { Headers } from '../../core/headers.ts';
import { parseAuthority } from '../../core/http/host.ts';
import { normalisePath } from '../../core/http/path.ts';
import { UNKNOWN_LENGTH } from '../../core/body.ts';
import { parseLength } from '../http1/framing.ts';
import type { RequestHeadLimits } from '../http1/request-head.ts';
import { isConnectionSpecific } from './framing/field-rules.ts';

const TOKEN = /^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/;
/** A space would end the target in a request of HTTP/1.1, and anything might follow it. */
const TARGET = /^(?:\/[!-~\x80-\xff]*|\*)$/;
const MAX_METHOD_LENGTH = 32;
const MAX_NAME_LENGTH = 256;
const MAX_VALUE_LENGTH = 8 * 1024;
const MAX_COOKIE_LENGTH = 16 * 1024;
/** What a field line of HTTP/1.1 has besides name and value: limits are the same for both. */
const LINE_BYTES = 4;
const COLON = 0x3a;
const HOST = headerName('host');
const COOKIE = headerName('cookie');

/** What no message may be (RFC 9113 §8.1.1): not to be answered, but to be reset. */
type Refusal = ErrorCode | 'MALFORMED';

const normalised = { path: '', query: '', hasQuery: false };

/**
 * Reads the field section of a request (RFC 9113 §8.3), by the rules of HTTP/1.1: names and values in turn go in, what a
 * head means comes out. One a thread; each `parse` overwrites what the last one left, but the `headers` are new each time.
 *
 * The grammar of names and values was checked when they were decoded.
 */
export class RequestFields {
  method = '';
  path = '';
  /** With its `?`, or empty. */
  query = '';
  authority = '';
  host = '';
  /** Of an extended CONNECT (RFC 8441), in lower case, or `''`. */
  protocol = '';
  /** In bytes, or {@link UNKNOWN_LENGTH}. */
  length = UNKNOWN_LENGTH;
  expectsContinue = false;
  /** Bytes of the whole section, as HTTP/1.1 would count them. */
  bytes = 0;
  headers = new Headers();
  #target = '';
  #scheme = '';
  #hostField = '';
  #isHostRepeated = false;
  #cookieAt = -1;
  #fields = 0;

  /** Gives the error to answer with, or null. `ends`: no body follows. */
  parse(raw: readonly string[], ends: boolean, limits: RequestHeadLimits): Refusal | null {
    this.#reset();
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = raw[i] ?? '';
      const value = raw[i + 1] ?? '';
      this.bytes += name.length + value.length + LINE_BYTES;
      const refusal = name.charCodeAt(0) === COLON ? this.#pseudo(name, value) : this.#field(name, value);
      if (refusal !== null) return refusal;
    }
    if (this.#isIncomplete()) return 'MALFORMED';
    if (this.#target.length > limits.targetBytes) return 'TARGET_TOO_LONG';
    if (this.bytes > limits.headerBytes || this.#fields > limits.headerCount) return 'HEAD_TOO_LARGE';
    const refusal = this.#checkHost() ?? this.#checkMethod() ?? this.#checkPath();
    if (refusal !== null) return refusal;
    this.#note();
    return this.#checkBody(ends);
  }

  #reset(): void {
    this.method = this.path = this.query = this.authority = this.host = this.protocol = '';
    this.#target = this.#hostField = this.#scheme = '';
    this.#isHostRepeated = false;
    this.length = UNKNOWN_LENGTH;
    this.expectsContinue = false;
    this.bytes = 0;
    this.#cookieAt = -1;
    this.#fields = 0;
    this.headers = new Headers();
  }

  /** Each once, none empty, and before all others (RFC 9113 §8.3). */
  #pseudo(name: string, value: string): 'MALFORMED' | null {
    if (value === '' || this.#fields > 0 || this.headers.size > 0) return 'MALFORMED';
    let before = '';
    if (name === ':method') {
      before = this.method;
      const known = SHARED_METHODS.get(value);
      if (known === undefined && !TOKEN.test(value)) return 'MALFORMED';
      this.method = known ?? value;
    } else if (name === ':path') {
      if (!TARGET.test(value)) return 'MALFORMED';
      before = this.#target;
      this.#target = value;
    } else if (name === ':authority') {
      before = this.authority;
      this.authority = value;
    } else if (name === ':scheme') {
      before = this.#scheme;
      this.#scheme = value;
    } else if (name === ':protocol') {
      before = this.protocol;
      this.protocol = value.toLowerCase();
    } else {
      return 'MALFORMED';
    }
    return before === '' ? null : 'MALFORMED';
  }

  /** A CONNECT has neither scheme nor path, unless it is for another protocol (RFC 8441 §4). */
  #isIncomplete(): boolean {
    if (this.method === '') return true;
    if (this.method === 'CONNECT' && this.protocol === '') return this.#scheme !== '' || this.#target !== '';
    return this.#scheme === '' || this.#target === '' || (this.method !== 'CONNECT' && this.protocol !== '');
  }

  #field(spelling: string, value: string): Refusal | null {
    const name = headerName(spelling);
    const { flags, lower } = name;
    if (lower === 'cookie') return this.#cookie(value);
    this.#fields++;
    if (spelling.length > MAX_NAME_LENGTH) return 'BAD_REQUEST';
    if (value.length > MAX_VALUE_LENGTH) return 'HEAD_TOO_LARGE';
    if ((flags & UNDERSCORED) !== 0) return null;
    if (flags !== 0) {
      if (isConnectionSpecific(lower, value)) return 'MALFORMED';
      if ((flags & SINGLETON) !== 0 && this.headers.has(lower))
        return lower === 'content-length' ? 'MALFORMED' : 'BAD_REQUEST';
      const refusal = this.#actOn(name, value);
      if (refusal !== null || lower === 'host') return refusal;
    }
    this.headers.names.push(name);
    this.headers.values.push(value);
    return null;
  }

  /** Clients cut a cookie into pieces that compress better; everybody else knows it as one field (RFC 9113 §8.2.3). */
  #cookie(value: string): ErrorCode | null {
    const { names, values } = this.headers;
    if (this.#cookieAt === -1) {
      this.#fields++;
      this.#cookieAt = names.length;
      names.push(COOKIE);
      values.push(value);
    } else {
      values[this.#cookieAt] += `; ${value}`;
    }
    return (values[this.#cookieAt] ?? '').length > MAX_COOKIE_LENGTH ? 'HEAD_TOO_LARGE' : null;
  }

  #actOn({ lower }: HeaderName, value: string): Refusal | null {
    switch (lower) {
      case 'host':
        this.#isHostRepeated = this.#hostField !== '';
        this.#hostField = value;
        return this.#isHostRepeated || value === '' ? 'BAD_HOST' : null;
      case 'content-length':
        this.length = parseLength(value);
        return this.length < 0 ? 'MALFORMED' : null;
      case 'expect':
        this.expectsContinue = value.toLowerCase() === '100-continue';
        return this.expectsContinue ? null : 'EXPECTATION_FAILED';
      default:
        return null;
    }
  }

  /** One of `:authority` and `Host`, or both if they agree (RFC 9113 §8.3.1). */
  #checkHost(): ErrorCode | null {
    if (this.authority === '') this.authority = this.#hostField;
    else if (this.#hostField !== '' && this.#hostField.toLowerCase() !== this.authority.toLowerCase())
      return 'BAD_HOST';
    const parsed = parseAuthority(this.authority);
    if (parsed === undefined) return 'BAD_HOST';
    this.host = parsed.host;
    this.headers.names.push(HOST);
    this.headers.values.push(this.authority);
    return null;
  }

  #checkMethod(): ErrorCode | null {
    if (this.method.length > MAX_METHOD_LENGTH) return 'BAD_REQUEST';
    if (this.method === 'TRACE') return 'METHOD_NOT_ALLOWED';
    // Without a protocol, or with one that we do not know, it would make us an open proxy.
    if (this.method === 'CONNECT' && this.protocol !== 'websocket') return 'NOT_IMPLEMENTED';
    return null;
  }

  #checkPath(): ErrorCode | null {
    if (this.#target === '*') {
      this.path = '*';
      return this.method === 'OPTIONS' ? null : 'BAD_REQUEST';
    }
    if (normalisePath(this.#target, normalised) !== undefined) return 'BAD_PATH';
    this.path = normalised.path;
    this.query = normalised.hasQuery ? `?${normalised.query}` : '';
    return null;
  }

  #checkBody(ends: boolean): Refusal | null {
    if (ends) {
      if (this.length > 0) return 'MALFORMED';
      this.length = 0;
      return null;
    }
    return this.method === 'GET' || this.method === 'HEAD' ? 'BODY_NOT_ALLOWED' : null;
  }

  /** Whoever forwards the request needs its lines, and who writes them here has all fields at hand. */
  #note(): void {
    const { names, values } = this.headers;
    let lines = '';
    let all = 0;
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      if (name === undefined) continue;
      all |= name.flags;
      if ((name.flags & NOT_FORWARDED) === 0) lines += `${name.line}${values[i]}\r\n`;
    }
    this.headers.note(lines, all);
  }
}

/** Comparisons of shared strings are comparisons of addresses. */
const SHARED_METHODS = new Map(
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY'].map((name) => [
    name,
    name,
  ]),
);
