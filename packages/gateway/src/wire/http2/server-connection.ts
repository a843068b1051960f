import type { Socket } from 'node:net';
import type { ErrorCode } from '../../core/errors.ts';
import { Exchange } from '../../core/exchange.ts';
import type { Http2Abuse } from '../../core/http2-abuse.ts';
import type { Clock } from '../../core/ports.ts';
import { problem } from '../../core/problem.ts';
import { Deadline } from '../../core/timing-wheel.ts';
import { resetSocket } from '../accept.ts';
import { ClientEnd } from '../client-end.ts';
import type { Connection } from '../connection.ts';
import { refusedExchange } from '../http1/refused-exchange.ts';
import type { ConnectionOrigin, ConnectionPlan, ConnectionPorts } from '../http1/connection-plan.ts';
import { SHARED_READ_BUFFER } from '../read-buffers.ts';
import { ENHANCE_YOUR_CALM, INTERNAL_ERROR, NO_ERROR, REFUSED_STREAM } from './framing/frames.ts';
import { STREAM_WINDOW_BYTES, type Http2Stream } from './framing/http2-stream.ts';
import {
  ServerSession,
  type Nuisance,
  type SessionLimits,
  type SessionOwner,
} from './framing/server-session.ts';
import { Patience, type CountedAbuse } from './patience.ts';
import { RequestFields } from './request-fields.ts';
import { ServerStream, type StreamOwner } from './server-stream.ts';
import { addHandshake } from './websocket-handshake.ts';

/** What connections of HTTP/2 need besides what all connections need. */
export interface Http2Ports extends ConnectionPorts {
  /** A client did too much of something; its connection is ended. */
  abused(kind: Http2Abuse): void;
}

/** What a session says of a request besides its fields. */
type OpenedHead = Parameters<SessionOwner['opened']>[2];

/** What may be sent instead of TRACE. */
const ALLOWED = { fields: [['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']] } as const;

/** How often a connection looks after its streams and itself, at most and at least. */
const MIN_LOOK_MS = 20;
const MAX_LOOK_MS = 1000;
/** A client that sends more is looked after at once, or it could keep us busy until the next look. */
const LOOK_BYTES = 64 * 1024;
/** How long the last frames may take to leave. */
const LINGER_MS = 2000;
/** Bytes for one of a body: its frames have heads, and messages of gRPC are small. */
const FRAMED = 1.5;
/** What we send in answer to a PING has less. */
const PONG_BYTES = 64;
/** Of what was sent to a client, the part that its WINDOW_UPDATE frames may be as large as. */
const ANSWER_SHARE = 1 / 32;

/** Of one connection: to begin a request may cost a connection to a service. */
const BEGUN_AT_ONCE = 20;

/** Above what is answered with 431, so that nearly everybody hears that. */
const HEADER_SLACK = 2;
/** Pieces of a cookie count for one field. */
const COOKIE_PIECES = 100;

/** Parsing is synchronous, so one parser serves all connections of the thread. */
const HEAD = new RequestFields();

/**
 * One client connection with HTTP/2 (RFC 9113): an exchange on every stream. Frames, header compression and windows are
 * the session's; who may ask how much, and what a request means, is decided here as on HTTP/1.1.
 *
 * One deadline for all: the connection looks after its streams several times within every limit, instead of setting and
 * unsetting a deadline for each of them.
 */
export class Http2Connection implements Connection, StreamOwner, SessionOwner {
  readonly clock: Clock;
  readonly #socket: Socket;
  readonly #session: ServerSession;
  readonly #ports: Http2Ports;
  readonly #patience: Patience;
  readonly #deadline = new Deadline(() => this.#look());
  readonly #streams = new Set<ServerStream>();
  /** Requests that have come and not begun. */
  #fresh: ServerStream[] = [];
  readonly #client: ClientEnd;
  #plan: ConnectionPlan;
  #requests = 0;
  #isDraining = false;
  isEnding = false;
  #isOver = false;
  #destroyAtMs = Infinity;
  /** How long a client that did nothing wrong may take for what was sent to it. */
  #partUntilMs = 0;
  #idleSinceMs: number;
  /** Bytes that the client had reason to send, but for the windows of answers under way. */
  #expectedBytes = STREAM_WINDOW_BYTES;
  #countedBytes = 0;
  /** Bytes that have come since the last look. */
  #newBytes = 0;
  /** Bytes that were sent when the last PING came. */
  #sentAtPing = 0;

  constructor(
    socket: Socket,
    plan: ConnectionPlan,
    ports: Http2Ports,
    origin: Omit<ConnectionOrigin, 'preface'>,
  ) {
    this.#socket = socket;
    this.#plan = plan;
    this.#ports = ports;
    this.clock = ports.clock;
    this.#client = new ClientEnd(socket, plan, origin);
    this.#patience = new Patience(() => ports.wheel.nowMs);
    this.#idleSinceMs = ports.wheel.nowMs;
    this.#session = new ServerSession(socket, sessionLimits(plan), this);
    this.#wait();
  }

