import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import { isWhole, UNKNOWN_LENGTH, type BodySource } from '../../core/body.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import { isBodiless } from '../../core/http/status.ts';
import { VIA } from '../../core/http/via.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import type { Call, ConnectionTimeouts } from '../../core/transport.ts';
import { requestHead, responseHead, responseTrailers } from './client-head.ts';
import { RequestBody, type RequestBodyOwner } from './client-request-body.ts';
import { ResponseBody, type ResponseBodyOwner } from './client-response-body.ts';
import { acceptOf } from './websocket-handshake.ts';

/** The connection on which a call is under way. */
export interface ClientCallOwner {
  readonly session: ClientHttp2Session;
  readonly scheme: 'http' | 'https';
  readonly wheel: TimingWheel;
  readonly timeouts: ConnectionTimeouts;
  /** Responses whose heads have come, on all streams. */
  heard: number;
  /** What the end of a stream means whose call has failed. */
  faultOf(end: StreamEnd): GatewayError;
  /** Nothing came in time: maybe nobody is there any more. */
  suspected(): void;
  /** The stream is gone, and there is room for another. */
  ended(call: Call): void;
}

/** How a stream ended. */
export interface StreamEnd {
  /** Undefined: the service has never heard of it. */
  readonly id: number | undefined;
  /** RFC 9113 §7. */
  readonly code: number;
  readonly cause: Error | null;
  /** `heard` of the connection when it began. */
  readonly heardBefore: number;
}

const MAX_INTERIM = 10;
/** A client that takes nothing for so long can be the reason why a service gives up. */
const HELD_UP_MS = 1000;
/** RFC 9113 §6.2. */
const END_STREAM = 1;

/** One call on one stream (RFC 9113 §8.1). Its time-outs are those of a call that has a connection for itself. */
export class ClientCall implements RequestBodyOwner, ResponseBodyOwner {
  readonly #call: Call;
  readonly #owner: ClientCallOwner;
  readonly #stream: ClientHttp2Stream;
  readonly #heardBefore: number;
  readonly #deadline: Deadline;
  #onDeadline: () => void;
  #request: RequestBody | null = null;
  #response: ResponseBody | null = null;
  #interims = 0;
  #cause: Error | null = null;
  /** Its listener has heard all that it is to hear. */
  #isOver = false;
  #isTunnel = false;
  #pausedAtMs = Infinity;
  /** The client took nothing for a while: if the service loses patience, that is not its fault. */
  #wasHeldUp = false;
  #hasEnd = false;
  isCut = false;

