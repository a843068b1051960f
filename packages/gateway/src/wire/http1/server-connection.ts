import type { Socket } from 'node:net';
import { UNKNOWN_LENGTH, type Body } from '../../core/body.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import {
  Exchange,
  type Arrival,
  type ClientAddress,
  type ConnectionMemo,
  type Handler,
  type Reply,
} from '../../core/exchange.ts';
import { deleteNamed, Headers } from '../../core/headers.ts';
import { callerOf } from '../../core/http/forwarded.ts';
import { isBodiless } from '../../core/http/status.ts';
import { latin1 } from '../../core/latin1.ts';
import type { Clock, Log } from '../../core/ports.ts';
import { problem } from '../../core/problem.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import { resetSocket, sentBytes } from '../accept.ts';
import type { Connection } from '../connection.ts';
import { giveReadBuffer, SHARED_READ_BUFFER, takeReadBuffer } from '../read-buffers.ts';
import { BodyReader } from './body-reader.ts';
import { BodyWriter } from './body-writer.ts';
import { CR, LF } from './bytes.ts';
import { FieldMemo } from './field-memo.ts';
import { headEnd, mayBecomeHead } from './head-scan.ts';
import { refusedExchange } from './refused-exchange.ts';
import { RequestHead } from './request-head.ts';
import { INTERIM_CONTINUE, interimHead, responseHead } from './response-text.ts';

/** What a listener asks of its connections. */
export interface ConnectionPlan {
  readonly arrival: Arrival;
  readonly limits: ConnectionLimits;
  /** Whether the fields of this peer about its own client are believed. */
  isTrusted(peer: ClientAddress): boolean;
}

/** Bounds of one connection; the schema of `listeners.*.limits` says what each is for. */
export interface ConnectionLimits {
  readonly headerBytes: number;
  readonly headerCount: number;
  readonly targetBytes: number;
  readonly headerTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly requestsPerConnection: number;
  readonly http2: { readonly maxConcurrentStreams: number };
}

/** What is known of a connection before its first byte. */
export interface ConnectionOrigin {
  /** Who is there, if a proxy said so; null: the other end of the socket. */
  readonly peer: ClientAddress | null;
  /** With which the client proved itself in its TLS handshake (DER), or null. */
  readonly clientCertificate: Uint8Array | null;
  /** Takes over a connection that begins with the preface of HTTP/2; null where nobody speaks that. */
  readonly preface: ((bytes: Buffer) => void) | null;
}

/** What connections need of the thread that they live on. */
export interface ConnectionPorts {
  /** Never rejects: failures are replies too. */
  readonly handle: Handler;
  /** The thread has too much to do: connections end with their next reply, so that balancers look elsewhere. */
  isExhausted(): boolean;
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  readonly log: Log;
  newRequestId(): string;
  /** An exchange is over, and its record complete. */
  ended(exchange: Exchange, endedAtMs: number): void;
}

/** A body that is complete with its head and not larger is kept as text: it can be joined to a head, and sent twice. */
const SMALL_BODY_BYTES = 16 * 1024;
/** What a client may send ahead of the answer it waits for. */
const MAX_AHEAD_BYTES = 64 * 1024;
/** After our last byte, how long and how much we listen, so that no reset overtakes the answer (RFC 9112 §9.6). */
const LINGER_MS = 2000;
const MAX_LINGER_BYTES = 32 * 1024 * 1024;
/** After the client's FIN during an exchange: when to probe whether anybody is still there. */
const PROBE_AFTER_MS = 250;
const PROBE_AGAIN_MS = 100;
const PROBE_LATER_MS = 10_000;

/** After so long without a byte in a tunnel the kernel asks whether the other end is there: nothing else may ever tell. */
const TUNNEL_PROBE_MS = 60_000;

/** What may be sent here instead of TRACE, which no route gets to see (RFC 9110 §15.5.6). */
const ALLOWED = { fields: [['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']] } as const;