  replan(plan: ConnectionPlan): void {
    this.#plan = plan;
    this.#client.replan(plan);
  }

  readBuffer(): Buffer {
    return SHARED_READ_BUFFER;
  }

  /** What still comes after the end is not looked at. Never throws. */
  received(count: number, bytes: Buffer): void {
    if (this.#isOver) return;
    try {
      this.#session.received(bytes, count);
      this.#beginFresh();
      this.#newBytes += count;
      if (this.#newBytes > LOOK_BYTES) this.#countChatter();
      // Who does not read what we write is not heard either, or answers would pile up without bound.
      if (this.#session.outbox.isFull) this.#socket.pause();
    } catch (error) {
      this.#ports.log.error('a connection failed', { error });
      this.#end(INTERNAL_ERROR);
    }
  }

  /** Who ends its side cannot open a window or reset a stream any more: nobody does that but who is gone. */
  inputEnded(): void {
    this.#end(NO_ERROR);
  }

  drained(): void {
    this.#socket.resume();
    this.#session.sendWaiting();
  }

  closed(): void {
    this.#isOver = true;
    this.#ports.wheel.remove(this.#deadline);
    this.#session.lost();
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
    if (isIdle) this.#part();
    return isIdle;
  }

  // --- streams -----------------------------------------------------------------------------------------------------

  opened(stream: Http2Stream, pairs: readonly string[], { ends, isTooLarge }: OpenedHead): void {
    // Those that were reset count until their work has ended, or resets would be a way to have any number at once.
    if (this.#streams.size >= this.#plan.limits.http2.maxConcurrentStreams) {
      this.#count('refused', 1);
      stream.reset(REFUSED_STREAM);
      return;
    }
    this.#requests++;
    const refusal = isTooLarge ? 'HEAD_TOO_LARGE' : HEAD.parse(pairs, ends, this.#plan.limits);
    this.#expectedBytes += HEAD.bytes + (ends ? 0 : STREAM_WINDOW_BYTES);
    if (refusal === 'MALFORMED') {
      this.#session.refuseMalformed(stream);
      return;
    }
    const mine = new ServerStream(stream, this);
    this.#streams.add(mine);
    if (refusal !== null) this.#refuse(mine, refusal, isForHead(pairs));
    else this.#prepare(mine, ends);
    if (this.#requests >= this.#plan.limits.requestsPerConnection || this.#ports.isExhausted())
      this.#goAway();
  }

  #prepare(stream: ServerStream, ends: boolean): void {
    const exchange = this.#newExchange(stream);
    stream.begin(exchange);
    if (!ends && exchange.upgrade === '') stream.expect(HEAD.length, HEAD.expectsContinue);
    this.#fresh.push(stream);
  }

  /**
   * Requests begin when all that was read with them is known: a small body is text by then, which costs less and can be sent
   * twice, and one that was reset at once asks nobody. Of very many the last begin later, so that others have their turn.
   */
  readonly #beginFresh = (): void => {
    const fresh = this.#fresh;
    if (fresh.length === 0) return;
    this.#fresh = fresh.length > BEGUN_AT_ONCE ? fresh.splice(BEGUN_AT_ONCE) : [];
    for (const stream of fresh) {
      const exchange = stream.withBody();
      if (exchange === null) continue;
      if (exchange.cancelled === null) this.#handle(stream, exchange);
      else stream.replied(problem(exchange.cancelled, exchange.id));
    }
    if (this.#fresh.length > 0) setImmediate(this.#beginFresh);
  };

  #handle(stream: ServerStream, exchange: Exchange): void {
    this.#ports.handle(exchange).then(stream.replied, (error: unknown) => {
      this.#ports.log.error('a request failed in an unforeseen way', { error });
      stream.replied(problem('INTERNAL', exchange.id));
    });
  }

  #newExchange(stream: ServerStream): Exchange {
    const { headers } = HEAD;
    const client = this.#client;
    const isTunnel = HEAD.protocol !== '';
    if (isTunnel) addHandshake(headers);
    return new Exchange({
      id: client.idOf(headers) ?? this.#ports.newRequestId(),
      method: isTunnel ? 'GET' : HEAD.method,
      authority: HEAD.authority,
      host: HEAD.host,
      path: HEAD.path,
      query: HEAD.query,
      version: '2',
      headers,
      body: null,
      client: client.clientOf(headers),
      peer: client.peer,
      fromTrustedProxy: client.isTrusted,
      clientCertificate: client.certificate,
      arrival: this.#plan.arrival,
      memo: client.memo,
      upgrade: HEAD.protocol,
      startedAtMs: this.#ports.wheel.touch(),
      inform: stream.inform,
    });
  }