  /** Throws what Node.js says of a head that cannot be sent. */
  constructor(call: Call, owner: ClientCallOwner) {
    this.#call = call;
    this.#owner = owner;
    this.#heardBefore = owner.heard;
    this.#onDeadline = this.#answerTimedOut;
    this.#deadline = new Deadline(() => this.#onDeadline());
    const { body, upgrade } = call;
    const { fields, isGrpc } = requestHead(call, owner.scheme);
    // Those of gRPC never have trailers in a request, and an end without them takes no frame of its own.
    const mayHaveTrailers = !isGrpc && !isWhole(body) && body.length === UNKNOWN_LENGTH;
    this.#stream = owner.session.request(fields, {
      endStream: body === null && upgrade === '',
      waitForTrailers: mayHaveTrailers,
    });
    this.#listen();
    if (body !== null && upgrade === '') this.#send(body);
    else this.#await(owner.timeouts.requestMs, this.#answerTimedOut);
  }

  /** Its listener hears nothing more. */
  abandon(): void {
    this.#isOver = true;
    this.#reset();
  }

  #listen(): void {
    const stream = this.#stream;
    // Node.js ends a body, as if it were complete, also when the service has closed the stream with NO_ERROR midway.
    stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
      if (chunk === null && !this.#hasEnd) {
        this.#hasEnd = true;
        this.isCut = stream.closed;
      }
      return Readable.prototype.push.call(stream, chunk, encoding);
    };
    stream
      .on('response', (_, flags, pairs) => this.#answered(flags, pairs))
      .on('headers', (_, __, pairs) => this.#informed(pairs))
      .on('trailers', (_, __, pairs) => {
        if (this.#response !== null) this.#response.trailers = responseTrailers(pairs);
      })
      .on('error', (error) => (this.#cause = error))
      .on('close', () => this.#closed());
  }

  #send(body: string | BodySource): void {
    if (typeof body === 'string') {
      this.#stream.end(body, 'latin1');
      this.#await(this.#owner.timeouts.requestMs, this.#answerTimedOut);
      return;
    }
    this.#request = new RequestBody(this.#stream, this);
    this.#request.start(body);
  }

  #informed(pairs: readonly string[]): void {
    if (this.#isOver) return;
    const head = responseHead(pairs);
    if (head === null || head.status === 101) return this.#refuse('malformed interim response');
    if (++this.#interims > MAX_INTERIM) return this.#refuse('too many interim responses');
    this.#call.listener.informed(head.status, head.headers);
  }

  #answered(flags: number, pairs: readonly string[]): void {
    if (this.#isOver) return;
    this.#owner.heard++;
    const head = responseHead(pairs);
    if (head === null || head.status < 200) return this.#refuse('malformed head');
    const { status, headers, length } = head;
    headers.append('Via', VIA);
    this.#owner.wheel.clear(this.#deadline);
    if (this.#call.upgrade !== '') {
      if (status < 300) return this.#switchProtocols(headers, flags);
      // There is nothing to say to who does not switch.
      this.#stream.end();
    }
    if ((flags & END_STREAM) !== 0 || isBodiless(status, this.#call.method)) {
      this.bodyEnded();
      // Nobody else reads what may still come, which is nothing.
      this.#stream.resume();
    } else {
      this.#response = new ResponseBody(this.#stream, length, this);
    }
    this.#call.listener.replied(status, headers, {
      body: this.#response,
      tunnel: null,
      connectionNames: null,
    });
  }

  /** To those before us it is what a handshake of HTTP/1.1 comes to (RFC 8441 §5). */
  #switchProtocols(headers: Headers, flags: number): void {
    if ((flags & END_STREAM) !== 0) return this.#refuse('the tunnel ended before it began');
    this.#isTunnel = true;
    this.#request = new RequestBody(this.#stream, this);
    this.#response = new ResponseBody(this.#stream, UNKNOWN_LENGTH, this);
    const key = /^sec-websocket-key: (.*)\r$/im.exec(this.#call.fields)?.[1] ?? '';
    headers.set('Sec-WebSocket-Accept', acceptOf(key));
    this.#call.listener.replied(101, headers, {
      body: this.#response,
      tunnel: this.#request,
      connectionNames: null,
    });
  }

  #refuse(what: string): void {
    this.#fail(new GatewayError('UPSTREAM_INVALID', what));
    this.#reset();
  }

  // --- the body of the response ------------------------------------------------------------------------------------

  bodyAwaited(isAwaited: boolean): void {
    if (this.#isTunnel && this.#request !== null) return;
    this.#noteHoldUp();
    this.#pausedAtMs = isAwaited ? Infinity : this.#owner.wheel.nowMs;
    if (isAwaited) this.#await(this.#owner.timeouts.idleMs, this.#bodyTimedOut);
    else if (this.#onDeadline === this.#bodyTimedOut) this.#owner.wheel.clear(this.#deadline);
  }

  bodyEnded(): void {
    // In a tunnel the service may go on reading.
    if (this.#isTunnel && this.#request !== null) return;
    this.#isOver = true;
    this.#owner.wheel.remove(this.#deadline);
    // Who has answered does not want the rest of the question.
    if (this.#request !== null) this.#reset();
  }

  bodyCancelled(): void {
    this.abandon();
  }

  bodyBroken(error: GatewayError): void {
    this.#fail(error);
  }

  // --- the body of the request -------------------------------------------------------------------------------------

  bodyWritten(): void {
    this.#request = null;
    // A service that then falls silent does not hold us for ever.
    if (this.#isTunnel) this.#await(this.#owner.timeouts.idleMs, this.#bodyTimedOut);
    else if (this.#response === null) this.#await(this.#owner.timeouts.requestMs, this.#answerTimedOut);
  }

  bodyAborted(error: GatewayError): void {
    this.#request = null;
    this.#fail(error);
    this.#reset();
  }

  writeStalled(isStalled: boolean): void {
    if (isStalled) this.#await(this.#owner.timeouts.idleMs, this.#writeTimedOut);
    else if (this.#onDeadline !== this.#writeTimedOut) return;
    else if (this.#response === null) this.#owner.wheel.clear(this.#deadline);
    else this.#await(this.#owner.timeouts.idleMs, this.#bodyTimedOut);
  }

  // --- the end -----------------------------------------------------------------------------------------------------

  #closed(): void {
    const { id, rstCode: code } = this.#stream;
    if (!this.#isOver) {
      this.#fail(this.#owner.faultOf({ id, code, cause: this.#cause, heardBefore: this.#heardBefore }));
    }
    this.#release();
    this.#owner.ended(this.#call);
  }

  #fail(error: GatewayError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const response = this.#response;
    if (response === null) {
      this.#call.listener.failed(error);
      return;
    }
    const isBroken = error.code === 'UPSTREAM_RESET' || error.code === 'UPSTREAM_REFUSED';
    const code: ErrorCode = isBroken ? 'UPSTREAM_INCOMPLETE' : error.code;
    const broken = new GatewayError(code, error.message, { cause: error });
    this.#noteHoldUp();
    if (!this.#isTunnel && !this.#wasHeldUp) this.#call.listener.brokeOff(broken);
    response.fail(broken);
  }

  #noteHoldUp(): void {
    if (this.#owner.wheel.nowMs - this.#pausedAtMs >= HELD_UP_MS) this.#wasHeldUp = true;
  }

  /** Takes the stream back, if it is still there (RFC 9113 §5.4.2). */
  #reset(): void {
    this.#release();
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #release(): void {
    this.#owner.wheel.remove(this.#deadline);
    this.#request?.cancel();
    this.#request = null;
  }

  #await(afterMs: number, expired: () => void): void {
    if (this.#isOver) return;
    this.#onDeadline = expired;
    this.#owner.wheel.set(this.#deadline, afterMs);
  }

  readonly #answerTimedOut = (): void => {
    const detail = 'The time until the head of the response was over';
    this.#timedOut(new GatewayError('UPSTREAM_TIMEOUT', 'no response head in time', { detail }));
  };

  readonly #bodyTimedOut = (): void => {
    this.#timedOut(new GatewayError('UPSTREAM_INCOMPLETE', 'the response body stopped coming'));
  };

  readonly #writeTimedOut = (): void => {
    const detail = 'The idle time between two pieces of the request body was over';
    this.#timedOut(
      new GatewayError('UPSTREAM_TIMEOUT', 'the service stopped reading the request', { detail }),
    );
  };

  #timedOut(error: GatewayError): void {
    this.#fail(error);
    this.#reset();
    this.#owner.suspected();
  }
}
