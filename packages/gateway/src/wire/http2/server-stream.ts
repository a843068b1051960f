import { UNKNOWN_LENGTH, type BodySource } from '../../core/body.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { CancelListener, Exchange, Reply } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';
import { isBodiless } from '../../core/http/status.ts';
import { latin1 } from '../../core/latin1.ts';
import type { Clock } from '../../core/ports.ts';
import { problem } from '../../core/problem.ts';
import { CANCEL, INTERNAL_ERROR } from './framing/frames.ts';
import type { Http2Stream, StreamListener } from './framing/http2-stream.ts';
import { interimFields, replyFields, trailersOf } from './server-fields.ts';
import { StreamReader } from './stream-reader.ts';
import { StreamWriter } from './stream-writer.ts';
import { acceptedTunnel } from './websocket-handshake.ts';

/** The connection of a stream. */
export interface StreamOwner {
  readonly clock: Clock;
  /** It is about to end: who holds it for long should let go. */
  readonly isEnding: boolean;
  nowMs(): number;
  /** So much of the body of a request is there. */
  bodyCame(bytes: number): void;
  /** The stream ended before its reply was complete, and not because we wanted it. */
  streamReset(): void;
  /** Nothing is left to do for the exchange, here or at a service. */
  streamOver(stream: ServerStream, exchange: Exchange): void;
}

/** Up to this size a body that has come with its head is text. */
const SMALL_BODY_BYTES = 16 * 1024;
const CONTINUE = [':status', '100'];

/** After the service has ended a tunnel, how long the client may take to do the same. */
const LINGER_MS = 2000;
const NEVER = Infinity;

/** One exchange on its stream: writes the reply, and notices when the client does not wait any more. */
export class ServerStream implements CancelListener, StreamListener {
  readonly #stream: Http2Stream;
  readonly #owner: StreamOwner;
  #exchange: Exchange | null = null;
  #reader: StreamReader | null = null;
  #writer: StreamWriter | null = null;
  /** What has come of the body while its head is still being read; null: that is over. */
  #early: string | null = null;
  #earlyTrailers: Headers | null = null;
  #length = UNKNOWN_LENGTH;
  #expectsContinue = false;
  #isTunnel = false;
  #hasBegunReply = false;
  #hasWritten = false;
  /** The stream is gone, in whatever way. */
  #isClosed = false;
  #isAborted = false;
  /** What was seen at the last look, and since when it is the same. */
  #seenBytes = -1;
  #seenSinceMs = 0;
  #endsAtMs = NEVER;

  constructor(stream: Http2Stream, owner: StreamOwner) {
    this.#stream = stream;
    this.#owner = owner;
    stream.listener = this;
  }