  /** Answers a request that never became an exchange; the others on this connection go on. */
  #refuse(stream: ServerStream, code: ErrorCode, isHead: boolean): void {
    const exchange = refusedExchange({
      id: this.#ports.newRequestId(),
      version: '2',
      arrival: this.#plan.arrival,
      peer: this.#client.peer,
      startedAtMs: this.#ports.wheel.touch(),
    });
    stream.begin(exchange);
    const reply = problem(code, exchange.id, code === 'METHOD_NOT_ALLOWED' ? ALLOWED : {});
    stream.replied(isHead ? { ...reply, body: null } : reply);
  }

  nowMs(): number {
    return this.#ports.wheel.touch();
  }

  bodyCame(bytes: number): void {
    this.#expectedBytes += bytes * FRAMED;
  }

  streamReset(): void {
    this.#count('reset', 1);
  }

  streamOver(stream: ServerStream, exchange: Exchange): void {
    this.#expectedBytes += exchange.record.responseBytes * ANSWER_SHARE;
    const endedAtMs = this.#ports.wheel.touch();
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.#idleSinceMs = endedAtMs;
    this.#ports.ended(exchange, endedAtMs);
  }

  // --- limits ------------------------------------------------------------------------------------------------------

  #count(kind: CountedAbuse, amount: number): void {
    if (!this.#isOver && this.#patience.isOver(kind, amount)) this.#calmDown(kind);
  }

  counted(kind: Nuisance): void {
    if (kind !== 'ping' || !this.#isAnswering()) this.#count(kind, 1);
  }

  /** Clients of gRPC measure the line with PINGs while answers come, as often as these: only those without a reason count. */
  #isAnswering(): boolean {
    const { bytesWritten } = this.#socket;
    const isAnswering = bytesWritten - this.#sentAtPing > PONG_BYTES;
    this.#sentAtPing = bytesWritten;
    return isAnswering;
  }

  #calmDown(kind: CountedAbuse): void {
    this.#ports.abused(kind === 'invalid' || kind === 'idle' ? 'frames' : kind);
    this.#end(ENHANCE_YOUR_CALM);
  }

  broken(): void {
    this.#ports.abused('frames');
    this.#end(NO_ERROR);
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
      this.#lingerOver(nowMs);
      return;
    }
    this.#wait();
    if (this.#isOver) return;
    this.#countChatter();
    for (const stream of this.#streams)
      if (stream.hasStalled(nowMs, bodyTimeoutMs)) this.#ports.abused('stalled');
    if (this.#streams.size === 0 && nowMs - this.#idleSinceMs >= idleTimeoutMs) this.#goAway();
  }

  #countChatter(): void {
    this.#newBytes = 0;
    this.#count('chatter', this.#unexpectedBytes());
  }

  /** What has come since the last look beyond what the streams of the client explain. */
  #unexpectedBytes(): number {
    let expected = this.#expectedBytes;
    for (const { responseBytes } of this.#streams) expected += responseBytes * ANSWER_SHARE;
    const unexpected = Math.max(0, this.#socket.bytesRead - expected);
    const isNew = Math.max(0, unexpected - this.#countedBytes);
    this.#countedBytes = unexpected;
    return isNew;
  }

  // --- the end -----------------------------------------------------------------------------------------------------

  /** No new streams: the client repeats those that it has sent in the meantime somewhere else (RFC 9113 §6.8). */
  #goAway(): void {
    if (this.#isDraining || this.#isOver) return;
    this.#isDraining = true;
    this.#session.goAway();
    if (this.#streams.size === 0) this.#part();
  }

  idle(): void {
    if (this.#isDraining) this.#part();
  }

  /** Ends it in good order: the last answer may still be on its way, and a reset would overtake it. */
  #part(): void {
    if (!this.#isOver) this.#partUntilMs = this.#ports.wheel.nowMs + this.#plan.limits.bodyTimeoutMs;
    this.#end(NO_ERROR);
  }

  /**
   * What the kernel has taken is not with the client yet. As long as it reads, it sends WINDOW_UPDATE frames, and a socket that is
   * closed answers these with a reset, which loses the rest: so who parts in good order listens until the client ends too.
   */
  #lingerOver(nowMs: number): void {
    if (nowMs < this.#partUntilMs) {
      this.#destroyAtMs = Math.min(nowMs + LINGER_MS, this.#partUntilMs);
      this.#wait();
    } else if (this.#partUntilMs > 0 && this.#socket.writableFinished) {
      this.#socket.destroy();
    } else {
      resetSocket(this.#socket);
    }
  }

  /** A client that does not take the last frames does not hold the socket for long. */
  #end(code: number): void {
    this.#isOver = true;
    this.#session.end(code);
    if (this.#socket.destroyed || this.#destroyAtMs !== Infinity) return;
    this.#destroyAtMs = this.#ports.wheel.nowMs + LINGER_MS;
    this.#socket.resume();
    this.#wait();
  }
}

/** Whether the answer has no body, also where nothing else of the request was understood. */
function isForHead(pairs: readonly string[]): boolean {
  return pairs[pairs.indexOf(':method') + 1] === 'HEAD';
}

function sessionLimits({ limits }: ConnectionPlan): SessionLimits {
  return {
    bytes: limits.headerBytes * HEADER_SLACK + limits.targetBytes,
    fields: limits.headerCount * HEADER_SLACK + COOKIE_PIECES,
    maxConcurrentStreams: limits.http2.maxConcurrentStreams,
  };
}
