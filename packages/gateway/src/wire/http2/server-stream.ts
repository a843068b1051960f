import { constants, type ServerHttp2Stream } from 'node:http2';
import type { BodySource } from '../../core/body.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { CancelListener, Exchange, Reply } from '../../core/exchange.ts';
import { grpcMediaType } from '../../core/grpc-refusal.ts';
import type { Headers } from '../../core/headers.ts';
import { isBodiless } from '../../core/http/status.ts';
import { takesTrailers } from '../../core/http/trailers.ts';
import type { Clock } from '../../core/ports.ts';
import { problem } from '../../core/problem.ts';
import { interimFields, replyFields } from './server-fields.ts';
import { StreamReader } from './stream-reader.ts';
import { StreamWriter } from './stream-writer.ts';
import { acceptedTunnel } from './websocket-handshake.ts';

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_CANCEL } = constants;

/** The connection of a stream. */
export interface StreamOwner {
  readonly clock: Clock;
  /** The connection is lost, and all its streams with it. */
  readonly isGone: boolean;
  /** It is about to end: who holds it for long should let go. */
  readonly isEnding: boolean;
  nowMs(): number;
  /** The stream ended before its reply was complete, and not because we wanted it. */
  streamReset(): void;
  /** Nothing is left to do for the exchange, here or at a service. */
  streamOver(stream: ServerStream, exchange: Exchange): void;
}

/** No stream needs more than these three. */
const ENDS = { endStream: true };
const GOES_ON = {};
const HAS_TRAILERS = { waitForTrailers: true };

/** After the service has ended a tunnel, how long the client may take to do the same. */
const LINGER_MS = 2000;
const NEVER = Infinity;

/** One exchange on its stream: writes the reply, and notices when the client does not wait any more. */
export class ServerStream implements CancelListener {
  readonly #stream: ServerHttp2Stream;
  readonly #owner: StreamOwner;
  #exchange: Exchange | null = null;
  #reader: StreamReader | null = null;
  #writer: StreamWriter | null = null;
  #expectsContinue = false;
  #isTunnel = false;
  #hasBegunReply = false;
  #hasWritten = false;
  #mayTrail = false;
  /** The stream is gone, in whatever way. */
  #isClosed = false;
  #isAborted = false;
  #isStopping = false;
  /** What was seen at the last look, and since when it is the same. */
  #seenBytes = -1;
  #seenSinceMs = 0;
  #endsAtMs = NEVER;

  constructor(stream: ServerHttp2Stream, owner: StreamOwner) {
    this.#stream = stream;
    this.#owner = owner;
    (stream as ServerHttp2Stream & Owned)[OWNER] = this;
    stream.on('close', closed).on('aborted', closed);
  }

  /** The body of the request, which comes on this stream. */
  bodyOf(length: number, expectsContinue: boolean): BodySource {
    this.#expectsContinue = expectsContinue;
    this.#reader = new StreamReader(this.#stream, length, this);
    return this.#reader;
  }

