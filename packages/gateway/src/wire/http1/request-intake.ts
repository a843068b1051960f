import type { ErrorCode } from '../../core/errors.ts';
import { latin1 } from '../../core/latin1.ts';
import { giveReadBuffer, isReadBuffer, SHARED_READ_BUFFER, takeReadBuffer } from '../read-buffers.ts';
import { CR, SP } from './bytes.ts';
import { FieldMemo } from './field-memo.ts';
import { headEnd, mayBecomeHead } from './head-scan.ts';
import { MAX_METHOD_BYTES, RequestHead, type RequestHeadLimits } from './request-head.ts';

/** What the preface of HTTP/2 begins with; the rest of it is for its session to check. */
const PREFACE_HEAD = 'PRI * HTTP/2.0\r\n\r\n';

/** Up to this size what waits is copied, so that it does not keep the larger piece that it was a part of. */
const SMALL_COPY_BYTES = 4 * 1024;

/** The last head that was read. Parsing is synchronous, so one parser serves all connections of the thread. */
export const HEAD = new RequestHead();

/** What a connection reads: the buffer for it, what has to wait, and the heads of requests. */
export class RequestIntake {
  /** Where the next read goes. */
  buffer: Buffer = SHARED_READ_BUFFER;
  /** Whether no head was whole yet. */
  isFresh = true;
  /** Index just after the last head that was whole. */
  headEnd = 0;
  #held: Buffer | null = null;
  #memo: FieldMemo | null = null;

  /** Bytes that were read and wait: an unfinished head, or what came ahead. */
  get heldBytes(): number {
    return this.#held === null ? 0 : this.#held.length;
  }

  /** What waits already is not copied again for each request that is taken from it. */
  hold(bytes: Buffer, from: number, to: number): void {
    const more = bytes.subarray(from, to);
    const mustCopy = to - from <= SMALL_COPY_BYTES || isReadBuffer(bytes);
    if (this.#held !== null) this.#held = Buffer.concat([this.#held, more]);
    else this.#held = mustCopy ? Buffer.from(more) : more;
  }

  /** What waits, which from now on is the caller's. */
  takeHeld(): Buffer | null {
    const held = this.#held;
    this.#held = null;
    return held;
  }

  /**
   * Reads a head from `bytes[start, to)` into {@link HEAD}. Of one that is not whole it holds what there is; an error code is what
   * it has to be answered with.
   */
  readHead(
    bytes: Buffer,
    start: number,
    to: number,
    limits: RequestHeadLimits,
  ): 'whole' | 'part' | ErrorCode {
    // Many connections send one request and no other, so nothing of it is remembered.
    HEAD.memo = this.isFresh ? null : (this.#memo ??= new FieldMemo());
    this.headEnd = HEAD.recognise(bytes, start, to, limits);
    if (this.headEnd !== -1) return HEAD.check() ?? 'whole';
    const end = headEnd(bytes, start, to);
    if ((end === -1 ? to : end) - start > limits.headerBytes) return excess(bytes, start, to, limits);
    if (end === -1) {
      if (!mayBecomeHead(bytes, start, to) && !(to - start === 1 && bytes[start] === CR))
        return 'BAD_REQUEST';
      this.hold(bytes, start, to);
      return 'part';
    }
    this.headEnd = end;
    this.isFresh = false;
    return HEAD.parse(bytes, start, end, limits) ?? 'whole';
  }

  /** What is read from now on may be kept by those who read it. */
  useOwnBuffer(): void {
    if (this.buffer === SHARED_READ_BUFFER) this.buffer = takeReadBuffer();
  }

  /** Somebody has kept a part of the buffer. */
  changeBuffer(): void {
    if (this.buffer !== SHARED_READ_BUFFER) this.buffer = takeReadBuffer();
  }

  giveBuffer(): void {
    if (this.buffer === SHARED_READ_BUFFER) return;
    giveReadBuffer(this.buffer);
    this.buffer = SHARED_READ_BUFFER;
  }
}

/** The preface of HTTP/2 is made to look like the head of a request (RFC 9113 §3.4). */
export function isHttp2Preface(bytes: Buffer, start: number, end: number): boolean {
  return latin1(bytes, start, end) === PREFACE_HEAD;
}

/** What there is too much of in a head that is too long. */
function excess(bytes: Buffer, from: number, to: number, { targetBytes }: RequestHeadLimits): ErrorCode {
  const methodEnd = bytes.indexOf(SP, from);
  if (methodEnd === -1 || methodEnd - from > MAX_METHOD_BYTES) return 'BAD_REQUEST';
  const lineEnd = bytes.indexOf('\r\n', from, 'latin1');
  const isLongLine = (lineEnd === -1 ? to : Math.min(lineEnd, to)) - from > targetBytes;
  return isLongLine ? 'TARGET_TOO_LONG' : 'HEAD_TOO_LARGE';
}
