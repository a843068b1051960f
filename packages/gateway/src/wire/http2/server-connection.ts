import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { ErrorCode } from '../../core/errors.ts';
import { Exchange, type ClientAddress, type ConnectionMemo } from '../../core/exchange.ts';
import type { Http2Abuse } from '../../core/http2-abuse.ts';
import { callerOf } from '../../core/http/forwarded.ts';
import type { Clock } from '../../core/ports.ts';
import { problem } from '../../core/problem.ts';
import { Deadline } from '../../core/timing-wheel.ts';
import { resetSocket } from '../accept.ts';
import type { Connection } from '../connection.ts';
import { refusedExchange } from '../http1/refused-exchange.ts';
import type { ConnectionOrigin, ConnectionPlan, ConnectionPorts } from '../http1/server-connection.ts';
import { SHARED_READ_BUFFER } from '../read-buffers.ts';
import { Patience, type CountedAbuse } from './patience.ts';
import { RequestFields } from './request-fields.ts';
import { verdictOf, sessionOptions, CONNECTION_WINDOW_BYTES, STREAM_WINDOW_BYTES } from './server-options.ts';
import { ServerStream, type StreamOwner } from './server-stream.ts';
import { addHandshake } from './websocket-handshake.ts';

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_FLAG_END_STREAM, NGHTTP2_REFUSED_STREAM } = constants;

/** What connections of HTTP/2 need besides what all connections need. */
export interface Http2Ports extends ConnectionPorts {
  /** A client did too much of something; its connection is ended. */
  abused(kind: Http2Abuse): void;
}

/** What may be sent instead of TRACE. */
const ALLOWED = { fields: [['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']] } as const;

/** How often a connection looks after its streams and itself, at most and at least. */
const MIN_LOOK_MS = 20;
const MAX_LOOK_MS = 1000;
/** How long the last frames may take to leave. */
const LINGER_MS = 2000;
/** Bytes for one of a body: its frames have heads, and messages of gRPC are small. */
const FRAMED = 1.5;
/** What we send in answer to a PING has less. */
const PONG_BYTES = 64;
/** Of what was sent to a client, the part that its WINDOW_UPDATE frames may be as large as. */
const ANSWER_SHARE = 1 / 32;

/** Parsing is synchronous, so one parser serves all connections of the thread. */
const HEAD = new RequestFields();

/**
 * One client connection with HTTP/2 (RFC 9113): an exchange on every stream. Frames, header compression and windows are
 * nghttp2's; who may ask how much, and what a request means, is decided here as on HTTP/1.1.
 *
 * One deadline for all: the connection looks after its streams several times within every limit, instead of setting and
 * unsetting a deadline for each of them.
 */
export class Http2Connection implements Connection, StreamOwner {
  readonly clock: Clock;
  readonly #socket: Socket;
  readonly #session: ServerHttp2Session;
  readonly #ports: Http2Ports;
  readonly #patience: Patience;
  readonly #deadline = new Deadline(() => this.#look());
  readonly #streams = new Set<ServerStream>();
  readonly #memo: ConnectionMemo = { forwarding: null, logged: null };
  readonly #isTold: boolean;
  readonly #clientCertificate: Uint8Array | null;
  #plan: ConnectionPlan;
  #peer: ClientAddress | null;
  #isTrusted = false;
  #requests = 0;
  #isDraining = false;
  isEnding = false;
  #isOver = false;
  #destroyAtMs = Infinity;
  #idleSinceMs: number;
  /** Bytes that the client had reason to send, without those of the bodies under way. */
  #expectedBytes = STREAM_WINDOW_BYTES;
  #countedBytes = 0;
  /** Bytes that were sent when the last PING came. */
  #sentAtPing = 0;

  /** `socket` may have bytes that were read already and given back. */
  constructor(
    socket: Socket,
    plan: ConnectionPlan,
    ports: Http2Ports,
    { peer, clientCertificate }: Pick<ConnectionOrigin, 'peer' | 'clientCertificate'>,
  ) {
    this.#socket = socket;
    this.#plan = plan;
    this.#ports = ports;
    this.clock = ports.clock;
    this.#isTold = peer !== null;
    this.#peer = peer;
    this.#clientCertificate = clientCertificate;
    this.#patience = new Patience(() => ports.wheel.nowMs);
    this.#idleSinceMs = ports.wheel.nowMs;
    this.#session = performServerHandshake(socket, sessionOptions(plan.limits));
    this.#session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    this.#listen();
    this.#wait();
  }