  begin(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  drain(): void {
    this.#exchange?.drain();
  }

  /** Bytes of its body that the client has sent so far. */
  get requestBytes(): number {
    return this.#reader?.bytes ?? 0;
  }

  /** Bytes of the body that it was given so far. */
  get responseBytes(): number {
    return this.#writer?.bytes ?? this.#exchange?.record.responseBytes ?? 0;
  }

  readonly inform = (status: number, headers: Headers): void => {
    if (this.#hasBegunReply || this.#isClosed || status === 101) return;
    this.#stream.additionalHeaders(interimFields(status, headers));
  };

  readonly replied = (reply: Reply): void => {
    const exchange = this.#exchange;
    if (exchange === null) return;
    exchange.whenCancelled(this);
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
    if (this.#owner.isEnding) exchange.drain();
  };

  #write(exchange: Exchange, reply: Reply): void {
    const { body } = reply;
    const fields = replyFields(exchange, reply, this.#owner.clock);
    if (body === null || body === '' || isBodiless(reply.status, exchange.method)) {
      if (typeof body === 'object') body?.cancel();
      this.#stream.respond(fields, ENDS);
      this.bodyWritten();
      return;
    }
    if (typeof body === 'string') {
      exchange.record.responseBytes = body.length;
      this.#stream.respond(fields, GOES_ON);
      this.#stream.end(body, 'latin1');
      this.bodyWritten();
      return;
    }
    const mayTrail = body.length < 0 && readsTrailers(exchange, reply);
    this.#stream.respond(fields, mayTrail ? HAS_TRAILERS : GOES_ON);
    this.#mayTrail = mayTrail;
    this.#writer = new StreamWriter(this.#stream, this, mayTrail);
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
    this.#stream.respond(replyFields(exchange, accepted, this.#owner.clock), GOES_ON);
    const reader = new StreamReader(this.#stream, -1, this);
    this.#reader = reader;
    this.#writer = new StreamWriter(this.#stream, this, false);
    reply.tunnel.start(reader);
    if (typeof reply.body === 'object' && reply.body !== null) this.#writer.start(reply.body);
  }

  // --- the body of the request -------------------------------------------------------------------------------------

  bodyWanted(): void {
    if (!this.#expectsContinue || this.#hasBegunReply || this.#isClosed) return;
    this.#expectsContinue = false;
    this.#stream.additionalHeaders({ ':status': 100 });
  }

  bodyEnded(): void {
    if (this.#exchange !== null) this.#exchange.record.requestBytes = this.#reader?.bytes ?? 0;
  }

  bodyCancelled(): void {
    if (this.#hasWritten && !this.#isTunnel && !this.#mayTrail) this.#stopUpload();
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
    } else if (!this.#mayTrail) {
      this.#stopUpload();
    }
  }

  trailersWritten(): void {
    this.#stopUpload();
  }

  bodyAborted(error: GatewayError): void {
    this.cancelled(error.code);
  }

  /** The time of the exchange is over while its reply is on the way, or its body broke off. */
  cancelled(code: ErrorCode): void {
    if (this.#exchange !== null) this.#exchange.record.code = code;
    this.abort(NGHTTP2_INTERNAL_ERROR);
  }

  /** Ends the stream in a way that cannot be taken for the end of the reply. */
  abort(http2Code: number): void {
    this.#isAborted = true;
    // To close a stream Node.js first ends it, and what has come of the reply would look like all of it.
    if (!this.#hasWritten) this.#stream._final = (done) => done();
    this.#stream.close(http2Code);
  }

  /**
   * Who has the whole answer need not send the rest of the question (RFC 9113 §8.1). While frames are being read nothing is
   * sent, and a reset would overtake the answer: it waits until they are.
   */
  #stopUpload(): void {
    const isUploading = this.#reader !== null && !this.#stream.readableEnded;
    if (!isUploading || this.#isStopping || this.#isClosed) return;
    this.#isStopping = true;
    setImmediate(stopUpload, this);
  }

  uploadStopped(): void {
    if (this.#stream.readableEnded || this.#isClosed) return;
    this.#isAborted = true;
    this.#stream.close(NGHTTP2_NO_ERROR);
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  /** The stream is gone. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const exchange = this.#exchange;
    const isComplete = this.#isComplete();
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

  /** Whether all of the reply was sent. Node.js may tell of the end of the stream before it tells that it has written all. */
  #isComplete(): boolean {
    const { rstCode, writableFinished } = this.#stream;
    return this.#hasWritten && rstCode === NGHTTP2_NO_ERROR && (writableFinished || !this.#owner.isGone);
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
      this.abort(NGHTTP2_CANCEL);
      return false;
    }
    const unsent = this.#hasBegunReply ? this.#stream.writableLength : 0;
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
    this.abort(NGHTTP2_CANCEL);
    return true;
  }
}

/** Where a stream of Node.js keeps ours, so that one function hears of the end of all of them. */
const OWNER = Symbol('owner');

interface Owned {
  [OWNER]?: ServerStream | null;
}

/** The streams of Node.js outlive many collections, because native code refers to them; what we know of them does not. */
function closed(this: ServerHttp2Stream & Owned): void {
  const owner = this[OWNER] ?? null;
  this[OWNER] = null;
  owner?.closed();
}

function stopUpload(stream: ServerStream): void {
  stream.uploadStopped();
}

/** Whether trailers are read, as far as it is known: to wait for them costs a frame. */
function readsTrailers(exchange: Exchange, { headers }: Reply): boolean {
  return (
    takesTrailers(exchange.headers) ||
    headers.has('trailer') ||
    grpcMediaType(headers.get('content-type')) !== null
  );
}

/** What goes into a tunnel that nobody uses: its end. */
function emptySource(): BodySource {
  return { length: 0, readTo: (sink) => sink.end(null), resume() {}, cancel() {} };
}