/** What the preface of HTTP/2 begins with; the rest of it is for its session to check. */
const PREFACE_HEAD = 'PRI * HTTP/2.0\r\n\r\n';

/** Parsing is synchronous, so one parser serves all connections of the thread. */
const HEAD = new RequestHead();

/**
 * One client connection: reads requests, has them handled one after the other, writes the replies (RFC 9112 §9).
 *
 * One exchange at a time; what a client pipelines waits. Everything that goes wrong before a request is understood is
 * answered once and ends the connection.
 */
export class ServerConnection implements Connection {
  readonly #socket: Socket;
  #plan: ConnectionPlan;
  readonly #ports: ConnectionPorts;
  readonly #deadline: Deadline;
  #onDeadline: () => void;
  /** Whether somebody else told who the peer is; then its own word counts for nothing. */
  readonly #isTold: boolean;
  #peer: ClientAddress | null;
  readonly #clientCertificate: Uint8Array | null;
  readonly #preface: ConnectionOrigin['preface'];
  #isTrusted = false;
  #fieldMemo: FieldMemo | null = null;
  readonly #memo: ConnectionMemo = { forwarding: null, logged: null };
  #exchange: Exchange | null = null;
  #reader: BodyReader | null = null;
  #writer: BodyWriter | null = null;
  /** Bytes that were read and wait: an unfinished head, or what came ahead. */
  #held: Buffer | null = null;
  #buffer: Buffer = SHARED_READ_BUFFER;
  #requests = 0;
  #mayPersist = true;
  #awaitsContinue = false;
  #hasBegunReply = false;
  #isDraining = false;
  #inputEnded = false;
  #isClosing = false;
  #lingered = 0;
  #sentBytes = 0;
  #lingerUntilMs = 0;
  #hasEndedTunnel = false;
  #probes = 0;

  constructor(
    socket: Socket,
    plan: ConnectionPlan,
    ports: ConnectionPorts,
    { peer, clientCertificate, preface }: ConnectionOrigin,
  ) {
    this.#socket = socket;
    this.#plan = plan;
    this.#ports = ports;
    this.#isTold = peer !== null;
    this.#peer = peer;
    this.#clientCertificate = clientCertificate;
    this.#preface = preface;
    this.#onDeadline = this.#closeIdle;
    this.#deadline = new Deadline(() => this.#onDeadline());
    this.#await(plan.limits.idleTimeoutMs, this.#closeIdle);
  }

