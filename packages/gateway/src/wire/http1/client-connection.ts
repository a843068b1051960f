import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { UNKNOWN_LENGTH, type BodySource } from '../../core/body.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import { deleteNamed } from '../../core/headers.ts';
import { VIA } from '../../core/http/via.ts';
import { isOwnShortage } from '../../core/own-shortage.ts';
import { latin1 } from '../../core/latin1.ts';
import { Deadline } from '../../core/timing-wheel.ts';
import type { Call, ConnectionHome, UpstreamConnection } from '../../core/transport.ts';
import { giveReadBuffer, takeReadBuffer } from '../read-buffers.ts';
import { connectTls } from '../tls/connect-tls.ts';
import { BodyReader } from './body-reader.ts';
import { BodyWriter } from './body-writer.ts';
import { UNTIL_CLOSE } from './framing.ts';
import { FieldMemo } from './field-memo.ts';
import { headEnd, mayBecomeHead } from './head-scan.ts';
import { requestText } from './request-text.ts';
import { RESPONSE_HEAD_LIMITS, ResponseHead } from './response-head.ts';

/** A response that is complete with its head and not larger is kept as text and joined to the head that we send. */
const SMALL_BODY_BYTES = 16 * 1024;
const MAX_INTERIM = 10;
/** After so long without a byte in a tunnel the kernel asks whether the service is there. */
const TUNNEL_PROBE_MS = 60_000;
/** Of what the service says its idle connections live, we stay this much below. */
const KEEP_ALIVE_MARGIN_MS = 1000;
/** A client that takes nothing for so long can be the reason why a service gives up. */
const HELD_UP_MS = 1000;

const HEAD = new ResponseHead(VIA);

/**
 * One connection to an endpoint: sends a request, reads its response, and goes back to the pool (RFC 9112 §9).
 *
 * Only one request is ever under way, and a connection on which anything was out of order is closed: what is left in it
 * could be taken for the answer to somebody else's request.
 */
export class ClientConnection implements UpstreamConnection {
  readonly #home: ConnectionHome;
  readonly #socket: Socket;
  readonly #deadline: Deadline;
  #onDeadline: () => void;
  #buffer: Buffer = takeReadBuffer();
  /** The one that the socket has. */
  #given: Buffer | null = null;
  /** There is somebody at the other end, though maybe not the one that we look for. */
  #hasReached = false;
  #isConnected = false;
  #isClosed = false;
  #call: Call | null = null;
  #reader: BodyReader | null = null;
  #writer: BodyWriter | null = null;
  #held: Buffer | null = null;
  #fieldMemo: FieldMemo | null = null;
  #interims = 0;
  #hasHeard = false;
  #mayPersist = true;
  #inputEnded = false;
  #isTunnel = false;
  #pausedAtMs = Infinity;
  /** The client took nothing for a while: if the service loses patience, that is not its fault. */
  #wasHeldUp = false;
  #pooledMs: number;
  /** How many requests it has taken. */
  uses = 0;