  begin(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  /** A body comes; until `withBody` it is only gathered. */
  expect(length: number, expectsContinue: boolean): void {
    this.#stream.expectedBytes = length;
    this.#length = length;
    this.#expectsContinue = expectsContinue;
    this.#early = '';
  }

  /** Gives the exchange its body, if it has one: as text if all of it has come, or as the source of what will. */
  withBody(): Exchange | null {
    const exchange = this.#exchange;
    const early = this.#early;
    this.#early = null;
    if (exchange === null || early === null || this.#isClosed) return exchange;
    const isWhole = this.#stream.hasReceivedEnd;
    if (isWhole && this.#earlyTrailers === null && early.length <= SMALL_BODY_BYTES) {
      exchange.body = early === '' ? null : early;
      exchange.record.requestBytes = early.length;
      return exchange;
    }
    const reader = new StreamReader(this.#stream, this.#length, this);
    this.#reader = reader;
    exchange.body = reader;
    if (early !== '') reader.take(Buffer.from(early, 'latin1'), false);
    if (isWhole) reader.ended(this.#earlyTrailers);
    return exchange;
  }

  drain(): void {
    this.#exchange?.drain();
  }

  /** Bytes of the body that the client was given so far. */
  get responseBytes(): number {
    return this.#writer?.bytes ?? this.#exchange?.record.responseBytes ?? 0;
  }

  readonly inform = (status: number, headers: Headers): void => {
    if (this.#hasBegunReply || this.#isClosed || status === 101) return;
    this.#stream.head(interimFields(status, headers), false);
  };

  readonly replied = (reply: Reply): void => {
    const exchange = this.#exchange;
    if (exchange === null) return;
    exchange.whenCancelled(this);
    exchange.reply = reply;
    exchange.record.status = reply.status;
    if (reply.code !== '') exchange.record.code = reply.code;
    if (this.#isClosed) {
      if (typeof reply.body === 'object') reply.body?.cancel();
      this.#over(exchange);
      return;
    }
    this.#hasBegunReply = true;
    if (exchange.record.attempts > 0) exchange.record.repliedMs = this.#owner.nowMs() - exchange.startedAtMs;
    if (reply.tunnel === null) this.#write(exchange, reply);
    else this.#tunnel(exchange, reply);
    // Who holds the exchange for long was not there yet when the end was announced.
    if (this.#owner.isEnding) this.#exchange?.drain();
  };

  #write(exchange: Exchange, reply: Reply): void {
    const { body } = reply;
    const fields = replyFields(exchange, reply, this.#owner.clock);
    if (body === null || body === '' || isBodiless(reply.status, exchange.method)) {
      if (typeof body === 'object') body?.cancel();
      this.bodyWritten();
      this.#stream.head(fields, true);
      return;
    }
    this.#stream.head(fields, false);
    if (typeof body === 'string') {
      exchange.record.responseBytes = body.length;
      this.bodyWritten();
      this.#stream.end(body, null);
      return;
    }
    this.#writer = new StreamWriter(this.#stream, this);
    this.#writer.start(body);
  }

  /** After the handshake both directions are bytes until each side has ended (RFC 8441 §5). */
  #tunnel(exchange: Exchange, reply: Reply): void {
    const accepted = acceptedTunnel(exchange, reply);
    if (accepted === null || reply.tunnel === null) {
      if (typeof reply.body === 'object') reply.body?.cancel();
      reply.tunnel?.start(emptySource());
      exchange.record.code = 'UPSTREAM_INVALID';
      this.#hasBegunReply = false;
      this.replied(problem('UPSTREAM_INVALID', exchange.id));
      return;
    }
    this.#isTunnel = true;
    this.#stream.head(replyFields(exchange, accepted, this.#owner.clock), false);
    const reader = (this.#reader ??= new StreamReader(this.#stream, UNKNOWN_LENGTH, this));
    this.#writer = new StreamWriter(this.#stream, this);
    reply.tunnel.start(reader);
    // It may have been said with the head, before there was a reader to hear it.
    if (this.#stream.hasReceivedEnd) reader.ended(null);
    if (typeof reply.body === 'object' && reply.body !== null) this.#writer.start(reply.body);
  }

  // --- the body of the request -------------------------------------------------------------------------------------

  data(chunk: Buffer, isBorrowed: boolean): void {
    this.#owner.bodyCame(chunk.length);
    if (this.#early !== null) this.#early += latin1(chunk, 0, chunk.length);
    else if (!this.#hasBegunReply || this.#reader !== null) this.#body().take(chunk, isBorrowed);
  }

  ended(pairs: readonly string[] | null): void {
    const trailers = pairs === null ? null : trailersOf(pairs);
    if (this.#early !== null) this.#earlyTrailers = trailers;
    else if (!this.#hasBegunReply || this.#reader !== null) this.#body().ended(trailers);
  }

  /** Of a tunnel there may be bytes before there is a reply. */
  #body(): StreamReader {
    return (this.#reader ??= new StreamReader(this.#stream, UNKNOWN_LENGTH, this));
  }

  bodyWanted(): void {
    if (!this.#expectsContinue || this.#hasBegunReply || this.#isClosed) return;
    this.#expectsContinue = false;
    this.#stream.head(CONTINUE, false);
  }

  bodyEnded(): void {
    if (this.#exchange !== null) this.#exchange.record.requestBytes = this.#reader?.bytes ?? 0;
  }

  bodyCancelled(): void {
    if (this.#hasWritten && !this.#isTunnel) this.#stopUpload();
  }

  // --- the body of the reply ---------------------------------------------------------------------------------------

  bodyWritten(): void {
    this.#hasWritten = true;
    if (this.#writer !== null && this.#exchange !== null) {
      this.#exchange.record.responseBytes = this.#writer.bytes;
      this.#writer = null;
    }
    if (this.#isTunnel) {
      // The client may have bytes on the way that the service still reads.
      if (this.#reader?.isOver === false) this.#endsAtMs = this.#owner.nowMs() + LINGER_MS;
    } else {
      this.#stopUpload();
    }
  }

  drained(): void {
    this.#writer?.drained();
  }

  bodyAborted(error: GatewayError): void {
    this.cancelled(error.code);
  }

  /** The time of the exchange is over while its reply is on the way, or its body broke off. */
  cancelled(code: ErrorCode): void {
    if (this.#exchange !== null) this.#exchange.record.code = code;
    this.abort(INTERNAL_ERROR);
  }

  /** Ends the stream in a way that cannot be taken for the end of the reply. */
  abort(http2Code: number): void {
    this.#isAborted = true;
    this.#stream.reset(http2Code);
  }

  /** Who has the whole answer need not send the rest of the question (RFC 9113 §8.1). */
  #stopUpload(): void {
    if (this.#isClosed || this.#stream.hasReceivedEnd) return;
    this.#isAborted = true;
    this.#stream.stopReading();
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  /** The stream is gone. */
  closed(isWhole: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const exchange = this.#exchange;
    const isComplete = this.#hasWritten && isWhole;
    if (!isComplete && !this.#isAborted) this.#owner.streamReset();
    if (exchange === null) return;
    if (!isComplete || this.#reader?.isOver === false)
      this.#reader?.fail(new GatewayError('CLIENT_CLOSED', 'the client closed the stream'));
    if (!this.#hasBegunReply) {
      exchange.cancel('CLIENT_CLOSED');
      return;
    }
    this.#writer?.cancel();
    if (!isComplete && exchange.record.code === '') exchange.record.code = 'CLIENT_CLOSED';
    this.#over(exchange);
  }

  #over(exchange: Exchange): void {
    this.#exchange = null;
    if (this.#reader !== null) exchange.record.requestBytes = this.#reader.bytes;
    if (this.#writer !== null) exchange.record.responseBytes = this.#writer.bytes;
    this.#writer = null;
    exchange.end();
    this.#owner.streamOver(this, exchange);
  }

  /**
   * Looks whether anything has moved since the last look, and ends what has not for too long: a body that does not come, a
   * reply that is not read. Tells whether it was the latter. A client that is slow but steady is left alone.
   */
  hasStalled(nowMs: number, limitMs: number): boolean {
    if (this.#isClosed) return false;
    if (nowMs > this.#endsAtMs) {
      this.abort(CANCEL);
      return false;
    }
    const unsent = this.#hasBegunReply ? this.#stream.unsentBytes : 0;
    const waitsForBody = !this.#hasBegunReply && this.#reader?.isWaiting === true;
    const seen = waitsForBody ? (this.#reader?.bytes ?? 0) : (this.#writer?.bytes ?? 0) - unsent;
    const isIdle = unsent === 0 && !waitsForBody && !(this.#hasWritten && !this.#isTunnel);
    if (isIdle || seen !== this.#seenBytes) {
      this.#seenBytes = seen;
      this.#seenSinceMs = nowMs;
      return false;
    }
    if (nowMs - this.#seenSinceMs < limitMs) return false;
    if (waitsForBody) {
      this.#reader?.fail(new GatewayError('REQUEST_TIMEOUT', 'the request body stopped coming'));
      return false;
    }
    if (this.#exchange !== null) this.#exchange.record.code = 'CLIENT_CLOSED';
    this.abort(CANCEL);
    return true;
  }
}

/** What goes into a tunnel that nobody uses: its end. */
function emptySource(): BodySource {
  return { length: 0, readTo: (sink) => sink.end(null), resume() {}, cancel() {} };
}