  replan(plan: ConnectionPlan): void {
    this.#plan = plan;
    this.#memo.forwarding = null;
    if (!this.#isTold && this.#peer !== null) this.#isTrusted = plan.isTrusted(this.#peer);
  }

  /** Reads go to nghttp2. */
  readBuffer(): Buffer {
    return SHARED_READ_BUFFER;
  }

  /** What still comes after the end is not looked at. */
  received(): void {}

  /** Who ends its side cannot open a window or reset a stream any more: nobody does that but who is gone. */
  inputEnded(): void {
    this.#destroy();
  }

  drained(): void {}

  closed(): void {
    this.#isOver = true;
    this.#ports.wheel.remove(this.#deadline);
    // As a rule the session has ended its streams already.
    for (const stream of this.#streams) stream.closed();
  }

  /** Those that are under way are the last; who holds one for long says goodbye. */
  drain(): void {
    this.#goAway();
    this.isEnding = true;
    for (const stream of this.#streams) stream.drain();
  }

  get isIdle(): boolean {
    return this.#streams.size === 0;
  }

  closeIfIdle(): boolean {
    const { isIdle } = this;
    if (isIdle) this.#destroy();
    return isIdle;
  }

  // --- streams -----------------------------------------------------------------------------------------------------

  #listen(): void {
    this.#session
      .on('stream', (stream, _headers, flags, raw: unknown) => {
        try {
          this.#accept(stream, flags, raw as readonly string[]);
        } catch (error) {
          this.#ports.log.error('a stream failed', { error });
          stream.close(constants.NGHTTP2_INTERNAL_ERROR);
        }
      })
      .on('ping', () => this.#pinged())
      .on('remoteSettings', () => this.#count('settings', 1))
      .on('error', (error) => {
        if (verdictOf(error) !== null) this.#ports.abused('frames');
      })
      .on('close', () => this.#linger());
    calmly(this.#session);
  }

  #accept(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    stream.on('error', ignore);
    if (this.#isOver) {
      stream.close(NGHTTP2_REFUSED_STREAM);
      return;
    }
    if (stream.closed || stream.destroyed) {
      this.#count('reset', 1);
      return;
    }
    // Those that were reset count until their work has ended, or resets would be a way to have any number at once.
    if (this.#streams.size >= this.#plan.limits.http2.maxConcurrentStreams) {
      this.#count('refused', 1);
      stream.close(NGHTTP2_REFUSED_STREAM);
      return;
    }
    this.#requests++;
    const ends = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    const refusal = HEAD.parse(raw, ends, this.#plan.limits);
    this.#expectedBytes += HEAD.bytes + (ends ? 0 : STREAM_WINDOW_BYTES);
    const mine = new ServerStream(stream, this);
    this.#streams.add(mine);
    if (refusal !== null) this.#refuse(mine, refusal);
    else this.#begin(mine, ends);
    if (this.#requests >= this.#plan.limits.requestsPerConnection || this.#ports.isExhausted())
      this.#goAway();
  }

  #begin(stream: ServerStream, ends: boolean): void {
    const exchange = this.#newExchange(stream, ends);
    stream.begin(exchange);
    this.#ports.handle(exchange).then(stream.replied, (error: unknown) => {
      this.#ports.log.error('a request failed in an unforeseen way', { error });
      stream.replied(problem('INTERNAL', exchange.id));
    });
  }

  #newExchange(stream: ServerStream, ends: boolean): Exchange {
    const { headers } = HEAD;
    const peer = (this.#peer ??= this.#readPeer());
    const isTunnel = HEAD.protocol !== '';
    if (isTunnel) addHandshake(headers);
    const givenId = this.#isTrusted ? headers.get('x-request-id') : undefined;
    return new Exchange({
      id: givenId ?? this.#ports.newRequestId(),
      method: isTunnel ? 'GET' : HEAD.method,
      authority: HEAD.authority,
      host: HEAD.host,
      path: HEAD.path,
      query: HEAD.query,
      version: '2',
      headers,
      body: ends || isTunnel ? null : stream.bodyOf(HEAD.length, HEAD.expectsContinue),
      client: this.#isTrusted ? callerOf(headers, peer, this.#plan) : peer,
      peer,
      fromTrustedProxy: this.#isTrusted,
      clientCertificate: this.#clientCertificate,
      arrival: this.#plan.arrival,
      memo: this.#memo,
      upgrade: HEAD.protocol,
      startedAtMs: this.#ports.wheel.touch(),
      inform: stream.inform,
    });
  }

  /** Answers a request that never became an exchange; the others on this connection go on. */
  #refuse(stream: ServerStream, code: ErrorCode): void {
    const exchange = refusedExchange({
      id: this.#ports.newRequestId(),
      version: '2',
      arrival: this.#plan.arrival,
      peer: (this.#peer ??= this.#readPeer()),
      startedAtMs: this.#ports.wheel.touch(),
    });
    stream.begin(exchange);
    stream.replied(problem(code, exchange.id, code === 'METHOD_NOT_ALLOWED' ? ALLOWED : {}));
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

  get isGone(): boolean {
    return this.#session.destroyed;
  }

  nowMs(): number {
    return this.#ports.wheel.touch();
  }

  streamReset(): void {
    this.#count('reset', 1);
  }

  streamOver(stream: ServerStream, exchange: Exchange): void {
    const { requestBytes, responseBytes } = exchange.record;
    this.#expectedBytes += requestBytes * FRAMED + responseBytes * ANSWER_SHARE;
    const endedAtMs = this.#ports.wheel.touch();
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.#idleSinceMs = endedAtMs;
    this.#ports.ended(exchange, endedAtMs);
  }

  /** Clients of gRPC measure the line with PINGs while answers come, as often as these: only those without a reason count. */
  #pinged(): void {
    const { bytesWritten } = this.#socket;
    const isAnswered = bytesWritten - this.#sentAtPing > PONG_BYTES;
    this.#sentAtPing = bytesWritten;
    if (!isAnswered) this.#count('ping', 1);
  }

  // --- limits ------------------------------------------------------------------------------------------------------

  #count(kind: CountedAbuse, amount: number): void {
    if (!this.#isOver && this.#patience.isOver(kind, amount)) this.#calmDown(kind);
  }

  #calmDown(kind: Http2Abuse): void {
    this.#ports.abused(kind);
    this.#isOver = true;
    for (const stream of this.#streams) stream.abort(NGHTTP2_ENHANCE_YOUR_CALM);
    this.#session.destroy(new Error(`too much: ${kind}`), NGHTTP2_ENHANCE_YOUR_CALM);
    this.#linger();
  }

  #wait(): void {
    const { idleTimeoutMs, bodyTimeoutMs } = this.#plan.limits;
    const everyMs = Math.min(idleTimeoutMs, bodyTimeoutMs) / 4;
    this.#ports.wheel.set(this.#deadline, Math.min(Math.max(everyMs, MIN_LOOK_MS), MAX_LOOK_MS));
  }

  #look(): void {
    const { nowMs } = this.#ports.wheel;
    const { idleTimeoutMs, bodyTimeoutMs } = this.#plan.limits;
    if (nowMs >= this.#destroyAtMs) {
      resetSocket(this.#socket);
      return;
    }
    this.#wait();
    if (this.#isOver) return;
    this.#count('chatter', this.#unexpectedBytes());
    for (const stream of this.#streams)
      if (stream.hasStalled(nowMs, bodyTimeoutMs)) this.#ports.abused('stalled');
    if (this.#streams.size === 0 && nowMs - this.#idleSinceMs >= idleTimeoutMs) this.#goAway();
  }

  /** What has come since the last look beyond what the streams of the client explain. */
  #unexpectedBytes(): number {
    let expected = this.#expectedBytes;
    for (const { requestBytes, responseBytes } of this.#streams)
      expected += requestBytes * FRAMED + responseBytes * ANSWER_SHARE;
    const unexpected = Math.max(0, this.#socket.bytesRead - expected);
    const isNew = Math.max(0, unexpected - this.#countedBytes);
    this.#countedBytes = unexpected;
    return isNew;
  }

  // --- the end -----------------------------------------------------------------------------------------------------

  /** No new streams: the client repeats those that it has sent in the meantime somewhere else (RFC 9113 §6.8). */
  #goAway(): void {
    if (this.#isDraining || this.#session.destroyed) return;
    this.#isDraining = true;
    this.#session.close();
  }

  #destroy(): void {
    this.#isOver = true;
    if (!this.#session.destroyed) this.#session.destroy();
    this.#linger();
  }

  /** A client that does not take the last frames does not hold the socket for long. */
  #linger(): void {
    this.#isOver = true;
    if (this.#socket.destroyed || this.#destroyAtMs !== Infinity) return;
    this.#destroyAtMs = this.#ports.wheel.nowMs + LINGER_MS;
    this.#socket.resume();
    this.#wait();
  }
}

/** nghttp2 and Node.js end a session in which they find too much of something as if the fault were ours. */
function calmly(session: ServerHttp2Session): void {
  const destroy = session.destroy.bind(session);
  session.destroy = (error, code) =>
    destroy(error, error instanceof Error && verdictOf(error) === 'flood' ? NGHTTP2_ENHANCE_YOUR_CALM : code);
}

function ignore(): void {}
