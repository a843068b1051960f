import { FULL, TAKEN, UNKNOWN_LENGTH, type BodySink, type BodySource } from '../../core/body.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import { copyOfShared, giveWholeBuffer, SHARED_READ_BUFFER } from '../read-buffers.ts';
import { ChunkedDecoder } from './chunked.ts';

/** How the end of an incoming body is found (RFC 9112 §6.3): a number of bytes, chunks, or the end of the connection. */
export type BodyFraming = number | 'chunked' | 'until-close';

/** The connection on which a body comes in. */
export interface BodyReaderOwner {
  /** Somebody wants the body now. */
  bodyWanted(): void;
  pauseReading(): void;
  resumeReading(): void;
  /** Somebody keeps a reference into the buffer of this read: it must not be read into again. */
  bufferKept(): void;
  /** The body is complete. `isLast`: no byte came after it. Called before the sink hears of the end. */
  bodyEnded(isLast: boolean): void;
  /** What was read together with the end of the body but came after it. */
  bytesAfterBody(bytes: Buffer): void;
  /** Nobody wants the rest. */
  bodyCancelled(): void;
  /** The bytes are not what their framing promises, or end too early. Called before the sink hears of it. */
  bodyBroken(error: GatewayError): void;
}

/**
 * An incoming HTTP/1.1 body: takes what the connection reads, finds the end, and hands the bytes on by reference.
 *
 * The same for requests and responses. While nobody reads it or the reader has enough, the connection stops reading, so
 * that at most two reads are held in memory.
 */
export class BodyReader implements BodySource {
  readonly length: number;
  /** Bytes of the body that were handed on so far, without framing. */
  bytes = 0;
  readonly #owner: BodyReaderOwner;
  readonly #decoder: ChunkedDecoder | null;
  readonly #broken: ErrorCode;
  #remaining: number;
  #sink: BodySink | null = null;
  #held: Buffer | null = null;
  #isOver = false;
  #isFeedingHeld = false;
  #isHeldKept = false;
  #inputEnded = false;

  constructor(framing: BodyFraming, owner: BodyReaderOwner, broken: ErrorCode) {
    this.#owner = owner;
    this.#broken = broken;
    this.#decoder = framing === 'chunked' ? new ChunkedDecoder() : null;
    this.length = typeof framing === 'number' ? framing : UNKNOWN_LENGTH;
    this.#remaining = typeof framing === 'number' ? framing : Infinity;
  }

  readTo(sink: BodySink): void {
    if (this.#isOver) return;
    this.#sink = sink;
    this.#owner.bodyWanted();
    this.#releaseHeld();
    if (this.#isOver) return;
    if (this.#inputEnded) this.inputEnded();
    else this.#owner.resumeReading();
  }

  resume(): void {
    if (!this.#isOver) this.#owner.resumeReading();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink = null;
    this.#held = null;
    this.#owner.bodyCancelled();
  }

  /** Takes `bytes[from, to)`; gives the index of the first byte that belongs to something else. */
  feed(bytes: Buffer, from: number, to: number): number {
    if (this.#isOver) return to;
    const sink = this.#sink;
    if (sink === null) return this.#hold(bytes, from, to);
    if (this.#decoder === null) return this.#feedPlain(bytes, from, to, sink);
    const end = this.#feedChunks(bytes, from, to, this.#decoder);
    if (!this.#isOver) sink.flush();
    return end;
  }

  /** The other end has finished sending: the end of an until-close body, and too early for any other. */
  inputEnded(): void {
    this.#inputEnded = true;
    if (this.#isOver || this.#sink === null) return;
    if (this.#remaining === Infinity && this.#decoder === null) {
      this.#end(true, null);
    } else {
      this.#break('the connection ended before the body');
    }
  }

  /** The connection broke. */
  fail(error: GatewayError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const sink = this.#sink;
    this.#sink = null;
    sink?.fail(error);
  }

  #break(what: string): void {
    const error = new GatewayError(this.#broken, what);
    this.#owner.bodyBroken(error);
    this.fail(error);
  }

  #hold(bytes: Buffer, from: number, to: number): number {
    if (from === to) return to;
    if (this.#held !== null) {
      // Mostly a body is wanted before a second read: to pause for the first costs four system calls.
      this.#owner.pauseReading();
      const joined = Buffer.concat([this.#held, bytes.subarray(from, to)]);
      giveWholeBuffer(this.#held);
      this.#held = joined;
    } else if (bytes.buffer === SHARED_READ_BUFFER.buffer) {
      this.#held = copyOfShared(bytes, from, to);
    } else {
      this.#held = bytes.subarray(from, to);
      this.#owner.bufferKept();
    }
    return to;
  }

  /** Hands on what came before anybody wanted it; what came after the end goes back to the connection. */
  #releaseHeld(): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    this.#isFeedingHeld = true;
    this.#isHeldKept = false;
    const at = this.feed(held, 0, held.length);
    this.#isFeedingHeld = false;
    if (at < held.length) this.#owner.bytesAfterBody(held.subarray(at));
    if (!this.#isHeldKept) giveWholeBuffer(held);
  }

  #feedPlain(bytes: Buffer, from: number, to: number, sink: BodySink): number {
    const end = Math.min(to, from + this.#remaining);
    this.#remaining -= end - from;
    if (end > from) this.#deliver(bytes, from, end, sink);
    if (this.#isOver) return to;
    if (this.#remaining === 0) this.#end(end === to, null);
    else sink.flush();
    return end;
  }

  #feedChunks(bytes: Buffer, from: number, to: number, decoder: ChunkedDecoder): number {
    let at = from;
    for (;;) {
      const found = decoder.next(bytes, at, to);
      at = decoder.at;
      if (found === 'data') {
        if (this.#sink !== null) this.#deliver(bytes, decoder.dataStart, decoder.dataEnd, this.#sink);
        if (this.#isOver) return to;
      } else if (found === 'done') {
        this.#end(at === to, decoder.trailers);
        return at;
      } else if (found === 'bad') {
        this.#break('malformed chunked coding');
        return to;
      } else {
        return to;
      }
    }
  }

  #deliver(bytes: Buffer, from: number, to: number, sink: BodySink): void {
    this.bytes += to - from;
    // The next read of any connection goes into the shared buffer, so nobody may keep a reference into it.
    const isShared = bytes.buffer === SHARED_READ_BUFFER.buffer;
    const chunk = isShared ? copyOfShared(bytes, from, to) : bytes.subarray(from, to);
    const taken = sink.write(chunk);
    if (taken === TAKEN) {
      if (isShared) giveWholeBuffer(chunk);
      return;
    }
    if (this.#isFeedingHeld) this.#isHeldKept = true;
    else if (!isShared) this.#owner.bufferKept();
    if (taken === FULL && !this.#isOver) this.#owner.pauseReading();
  }

  #end(isLast: boolean, trailers: Parameters<BodySink['end']>[0]): void {
    this.#isOver = true;
    const sink = this.#sink;
    this.#sink = null;
    this.#owner.bodyEnded(isLast);
    sink?.end(trailers);
  }
}