  constructor(home: ConnectionHome) {
    this.#home = home;
    this.#pooledMs = home.timeouts.pooledMs;
    this.#onDeadline = this.#connectTimedOut;
    this.#deadline = new Deadline(() => this.#onDeadline());
    const options: NetConnectOpts & { highWaterMark: number } = {
      host: home.host,
      port: home.port,
      noDelay: true,
      allowHalfOpen: true,
      highWaterMark: WRITE_HIGH_WATER_BYTES,
      onread: {
        buffer: () => this.#nextBuffer() as Buffer,
        callback: (count, bytes) => this.#received(count, bytes as Buffer),
      },
    };
    this.#socket = home.tls === null ? connect(options) : connectTls(home, home.tls, options);
    this.#socket
      .on('connect', () => (this.#hasReached = true))
      .on(home.tls === null ? 'connect' : 'secureConnect', () => this.#connected())
      .on('end', () => this.#ended())
      .on('drain', () => this.#writer?.drained())
      .on('error', (error) => this.#failed(error))
      .on('close', () => this.#closed());
    this.#await(home.timeouts.connectMs, this.#connectTimedOut);
  }

  /** Whether it can take a request: nothing is under way and nothing has come unasked. */
  get isUsable(): boolean {
    return !this.#isClosed && !this.#inputEnded && this.#call === null && this.#mayPersist;
  }

  /** Sends a request. The connection must be usable. */
  send(call: Call): void {
    this.#call = call;
    this.uses++;
    this.#interims = 0;
    this.#hasHeard = false;
    if (this.#isConnected) this.#await(this.#home.timeouts.requestMs, this.#answerTimedOut);
    // Not a byte is handed over before the other end has proved who it is.
    if (this.#isConnected || this.#home.tls === null) this.#write(call);
  }

  #write(call: Call): void {
    const { body } = call;
    if (body === null) {
      this.#socket.write(requestText(call), 'latin1');
    } else if (typeof body === 'string') {
      this.#socket.write(requestText(call) + body, 'latin1');
    } else if (this.#isConnected) {
      this.#stream(call, body);
    }
  }

  /** Gives up on the request under way, if it is still this one; its listener hears nothing more. */
  abandon(call: Call): void {
    if (this.#call !== call) return;
    this.#call = null;
    this.destroy();
  }

  destroy(): void {
    this.#mayPersist = false;
    this.#socket.destroy();
    this.#release();
  }

  /** See `changesOf`. A socket that is still looking for an address to connect to asks for it anew with each. */
  #nextBuffer(): Buffer | null {
    if (this.#isConnected && this.#given === this.#buffer) return null;
    this.#given = this.#buffer;
    return this.#buffer;
  }

  #connected(): void {
    this.#isConnected = true;
    const call = this.#call;
    if (call === null) return;
    this.#await(this.#home.timeouts.requestMs, this.#answerTimedOut);
    // A stream is read only now, so that it can still go elsewhere when no connection comes about.
    const isStream = call.body !== null && typeof call.body !== 'string';
    if (isStream || this.#home.tls !== null) this.#write(call);
  }

  #stream(call: Call, body: BodySource): void {
    // The time to answer begins when the request is sent. Until then the client has time-outs, and a stalled socket.
    this.#home.wheel.clear(this.#deadline);
    this.#writer = new BodyWriter(this.#socket, this, {
      head: requestText(call),
      chunked: body.length === UNKNOWN_LENGTH,
    });
    this.#writer.start(body);
  }

  /** Takes what was read; `false` would stop reading. */
  #received(count: number, bytes: Buffer): boolean {
    try {
      this.#take(bytes, 0, count);
    } catch (error) {
      this.#fail(new GatewayError('INTERNAL', 'the response could not be handled', { cause: error }));
      this.destroy();
    }
    return true;
  }

  #take(bytes: Buffer, from: number, to: number): void {
    if (this.#reader !== null) {
      if (this.#onDeadline === this.#bodyTimedOut)
        this.#await(this.#home.timeouts.idleMs, this.#bodyTimedOut);
      const at = this.#reader.feed(bytes, from, to);
      if (at < to) this.destroy();
      return;
    }
    if (this.#call === null) {
      // Nobody asked: whatever it is, the next request must not take it for its answer.
      this.destroy();
      return;
    }
    this.#hasHeard = true;
    if (this.#held === null) {
      this.#readHeads(bytes, from, to);
      return;
    }
    const joined = Buffer.concat([this.#held, bytes.subarray(from, to)]);
    this.#held = null;
    this.#readHeads(joined, 0, joined.length);
  }

  /** Reads interim heads and the final one from `bytes[from, to)`, or holds what there is of them. */
  #readHeads(bytes: Buffer, from: number, to: number): void {
    let at = from;
    for (;;) {
      if (at === to) return;
      HEAD.memo = this.uses === 1 ? null : (this.#fieldMemo ??= new FieldMemo());
      let end = HEAD.recognise(bytes, at, to);
      const isKnown = end !== -1;
      if (!isKnown) end = headEnd(bytes, at, to);
      if ((end === -1 ? to : end) - at > RESPONSE_HEAD_LIMITS.headerBytes)
        return this.#refuse('the head is too large');
      if (end === -1) {
        if (!mayBecomeHead(bytes, at, to)) return this.#refuse('the head is malformed');
        this.#held = Buffer.from(bytes.subarray(at, to));
        return;
      }
      const wrong = isKnown ? HEAD.check() : HEAD.parse(bytes, at, end);
      if (wrong !== null) return this.#refuse(wrong);
      at = end;
      if (HEAD.status >= 200 || HEAD.status === 101) break;
      if (++this.#interims > MAX_INTERIM) return this.#refuse('too many interim responses');
      if (HEAD.status !== 100) this.#inform();
    }
    this.#answer(bytes, at, to);
  }

  #inform(): void {
    const { status, headers, framing } = HEAD;
    if (framing.connectionNames !== null) deleteNamed(headers, framing.connectionNames);
    this.#call?.listener.informed(status, headers);
  }

  #answer(bytes: Buffer, bodyStart: number, to: number): void {
    const call = this.#call;
    if (call === null) return;
    const { status, headers, framing } = HEAD;
    const { connectionNames } = framing;
    if (status === 101) {
      this.#switchProtocols(call, bytes, bodyStart, to);
      return;
    }
    const length = HEAD.isBodiless(call.method) ? 0 : framing.responseLength;
    // What we still send of a request after its answer would be read as the next request.
    this.#mayPersist =
      HEAD.mayPersist && length !== UNTIL_CLOSE && this.#writer === null && !this.#inputEnded;
    if (framing.keepAliveTerms !== '') this.#noteKeepAlive(framing.keepAliveTerms);
    const available = to - bodyStart;
    if (length >= 0 && length <= SMALL_BODY_BYTES && length <= available) {
      const body = length === 0 ? null : latin1(bytes, bodyStart, bodyStart + length);
      if (length < available) this.#mayPersist = false;
      this.#call = null;
      this.#finish();
      call.listener.replied(status, headers, { body, tunnel: null, connectionNames });
      return;
    }
    const bodyFraming = framing.chunked ? 'chunked' : length === UNTIL_CLOSE ? 'until-close' : length;
    this.#reader = new BodyReader(bodyFraming, this, 'UPSTREAM_INCOMPLETE');
    this.#wasHeldUp = false;
    this.#home.wheel.clear(this.#deadline);
    const reader = this.#reader;
    reader.feed(bytes, bodyStart, to);
    call.listener.replied(status, headers, { body: reader, tunnel: null, connectionNames });
  }

  #switchProtocols(call: Call, bytes: Buffer, from: number, to: number): void {
    const { headers, framing } = HEAD;
    if (call.upgrade === '') return this.#refuse('101 was not asked for');
    if (framing.upgrade !== call.upgrade) return this.#refuse('101 to another protocol than asked for');
    this.#mayPersist = false;
    this.#home.wheel.clear(this.#deadline);
    this.#isTunnel = true;
    this.#socket.setKeepAlive(true, TUNNEL_PROBE_MS);
    const reader = new BodyReader('until-close', this, 'UPSTREAM_RESET');
    this.#reader = reader;
    this.#writer = new BodyWriter(this.#socket, this, { head: '', chunked: false });
    reader.feed(bytes, from, to);
    const { connectionNames } = framing;
    call.listener.replied(101, headers, { body: reader, tunnel: this.#writer, connectionNames });
  }

  #refuse(what: string): void {
    this.#fail(new GatewayError('UPSTREAM_INVALID', what));
    this.destroy();
  }

  /** `Keep-Alive: timeout=5`: the service will close an idle connection, so we have to be earlier. */
  #noteKeepAlive(field: string): void {
    const seconds = /\btimeout=(\d{1,6})\b/i.exec(field)?.[1];
    if (seconds === undefined) return;
    const theirsMs = Number(seconds) * 1000 - KEEP_ALIVE_MARGIN_MS;
    this.#pooledMs = Math.min(this.#home.timeouts.pooledMs, Math.max(theirsMs, KEEP_ALIVE_MARGIN_MS / 2));
  }

  /** The exchange on this connection is complete in both directions, or the connection ends here. */
  #finish(): void {
    if (!this.#mayPersist || this.#writer !== null || this.#inputEnded) {
      this.destroy();
      return;
    }
    this.#await(this.#pooledMs, this.#unused);
    this.#home.idle(this);
  }

  // --- the body of the response ------------------------------------------------------------------------------------

  bodyWanted(): void {
    if (!this.#isTunnel) this.#await(this.#home.timeouts.idleMs, this.#bodyTimedOut);
  }

  pauseReading(): void {
    this.#socket.pause();
    this.#pausedAtMs = this.#home.wheel.nowMs;
    if (this.#onDeadline === this.#bodyTimedOut) this.#home.wheel.clear(this.#deadline);
  }

  resumeReading(): void {
    this.#socket.resume();
    this.#noteHoldUp();
    this.#pausedAtMs = Infinity;
    if (this.#onDeadline === this.#bodyTimedOut) this.#await(this.#home.timeouts.idleMs, this.#bodyTimedOut);
  }

  bufferKept(): void {
    this.#buffer = takeReadBuffer();
  }

  bodyEnded(isLast: boolean): void {
    this.#reader = null;
    this.#call = null;
    if (!isLast) this.#mayPersist = false;
    // In a tunnel the service may go on reading after its FIN.
    if (this.#isTunnel && this.#writer !== null) return;
    this.#socket.resume();
    this.#finish();
  }

  bytesAfterBody(): void {
    this.destroy();
  }

  bodyCancelled(): void {
    this.#reader = null;
    this.#call = null;
    this.destroy();
  }

  bodyBroken(error: GatewayError): void {
    this.#tellOfBreak(error);
    this.destroy();
  }

  // --- the body of the request -------------------------------------------------------------------------------------

  bodyWritten(): void {
    this.#writer = null;
    if (this.#isTunnel) {
      // In a tunnel the end of one direction is a FIN. A service that then falls silent does not hold us for ever.
      this.#socket.end();
      this.#await(this.#home.timeouts.idleMs, this.#bodyTimedOut);
    } else if (this.#call !== null && this.#reader === null) {
      this.#await(this.#home.timeouts.requestMs, this.#answerTimedOut);
    }
  }

  bodyAborted(error: GatewayError): void {
    this.#writer = null;
    this.#fail(error);
    this.destroy();
  }

  writeStalled(isStalled: boolean): void {
    if (isStalled) {
      this.#await(this.#home.timeouts.idleMs, this.#writeTimedOut);
    } else if (this.#onDeadline === this.#writeTimedOut) {
      if (this.#reader === null || this.#isTunnel) this.#home.wheel.clear(this.#deadline);
      else this.#await(this.#home.timeouts.idleMs, this.#bodyTimedOut);
    }
  }

  // --- the end -----------------------------------------------------------------------------------------------------

  #ended(): void {
    this.#inputEnded = true;
    if (this.#reader !== null) {
      this.#reader.inputEnded();
      return;
    }
    if (this.#call !== null) this.#failed(null);
    this.destroy();
  }

  #failed(cause: Error | null): void {
    const options = cause === null ? undefined : { cause };
    if (!this.#isConnected || (this.#isUnread() && isRefusal(cause))) {
      const { host, port } = this.#home;
      this.#fail(new GatewayError(this.#connectFault(cause), `cannot connect to ${host}:${port}`, options));
    } else {
      const error = new GatewayError('UPSTREAM_RESET', 'the service closed the connection', options);
      // On a connection that had served before, silence most likely means that it was closed while we wrote.
      error.isStale = this.uses > 1 && !this.#hasHeard;
      this.#fail(error);
    }
  }

  /** Whether the request can go elsewhere: a stream cannot be read again. */
  #isUnread(): boolean {
    const body = this.#call?.body ?? null;
    return !this.#hasHeard && (body === null || typeof body === 'string');
  }

  #connectFault(cause: Error | null): ErrorCode {
    if (isOwnShortage(cause)) return 'CONNECTION_LIMIT';
    if (!this.#hasReached || this.#home.tls === null) return 'CONNECT_FAILED';
    const { authorizationError = null } = this.#socket as Partial<TLSSocket>;
    return authorizationError === null ? 'UPSTREAM_TLS_FAILED' : 'UPSTREAM_CERTIFICATE';
  }

  #fail(error: GatewayError): void {
    const call = this.#call;
    const reader = this.#reader;
    if (reader !== null) {
      const code: ErrorCode = error.code === 'UPSTREAM_RESET' ? 'UPSTREAM_INCOMPLETE' : error.code;
      const broken = new GatewayError(code, error.message, { cause: error });
      this.#tellOfBreak(broken);
      reader.fail(broken);
    } else {
      this.#call = null;
      call?.listener.failed(error);
    }
  }

  /** The body of the response broke off; the listener hears that it is the fault of the service, if it is. */
  #tellOfBreak(error: GatewayError): void {
    const call = this.#call;
    this.#call = null;
    this.#reader = null;
    this.#noteHoldUp();
    if (!this.#isTunnel && !this.#wasHeldUp) call?.listener.brokeOff(error);
  }

  #noteHoldUp(): void {
    if (this.#home.wheel.nowMs - this.#pausedAtMs >= HELD_UP_MS) this.#wasHeldUp = true;
  }

  #closed(): void {
    if (this.#call !== null || this.#reader !== null) this.#failed(null);
    this.#release();
  }

  #release(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#home.wheel.remove(this.#deadline);
    this.#writer?.cancel();
    this.#writer = null;
    const reader = this.#reader;
    if (reader !== null) {
      const broken = new GatewayError('UPSTREAM_INCOMPLETE', 'the connection to the service ended');
      this.#tellOfBreak(broken);
      reader.fail(broken);
    }
    giveReadBuffer(this.#buffer);
    this.#home.gone(this);
  }

  #await(afterMs: number, expired: () => void): void {
    this.#onDeadline = expired;
    this.#home.wheel.set(this.#deadline, afterMs);
  }

  readonly #connectTimedOut = (): void => {
    this.#fail(
      new GatewayError('CONNECT_TIMEOUT', `no connection to ${this.#home.host}:${this.#home.port} in time`, {
        detail: 'The time to connect was over',
      }),
    );
    this.destroy();
  };

  readonly #answerTimedOut = (): void => {
    const detail = 'The time until the head of the response was over';
    this.#fail(new GatewayError('UPSTREAM_TIMEOUT', 'no response head in time', { detail }));
    this.destroy();
  };

  readonly #bodyTimedOut = (): void => {
    this.#fail(new GatewayError('UPSTREAM_INCOMPLETE', 'the response body stopped coming'));
    this.destroy();
  };

  readonly #writeTimedOut = (): void => {
    const detail = 'The idle time between two pieces of the request body was over';
    this.#fail(new GatewayError('UPSTREAM_TIMEOUT', 'the service stopped reading the request', { detail }));
    this.destroy();
  };

  readonly #unused = (): void => this.destroy();
}

/** In TLS 1.3 a service says only after our handshake that it does not like our certificate: it has read no request. */
function isRefusal(cause: Error | null): boolean {
  const code = cause !== null && 'code' in cause ? String(cause.code) : '';
  return /^ERR_SSL_.*_ALERT_.*(CERTIFICATE|UNKNOWN_CA)/.test(code);
}

/** How much may wait in a socket before its source has to pause. */
const WRITE_HIGH_WATER_BYTES = 256 * 1024;
