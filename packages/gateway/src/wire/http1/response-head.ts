import { latin1 } from '../../core/latin1.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { Headers } from '../../core/headers.ts';
import { CR, DIGIT, FIELD_VALUE, LF, SP } from './bytes.ts';
import type { FieldMemo } from './field-memo.ts';
import { parseFields } from './fields.ts';
import { Framing } from './framing.ts';

const PROTOCOL = Buffer.from('HTTP/1.', 'latin1');
const STATUS_END = 12; // HTTP/1.1 200
const ZERO = 0x30;

/** Bounds of a response head (its size is bounded by the connection). */
export const RESPONSE_HEAD_LIMITS = { headerBytes: 64 * 1024, headerCount: 256 } as const;

/**
 * Reads response heads (RFC 9112 §4 and §5) as strictly as request heads: what a service sends may have been made by
 * its clients, and a message that two readers read differently poisons the connection for everybody who shares it.
 */
export class ResponseHead {
  status = 0;
  minor: 0 | 1 = 1;
  headers = new Headers();
  /** To be read only, and only until the next head. */
  framing = new Framing();
  /** Of the connection whose head is parsed next, or null. */
  memo: FieldMemo | null = null;
  readonly #via: string | null;
  #ownFraming = this.framing;

  /** With a `via`, everything that is read goes on under this name (RFC 9110 §7.6.3): then it is remembered with the fields. */
  constructor(via: string | null = null) {
    this.#via = via;
  }

  /** Parses `bytes[start, end)`, which ends with the empty line. Gives what is wrong with it, or null. */
  parse(bytes: Buffer, start: number, end: number): string | null {
    const at = this.#statusLine(bytes, start);
    if (at < 0) return 'malformed status line';
    const refusal = this.#fields(bytes, at, end);
    return refusal === null ? this.check() : `malformed header section (${refusal})`;
  }

  /**
   * Reads the head that begins at `start` if its fields are, byte by byte, those that are remembered, and gives where it ends:
   * nobody has to look for that. Otherwise, or if it is not here in full before `to`, it gives -1, and has to be parsed.
   * What depends on the status line is still to be checked.
   */
  recognise(bytes: Buffer, start: number, to: number): number {
    const { memo } = this;
    if (memo === null || memo.isEmpty) return -1;
    const at = this.#statusLine(bytes, start);
    const end = at < 0 ? -1 : memo.endOf(bytes, at, to);
    if (end === -1 || end - start > RESPONSE_HEAD_LIMITS.headerBytes) return -1;
    this.headers = memo.headers();
    this.framing = memo.framing;
    return end;
  }

  /** Rules that need the whole head: what is wrong with it, or null. */
  check(): string | null {
    if (this.framing.isAmbiguous) return 'Content-Length and Transfer-Encoding together';
    if (this.framing.chunked && this.minor === 0) return 'Transfer-Encoding in HTTP/1.0';
    return null;
  }

  /** Whether the message has no body whatever its fields say (RFC 9112 §6.3 rule 1). */
  isBodiless(method: string): boolean {
    return method === 'HEAD' || this.status < 200 || this.status === 204 || this.status === 304;
  }

  /** Whether the connection may be used again after this response (RFC 9112 §9.3). */
  get mayPersist(): boolean {
    return !this.framing.close && (this.minor === 1 || this.framing.keepAlive);
  }

  #fields(bytes: Buffer, at: number, end: number): ErrorCode | null {
    this.headers = new Headers();
    this.framing = this.#ownFraming;
    this.framing.reset();
    const section = {
      bytes,
      text: latin1(bytes, at, end),
      base: at,
      at,
      end: end - 2,
      limits: RESPONSE_HEAD_LIMITS,
    };
    const refusal = parseFields(section, this.headers, this.framing.visit);
    if (refusal !== null) return refusal;
    if (this.#via !== null) this.headers.append('Via', this.#via);
    if (this.memo?.keep(bytes.subarray(at, end), this.headers, this.framing))
      this.#ownFraming = new Framing();
    return null;
  }

  #statusLine(bytes: Buffer, start: number): number {
    for (let i = 0; i < PROTOCOL.length; i++) {
      if (bytes[start + i] !== PROTOCOL[i]) return -1;
    }
    const minor = (bytes[start + 7] as number) - ZERO;
    if ((minor !== 0 && minor !== 1) || bytes[start + 8] !== SP) return -1;
    this.minor = minor;
    this.status = 0;
    for (let at = start + 9; at < start + STATUS_END; at++) {
      const byte = bytes[at] as number;
      if (DIGIT[byte] !== 1) return -1;
      this.status = this.status * 10 + byte - ZERO;
    }
    if (this.status < 100 || this.status > 599) return -1;
    let at = start + STATUS_END;
    // The space before an empty reason is often left out; nothing depends on it (RFC 9112 §4).
    if (bytes[at] !== SP && bytes[at] !== CR) return -1;
    while (FIELD_VALUE[bytes[at] as number] === 1) at++;
    return bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : -1;
  }
}