  /** From the next request on: trust that was withdrawn must not live on in connections that are kept open. */
  replan(plan: ConnectionPlan): void {
    this.#plan = plan;
    this.#memo.forwarding = null;
    if (!this.#isTold && this.#peer !== null) this.#isTrusted = plan.isTrusted(this.#peer);
  }

  /** The buffer for the next read. */
  readBuffer(): Buffer {
    return this.#buffer;
  }

  /** Takes `bytes[0, count)`. Never throws. */
  received(count: number, bytes: Buffer): void {
    try {
      this.#take(bytes, 0, count);
    } catch (error) {
      this.#ports.log.error('a connection failed', { error });
      this.#socket.destroy();
    }
  }

  /** The client has sent its FIN: maybe it only has no more to say. */
  inputEnded(): void {
    this.#inputEnded = true;
    // What was pipelined before the FIN is still answered.
    if (this.#held === null) this.#mayPersist = false;
    if (this.#reader !== null) {
      this.#reader.inputEnded();
      return;
    }
    if (this.#exchange === null) this.#close();
    else if (!this.#hasBegunReply) this.#await(PROBE_AFTER_MS, this.#probe);
  }

  /** The socket has room again. */
  drained(): void {
    this.#writer?.drained();
  }

  /** The socket is gone, in whatever way. */
  closed(): void {
    this.#isClosing = true;
    this.#ports.wheel.remove(this.#deadline);
    this.#reader?.fail(new GatewayError('CLIENT_CLOSED', 'the client closed the connection'));
    this.#reader = null;
    const exchange = this.#exchange;
    if (exchange !== null) {
      if (!this.#hasBegunReply) {
        exchange.cancel('CLIENT_CLOSED');
      } else {
        this.#writer?.cancel();
        if (exchange.record.code === '') exchange.record.code = 'CLIENT_CLOSED';
        this.#record(exchange);
      }
    }
    this.#giveBuffer();
  }

  /** Ends politely: the exchange under way, or the next one, is the last. */
  drain(): void {
    this.#isDraining = true;
    this.#mayPersist = false;
    this.#exchange?.drain();
  }

  get isIdle(): boolean {
    return this.#exchange === null && this.#held === null;
  }

  /** Ends now if nothing is under way; tells whether it did. */
  closeIfIdle(): boolean {
    const { isIdle } = this;
    if (isIdle) this.#close();
    return isIdle;
  }

  #take(bytes: Buffer, from: number, to: number): void {
    if (this.#isClosing) {
      this.#lingered += to - from;
      if (this.#lingered > MAX_LINGER_BYTES) this.#socket.destroy();
      return;
    }
    if (this.#reader !== null) {
      if (this.#onDeadline === this.#bodyTimedOut)
        this.#await(this.#plan.limits.bodyTimeoutMs, this.#bodyTimedOut);
      const at = this.#reader.feed(bytes, from, to);
      if (at < to) this.#hold(bytes, at, to);
    } else if (this.#exchange !== null) {
      this.#hold(bytes, from, to);
      if (this.#held !== null && this.#held.length > MAX_AHEAD_BYTES) this.#socket.pause();
    } else if (this.#held === null) {
      this.#readHead(bytes, from, to);
    } else {
      const joined = Buffer.concat([this.#held, bytes.subarray(from, to)]);
      this.#held = null;
      this.#readHead(joined, 0, joined.length);
    }
  }

  #hold(bytes: Buffer, from: number, to: number): void {
    const more = bytes.subarray(from, to);
    this.#held = this.#held === null ? Buffer.from(more) : Buffer.concat([this.#held, more]);
  }

  /** Reads a head from `bytes[from, to)`, or holds what there is of it. */
  #readHead(bytes: Buffer, from: number, to: number): void {
    const { limits } = this.#plan;
    // One empty line before a request is forgiven, because old clients send one after a body (RFC 9112 §2.2).
    const start = bytes[from] === CR && bytes[from + 1] === LF ? from + 2 : from;
    if (start === to) return;
    const end = headEnd(bytes, start, to);
    if ((end === -1 ? to : end) - start > limits.headerBytes) {
      this.#refuse(this.#isLongLine(bytes, start, to) ? 'TARGET_TOO_LONG' : 'HEAD_TOO_LARGE');
      return;
    }
    if (end === -1) {
      if (!mayBecomeHead(bytes, start, to) && !(to - start === 1 && bytes[start] === CR)) {
        this.#refuse('BAD_REQUEST');
        return;
      }
      if (this.#onDeadline !== this.#headTimedOut) this.#await(limits.headerTimeoutMs, this.#headTimedOut);
      this.#hold(bytes, start, to);
      return;
    }
    // Many connections send one request and no other.
    HEAD.memo = this.#requests === 0 ? null : (this.#fieldMemo ??= new FieldMemo());
    const refusal = HEAD.parse(bytes, start, end, limits);
    if (refusal === null) this.#begin(bytes, end, to);
    else if (refusal === 'HTTP_VERSION' && this.#beginsHttp2(bytes, start, end))
      this.#preface?.(bytes.subarray(start, to));
    else this.#refuse(refusal, bytes.toString('latin1', start, start + 5) === 'HEAD ' ? 'HEAD' : '');
  }

  /** The preface of HTTP/2 is made to look like the head of a request (RFC 9113 §3.4). */
  #beginsHttp2(bytes: Buffer, start: number, end: number): boolean {
    return this.#preface !== null && this.#requests === 0 && latin1(bytes, start, end) === PREFACE_HEAD;
  }

  #isLongLine(bytes: Buffer, from: number, to: number): boolean {
    const { targetBytes } = this.#plan.limits;
    const lineEnd = bytes.indexOf('\r\n', from, 'latin1');
    return (lineEnd === -1 ? to : Math.min(lineEnd, to)) - from > targetBytes;
  }

  #begin(bytes: Buffer, bodyStart: number, to: number): void {
    const { framing, headers } = HEAD;
    const { requestLength } = framing;
    this.#requests++;
    this.#mayPersist =
      !this.#isDraining &&
      !this.#ports.isExhausted() &&
      !framing.close &&
      (HEAD.minor === 1 || framing.keepAlive) &&
      this.#requests < this.#plan.limits.requestsPerConnection;
    this.#hasBegunReply = false;
    this.#awaitsContinue = false;
    let rest = bodyStart;
    let body: Body = null;
    if (requestLength > 0 && requestLength <= SMALL_BODY_BYTES && requestLength <= to - bodyStart) {
      rest = bodyStart + requestLength;
      body = latin1(bytes, bodyStart, rest);
    } else if (requestLength !== 0) {
      this.#reader = new BodyReader(framing.chunked ? 'chunked' : requestLength, this, 'BAD_REQUEST');
      this.#awaitsContinue = framing.expectContinue && HEAD.minor === 1;
      body = this.#reader;
    }
    const exchange = this.#newExchange(HEAD, body);
    this.#exchange = exchange;
    if (body === this.#reader && this.#reader !== null) {
      rest = this.#reader.feed(bytes, bodyStart, to);
      if (rest > bodyStart) this.#awaitsContinue = false;
    } else {
      exchange.record.requestBytes = requestLength;
    }
    if (rest < to) this.#hold(bytes, rest, to);
    this.#ports.wheel.clear(this.#deadline);
    if (this.#inputEnded) this.#beginLast();
    if (framing.connectionNames !== null) deleteNamed(headers, framing.connectionNames);
    this.#ports.handle(exchange).then(this.#replied, this.#handlerFailed);
  }

  /** Begins a request that was pipelined before a FIN: what is not here now will not come. */
  #beginLast(): void {
    if (this.#held === null) this.#mayPersist = false;
    if (this.#reader !== null) this.#reader.inputEnded();
    else this.#await(PROBE_AFTER_MS, this.#probe);
  }

  #newExchange(head: RequestHead, body: Body): Exchange {
    const { framing, headers } = head;
    const peer = (this.#peer ??= this.#readPeer());
    const asksUpgrade = framing.upgradeToken && framing.upgrade !== '' && head.minor === 1 && body === null;
    const givenId = this.#isTrusted ? headers.get('x-request-id') : undefined;
    return new Exchange({
      id: givenId ?? this.#ports.newRequestId(),
      method: head.method,
      authority: head.authority,
      host: head.host,
      path: head.path,
      query: head.query,
      version: head.minor === 1 ? '1.1' : '1.0',
      headers,
      body,
      client: this.#isTrusted ? callerOf(headers, peer, this.#plan) : peer,
      peer,
      fromTrustedProxy: this.#isTrusted,
      clientCertificate: this.#clientCertificate,
      arrival: this.#plan.arrival,
      memo: this.#memo,
      upgrade: asksUpgrade ? framing.upgrade : '',
      startedAtMs: this.#ports.wheel.touch(),
      inform: this.#inform,
    });
  }

  #readPeer(): ClientAddress {
    const { remoteAddress = '', remoteFamily, remotePort = 0 } = this.#socket;
    const isMapped = remoteAddress.startsWith('::ffff:') && remoteAddress.includes('.');
    const address = isMapped ? remoteAddress.slice(7) : remoteAddress;
    const peer: ClientAddress = {
      address,
      family: isMapped || remoteFamily === 'IPv4' ? 'ipv4' : 'ipv6',
      port: remotePort,
    };
    this.#isTrusted = this.#plan.isTrusted(peer);
    return peer;
  }

  readonly #inform = (status: number, headers: Headers): void => {
    const exchange = this.#exchange;
    if (exchange === null || exchange.version !== '1.1' || this.#hasBegunReply || this.#isClosing) return;
    this.#socket.write(interimHead(status, headers), 'latin1');
  };

  /** The time of the exchange is over while its reply is on the way. */
  cancelled(code: ErrorCode): void {
    if (this.#exchange !== null) this.#exchange.record.code = code;
    this.#break();
  }

  readonly #handlerFailed = (error: unknown): void => {
    this.#ports.log.error('a request failed in an unforeseen way', { error });
    this.#replied(problem('INTERNAL', this.#exchange?.id ?? ''));
  };

  readonly #replied = (reply: Reply): void => {
    const exchange = this.#exchange;
    if (exchange === null) return;
    exchange.whenCancelled(this);
    exchange.reply = reply;
    exchange.record.status = reply.status;
    if (reply.code !== '') exchange.record.code = reply.code;
    if (this.#isClosing) {
      if (typeof reply.body === 'object') reply.body?.cancel();
      this.#record(exchange);
      return;
    }
    this.#hasBegunReply = true;
    if (exchange.record.attempts > 0)
      exchange.record.repliedMs = this.#ports.wheel.touch() - exchange.startedAtMs;
    if (this.#onDeadline === this.#probe) this.#ports.wheel.clear(this.#deadline);
    if (reply.tunnel === null) this.#write(exchange, reply);
    else this.#tunnel(exchange, reply);
    // Who holds the exchange for long was not there yet when the end was announced.
    if (this.#isDraining) exchange.drain();
  };

  #write(exchange: Exchange, reply: Reply): void {
    // A request body that nobody has read to its end would be taken for the next request.
    if (this.#reader !== null) this.#mayPersist = false;
    const { body } = reply;
    const isBare = isBodiless(reply.status, exchange.method);
    const isUnframed = typeof body === 'object' && body !== null && body.length === UNKNOWN_LENGTH;
    const chunked = isUnframed && exchange.version === '1.1' && !isBare;
    if (isUnframed && !chunked && !isBare) this.#mayPersist = false;
    const head = responseHead(exchange, reply, {
      persist: this.#mayPersist,
      chunked,
      clock: this.#ports.clock,
    });
    if (body === null || typeof body === 'string' || isBare) {
      if (typeof body === 'object') body?.cancel();
      const text = isBare || typeof body !== 'string' ? '' : body;
      this.#socket.write(head + text, 'latin1');
      exchange.record.responseBytes = text.length;
      this.#finish(exchange);
      return;
    }
    this.#writer = new BodyWriter(this.#socket, this, { head, chunked });
    this.#writer.start(body);
  }

  /** After 101 both directions are bytes until each side has ended (RFC 9110 §7.8). */
  #tunnel(exchange: Exchange, reply: Reply): void {
    this.#mayPersist = false;
    this.#socket.setKeepAlive(true, TUNNEL_PROBE_MS);
    const head = responseHead(exchange, reply, {
      persist: true,
      chunked: false,
      clock: this.#ports.clock,
    });
    const reader = new BodyReader('until-close', this, 'CLIENT_CLOSED');
    const held = this.#held;
    this.#held = null;
    this.#reader = reader;
    this.#writer = new BodyWriter(this.#socket, this, { head, chunked: false });
    reply.tunnel?.start(reader);
    if (typeof reply.body === 'object' && reply.body !== null) this.#writer.start(reply.body);
    if (held !== null) reader.feed(held, 0, held.length);
    if (this.#inputEnded) reader.inputEnded();
  }

  // --- the body of the request -------------------------------------------------------------------------------------

  bodyWanted(): void {
    if (this.#awaitsContinue) {
      this.#awaitsContinue = false;
      this.#socket.write(INTERIM_CONTINUE, 'latin1');
    }
    if (this.#hasBegunReply) return;
    if (this.#buffer === SHARED_READ_BUFFER) this.#buffer = takeReadBuffer();
    this.#await(this.#plan.limits.bodyTimeoutMs, this.#bodyTimedOut);
  }

  pauseReading(): void {
    this.#socket.pause();
    if (this.#onDeadline === this.#bodyTimedOut) this.#ports.wheel.clear(this.#deadline);
  }

  resumeReading(): void {
    this.#socket.resume();
    if (this.#onDeadline === this.#bodyTimedOut)
      this.#await(this.#plan.limits.bodyTimeoutMs, this.#bodyTimedOut);
  }

  bufferKept(): void {
    if (this.#buffer !== SHARED_READ_BUFFER) this.#buffer = takeReadBuffer();
  }

  bodyEnded(): void {
    if (this.#exchange !== null) this.#exchange.record.requestBytes = this.#reader?.bytes ?? 0;
    this.#reader = null;
    this.#giveBuffer();
    if (this.#onDeadline === this.#bodyTimedOut) this.#ports.wheel.clear(this.#deadline);
    this.#socket.resume();
    // The end of the other direction was before: see bodyWritten.
    if (this.#hasEndedTunnel && this.#exchange !== null) this.#finish(this.#exchange);
  }

  bytesAfterBody(bytes: Buffer): void {
    this.#hold(bytes, 0, bytes.length);
  }

  bodyCancelled(): void {
    this.#giveBuffer();
    this.#mayPersist = false;
    if (this.#onDeadline === this.#bodyTimedOut) this.#ports.wheel.clear(this.#deadline);
  }

  bodyBroken(): void {
    this.#mayPersist = false;
  }

  // --- the body of the reply ---------------------------------------------------------------------------------------

  bodyWritten(): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    if (this.#writer?.hasLent === true && this.#socket.writableLength > 0) this.#awaitFlush(exchange);
    else this.#bodySent(exchange);
  }

  /** What a body consists of may belong to somebody else again when its exchange is over: not before the kernel has it. */
  #awaitFlush(exchange: Exchange): void {
    this.writeStalled(true);
    this.#socket.write('', (error) => {
      if (error !== null && error !== undefined) return;
      if (this.#exchange !== exchange || this.#isClosing) return;
      this.writeStalled(false);
      this.#bodySent(exchange);
    });
  }

  #bodySent(exchange: Exchange): void {
    exchange.record.responseBytes = this.#writer?.bytes ?? 0;
    this.#writer = null;
    if (exchange.record.status === 101 && this.#reader !== null) {
      // The client may have bytes on the way that the service still reads.
      this.#hasEndedTunnel = true;
      this.#socket.end();
      this.#await(LINGER_MS, this.#lingerOver);
      return;
    }
    this.#finish(exchange);
  }

  bodyAborted(error: GatewayError): void {
    // The head is out: only a broken connection can still tell the client that the body is incomplete.
    if (this.#exchange !== null) this.#exchange.record.code = error.code;
    this.#break();
  }

  writeStalled(isStalled: boolean): void {
    if (isStalled) {
      this.#sentBytes = sentBytes(this.#socket);
      this.#await(this.#plan.limits.bodyTimeoutMs, this.#readerTimedOut);
    } else {
      this.#ports.wheel.clear(this.#deadline);
    }
  }

  // --- the end of an exchange --------------------------------------------------------------------------------------

  #finish(exchange: Exchange): void {
    this.#record(exchange);
    if (!this.#mayPersist) {
      this.#close();
      return;
    }
    this.#await(this.#plan.limits.idleTimeoutMs, this.#closeIdle);
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    if (held.length > MAX_AHEAD_BYTES) this.#socket.resume();
    this.#readHead(held, 0, held.length);
    if (this.#inputEnded && this.#exchange === null) this.#close();
  }

  #record(exchange: Exchange): void {
    this.#exchange = null;
    if (this.#reader !== null) exchange.record.requestBytes = this.#reader.bytes;
    if (this.#writer !== null) exchange.record.responseBytes = this.#writer.bytes;
    this.#writer = null;
    exchange.end();
    this.#ports.ended(exchange, this.#ports.wheel.touch());
  }

  /** Answers a request that never became an exchange, and ends. */
  #refuse(code: ErrorCode, method = ''): void {
    const exchange = refusedExchange({
      id: this.#ports.newRequestId(),
      version: '1.1',
      arrival: this.#plan.arrival,
      peer: (this.#peer ??= this.#readPeer()),
      startedAtMs: this.#ports.wheel.touch(),
    });
    const reply = problem(code, exchange.id, code === 'METHOD_NOT_ALLOWED' ? ALLOWED : {});
    exchange.record.status = reply.status;
    exchange.record.code = code;
    this.#mayPersist = false;
    const text = responseHead(exchange, reply, {
      persist: false,
      chunked: false,
      clock: this.#ports.clock,
    });
    const body = method === 'HEAD' || typeof reply.body !== 'string' ? '' : reply.body;
    this.#socket.write(text + body, 'latin1');
    this.#record(exchange);
    this.#close();
  }

  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#held = null;
    this.#giveBuffer();
    this.#socket.end();
    this.#socket.resume();
    this.#lingerUntilMs = this.#ports.wheel.nowMs + this.#plan.limits.bodyTimeoutMs;
    this.#await(LINGER_MS, this.#lingerOver);
  }

  /** Ends in a way that cannot be taken for the end of the reply, as a FIN would be where no framing tells the end. */
  #break(): void {
    if (this.#exchange?.version === '1.0') resetSocket(this.#socket);
    else this.#socket.destroy();
  }

  #giveBuffer(): void {
    if (this.#buffer === SHARED_READ_BUFFER) return;
    giveReadBuffer(this.#buffer);
    this.#buffer = SHARED_READ_BUFFER;
  }

  // --- deadlines ---------------------------------------------------------------------------------------------------

  #await(afterMs: number, expired: () => void): void {
    this.#onDeadline = expired;
    this.#ports.wheel.set(this.#deadline, afterMs);
  }

  readonly #closeIdle = (): void => this.#close();

  readonly #headTimedOut = (): void => this.#refuse('REQUEST_TIMEOUT');

  readonly #bodyTimedOut = (): void => {
    this.#reader?.fail(new GatewayError('REQUEST_TIMEOUT', 'the request body stopped coming'));
    this.#mayPersist = false;
  };

  /** A client that reads slowly but steadily is left alone. */
  readonly #readerTimedOut = (): void => {
    const sent = sentBytes(this.#socket);
    if (sent > this.#sentBytes) {
      this.#sentBytes = sent;
      this.#await(this.#plan.limits.bodyTimeoutMs, this.#readerTimedOut);
      return;
    }
    if (this.#exchange !== null) this.#exchange.record.code = 'CLIENT_CLOSED';
    this.#break();
  };

  /** A slow client gets as long for the last bytes of a reply as for any others. */
  readonly #lingerOver = (): void => {
    if (this.#socket.writableFinished) this.#socket.destroy();
    else if (this.#ports.wheel.nowMs > this.#lingerUntilMs) resetSocket(this.#socket);
    else this.#await(LINGER_MS, this.#lingerOver);
  };

  /**
   * A FIN may be a client that is gone or one that only has no more to say, and nothing on the wire tells them apart
   * until we send something: to a closed socket the answer is a reset. An interim 100 is what every client understands
   * (RFC 9110 §15.2), so a half-closed client is served and a vanished one is noticed without waiting for the reply.
   */
  readonly #probe = (): void => {
    if (this.#exchange?.version !== '1.1') return;
    this.#socket.write(INTERIM_CONTINUE, 'latin1');
    this.#probes++;
    this.#await(this.#probes % 2 === 1 ? PROBE_AGAIN_MS : PROBE_LATER_MS, this.#probe);
  };
}
