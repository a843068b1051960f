import type { Socket } from 'node:net';
import { UNKNOWN_LENGTH, type Body } from '../../core/body.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import { Exchange, type Reply } from '../../core/exchange.ts';
import { deleteNamed, type Headers } from '../../core/headers.ts';
import { isBodiless } from '../../core/http/status.ts';
import { latin1 } from '../../core/latin1.ts';
import { problem } from '../../core/problem.ts';
import { resetSocket } from '../accept.ts';
import { ClientEnd } from '../client-end.ts';
import type { Connection } from '../connection.ts';
import { BodyReader, type BodyReaderOwner } from './body-reader.ts';
import { CR, LF } from './bytes.ts';
import { ClientPatience } from './client-patience.ts';
import { ConnectionDeadline } from './connection-deadline.ts';
import type { ConnectionOrigin, ConnectionPlan, ConnectionPorts } from './connection-plan.ts';
import { Farewell, TUNNEL_PATIENCE_MS } from './farewell.ts';
import { PresenceProbe } from './presence-probe.ts';
import { refusedExchange } from './refused-exchange.ts';
import type { RequestHead } from './request-head.ts';
import { ReplySender, type ReplySenderOwner } from './reply-sender.ts';
import { HEAD, isHttp2Preface, RequestIntake } from './request-intake.ts';
import { INTERIM_CONTINUE, interimHead, responseHead } from './response-text.ts';

/** A body that is complete with its head and not larger is kept as text: it can be joined to a head, and sent twice. */
const SMALL_BODY_BYTES = 16 * 1024;
/** What a client may send ahead of the answer it waits for. */
const MAX_AHEAD_BYTES = 64 * 1024;
/** After so many requests that waited here for the one before, all others of the thread have their turn. */
const BEGUN_AT_ONCE = 20;
/** After so long without a byte in a tunnel the kernel asks whether the other end is there: nothing else may ever tell. */
const TUNNEL_PROBE_MS = 60_000;

/** What may be sent here instead of TRACE, which no route gets to see (RFC 9110 §15.5.6). */
const ALLOWED = { fields: [['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']] } as const;

/**
 * One client connection: reads requests, has them handled one after the other, writes the replies (RFC 9112 §9).
 *
 * One exchange at a time; what a client pipelines waits. What is read goes through a {@link RequestIntake}, a body that streams
 * back through a {@link ReplySender}; here is the life of the exchanges between them. Everything that goes wrong before a request is understood is
 * answered once and ends the connection.
 */
export class ServerConnection implements Connection, BodyReaderOwner, ReplySenderOwner {
  readonly #socket: Socket;
  #plan: ConnectionPlan;
  readonly #ports: ConnectionPorts;
  readonly #deadline: ConnectionDeadline;
  readonly #intake = new RequestIntake();
  #patience: ClientPatience | null = null;
  readonly #client: ClientEnd;
  readonly #preface: ConnectionOrigin['preface'];
  #exchange: Exchange | null = null;
  #reader: BodyReader | null = null;
  #sender: ReplySender | null = null;
  #probe: PresenceProbe | null = null;
  #farewell: Farewell | null = null;
  #requests = 0;
  #mayPersist = true;
  #awaitsContinue = false;
  #hasBegunReply = false;
  #isDraining = false;
  #inputEnded = false;
  /** What has come waits: until the client takes its answers, or others had their turn. */
  #isBehind = false;
  #begunAtOnce = 0;
  #isClosing = false;
  #hasEndedTunnel = false;

  constructor(socket: Socket, plan: ConnectionPlan, ports: ConnectionPorts, origin: ConnectionOrigin) {
    this.#socket = socket;
    this.#plan = plan;
    this.#ports = ports;
    this.#client = new ClientEnd(socket, plan, origin);
    this.#preface = origin.preface;
    this.#deadline = new ConnectionDeadline(ports.wheel);
    this.#awaitRequest();
  }

  replan(plan: ConnectionPlan): void {
    this.#plan = plan;
    this.#client.replan(plan);
  }

  /** The buffer for the next read. */
  readBuffer(): Buffer {
    return this.#intake.buffer;
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
    if (this.#reader !== null) {
      this.#reader.inputEnded();
      return;
    }
    if (this.#isBehind) return;
    if (this.#exchange === null) this.#close();
    else if (!this.#hasBegunReply) this.#watchClient(this.#exchange);
  }

  /** The socket has room again. */
  drained(): void {
    this.#sender?.writer.drained();
    this.#catchUp();
  }

  /** The socket is gone, in whatever way. */
  closed(): void {
    this.#isClosing = true;
    this.#deadline.remove();
    this.#reader?.fail(new GatewayError('CLIENT_CLOSED', 'the client closed the connection'));
    this.#reader = null;
    const exchange = this.#exchange;
    if (exchange !== null) {
      if (!this.#hasBegunReply) {
        exchange.cancel('CLIENT_CLOSED');
      } else {
        this.#sender?.writer.cancel();
        if (exchange.record.code === '') exchange.record.code = 'CLIENT_CLOSED';
        this.#record(exchange);
      }
    }
    this.#intake.giveBuffer();
  }

  /** Ends politely: the exchange under way, or the next one, is the last. */
  drain(): void {
    this.#isDraining = true;
    this.#mayPersist = false;
    this.#exchange?.drain();
  }

  get isIdle(): boolean {
    return this.#exchange === null && this.#intake.heldBytes === 0;
  }

  /** Ends now if nothing is under way; tells whether it did. */
  closeIfIdle(): boolean {
    const { isIdle } = this;
    if (isIdle) this.#close();
    return isIdle;
  }

  /** What was pipelined before a FIN is still answered, and nothing follows it. */
  get #isLast(): boolean {
    return this.#inputEnded && this.#intake.heldBytes === 0;
  }

  #take(bytes: Buffer, from: number, to: number): void {
    if (this.#isClosing) {
      this.#farewell?.heard(to - from);
    } else if (this.#reader !== null) {
      if (this.#deadline.isFor(this.#bodyTimedOut)) this.#awaitBody();
      const at = this.#reader.feed(bytes, from, to);
      if (at < to) this.#intake.hold(bytes, at, to);
    } else if (this.#exchange !== null || this.#isBehind) {
      this.#intake.hold(bytes, from, to);
      if (this.#intake.heldBytes > MAX_AHEAD_BYTES) this.#socket.pause();
    } else if (this.#intake.heldBytes === 0 && !this.#socket.writableNeedDrain) {
      this.#readHead(bytes, from, to);
    } else {
      this.#intake.hold(bytes, from, to);
      this.#readOn();
    }
  }

  /**
   * Reads on where the last request ended, or its head stopped. Neither what a client sends ahead piles up in memory, nor the
   * answers that it does not take.
   */
  #readOn(): void {
    this.#isBehind = this.#socket.writableNeedDrain;
    if (this.#isBehind) {
      this.#socket.pause();
      this.replyStalled(true);
      return;
    }
    if (++this.#begunAtOnce > BEGUN_AT_ONCE) {
      this.#begunAtOnce = 0;
      this.#isBehind = true;
      setImmediate(this.#catchUp);
      return;
    }
    const held = this.#intake.takeHeld();
    if (held !== null) this.#readHead(held, 0, held.length);
    if (this.#exchange === null || this.#intake.heldBytes <= MAX_AHEAD_BYTES) this.#socket.resume();
    if (this.#inputEnded && this.#exchange === null) this.#close();
  }

  readonly #catchUp = (): void => {
    if (!this.#isBehind || this.#isClosing) return;
    if (!this.#deadline.isFor(this.#headTimedOut)) this.#awaitRequest();
    this.#readOn();
  };

  #readHead(bytes: Buffer, from: number, to: number): void {
    const { limits } = this.#plan;
    // One empty line before a request is forgiven, because old clients send one after a body (RFC 9112 §2.2).
    const start = bytes[from] === CR && bytes[from + 1] === LF ? from + 2 : from;
    if (start === to) return;
    const found = this.#intake.readHead(bytes, start, to, limits);
    if (found === 'whole') {
      this.#begin(bytes, this.#intake.headEnd, to);
    } else if (found === 'part') {
      if (!this.#deadline.isFor(this.#headTimedOut))
        this.#deadline.set(limits.headerTimeoutMs, this.#headTimedOut);
    } else if (
      found === 'HTTP_VERSION' &&
      this.#requests === 0 &&
      this.#preface !== null &&
      this.#isPreface(bytes, start)
    ) {
      this.#preface(bytes.subarray(start, to));
    } else {
      this.#refuse(found, latin1(bytes, start, Math.min(to, start + 5)) === 'HEAD ' ? 'HEAD' : '');
    }
  }

  #isPreface(bytes: Buffer, start: number): boolean {
    return isHttp2Preface(bytes, start, this.#intake.headEnd);
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
    if (rest < to) this.#intake.hold(bytes, rest, to);
    this.#deadline.clear();
    if (this.#inputEnded) this.#beginLast(exchange);
    if (framing.connectionNames !== null) deleteNamed(headers, framing.connectionNames);
    this.#ports.handle(exchange).then(this.#replied, this.#handlerFailed);
  }

  /** Begins a request that was pipelined before a FIN: what is not here now will not come. */
  #beginLast(exchange: Exchange): void {
    if (this.#reader !== null) this.#reader.inputEnded();
    else this.#watchClient(exchange);
  }

  /** Only clients of HTTP/1.1 understand what it is asked with. */
  #watchClient({ version }: Exchange): void {
    if (version !== '1.1') return;
    this.#probe ??= new PresenceProbe(this.#socket, this.#deadline);
    this.#probe.start();
  }

  #newExchange(head: RequestHead, body: Body): Exchange {
    const { framing, headers } = head;
    const client = this.#client;
    const asksUpgrade = framing.upgradeToken && framing.upgrade !== '' && head.minor === 1 && body === null;
    return new Exchange({
      id: client.idOf(headers) ?? this.#ports.newRequestId(),
      method: head.method,
      authority: head.authority,
      host: head.host,
      path: head.path,
      query: head.query,
      version: head.minor === 1 ? '1.1' : '1.0',
      headers,
      body,
      client: client.clientOf(headers),
      peer: client.peer,
      fromTrustedProxy: client.isTrusted,
      clientCertificate: client.certificate,
      arrival: this.#plan.arrival,
      memo: client.memo,
      upgrade: asksUpgrade ? framing.upgrade : '',
      startedAtMs: this.#ports.wheel.touch(),
      inform: this.#inform,
    });
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
    this.#probe?.stop();
    if (reply.tunnel === null) this.#write(exchange, reply);
    else this.#tunnel(exchange, reply);
    // Who holds the exchange for long was not there yet when the end was announced.
    if (this.#isDraining) exchange.drain();
  };

  #write(exchange: Exchange, reply: Reply): void {
    // A request body that nobody has read to its end would be taken for the next request.
    if (this.#reader !== null || this.#isLast) this.#mayPersist = false;
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
    this.#newSender({ head, chunked }).start(body);
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
    const held = this.#intake.takeHeld();
    this.#reader = reader;
    const sender = this.#newSender({ head, chunked: false });
    reply.tunnel?.start(reader);
    if (typeof reply.body === 'object' && reply.body !== null) sender.start(reply.body);
    if (held !== null) reader.feed(held, 0, held.length);
    if (this.#inputEnded) reader.inputEnded();
  }

  #newSender(framing: { readonly head: string; readonly chunked: boolean }): ReplySender {
    this.#sender = new ReplySender(this.#socket, this, framing);
    return this.#sender;
  }

  // --- the body of the request -------------------------------------------------------------------------------------

  bodyWanted(): void {
    if (this.#awaitsContinue) {
      this.#awaitsContinue = false;
      this.#socket.write(INTERIM_CONTINUE, 'latin1');
    }
    if (this.#hasBegunReply) return;
    this.#intake.useOwnBuffer();
    this.#awaitBody();
  }

  pauseReading(): void {
    this.#socket.pause();
    this.#awaitNoBody();
  }

  resumeReading(): void {
    this.#socket.resume();
    if (this.#deadline.isFor(this.#bodyTimedOut)) this.#awaitBody();
  }

  bufferKept(): void {
    this.#intake.changeBuffer();
  }

  bodyEnded(): void {
    if (this.#exchange !== null) this.#exchange.record.requestBytes = this.#reader?.bytes ?? 0;
    this.#reader = null;
    this.#intake.giveBuffer();
    this.#awaitNoBody();
    this.#socket.resume();
    // The end of the other direction was before: see replySent.
    if (this.#hasEndedTunnel && this.#exchange !== null) this.#finish(this.#exchange);
  }

  bytesAfterBody(bytes: Buffer): void {
    this.#intake.hold(bytes, 0, bytes.length);
  }

  bodyCancelled(): void {
    this.#intake.giveBuffer();
    this.#mayPersist = false;
    this.#awaitNoBody();
  }

  bodyBroken(): void {
    this.#mayPersist = false;
  }

  #awaitBody(): void {
    this.#deadline.set(this.#plan.limits.bodyTimeoutMs, this.#bodyTimedOut);
  }

  #awaitNoBody(): void {
    if (this.#deadline.isFor(this.#bodyTimedOut)) this.#deadline.clear();
  }

  // --- the body of the reply ---------------------------------------------------------------------------------------

  replyStalled(isStalled: boolean): void {
    this.#patience ??= new ClientPatience(this.#socket, this.#deadline, this.#clientTimedOut);
    if (isStalled) this.#patience.begin(this.#plan.limits.bodyTimeoutMs);
    else this.#patience.end();
  }

  replySent(): void {
    const exchange = this.#exchange;
    if (exchange === null || this.#isClosing) return;
    exchange.record.responseBytes = this.#sender?.writer.bytes ?? 0;
    this.#dropSender();
    if (exchange.record.status === 101 && this.#reader !== null) {
      // The client may have bytes on the way that the service still reads.
      this.#hasEndedTunnel = true;
      this.#sayFarewell(TUNNEL_PATIENCE_MS);
      return;
    }
    this.#finish(exchange);
  }

  replyBroken(code: ErrorCode): void {
    if (this.#exchange !== null) this.#exchange.record.code = code;
    this.#break();
  }

  #dropSender(): void {
    this.#sender?.end();
    this.#sender = null;
  }

  // --- the end of an exchange --------------------------------------------------------------------------------------

  #finish(exchange: Exchange): void {
    this.#record(exchange);
    if (!this.#mayPersist || this.#isLast) {
      this.#close();
      return;
    }
    this.#awaitRequest();
    if (this.#intake.heldBytes > 0) this.#readOn();
  }

  #record(exchange: Exchange): void {
    this.#exchange = null;
    if (this.#reader !== null) exchange.record.requestBytes = this.#reader.bytes;
    if (this.#sender !== null) exchange.record.responseBytes = this.#sender.writer.bytes;
    this.#dropSender();
    exchange.end();
    this.#ports.ended(exchange, this.#ports.wheel.touch());
  }

  /** Answers a request that never became an exchange, and ends. */
  #refuse(code: ErrorCode, method = ''): void {
    const exchange = refusedExchange({
      id: this.#ports.newRequestId(),
      version: '1.1',
      arrival: this.#plan.arrival,
      peer: this.#client.peer,
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
    this.#intake.takeHeld();
    this.#intake.giveBuffer();
    this.#sayFarewell(this.#plan.limits.bodyTimeoutMs);
    this.#socket.resume();
  }

  #sayFarewell(patienceMs: number): void {
    this.#farewell = new Farewell(this.#socket, this.#deadline, { wheel: this.#ports.wheel, patienceMs });
  }

  /** Ends in a way that cannot be taken for the end of the reply, as a FIN would be where no framing tells the end. */
  #break(): void {
    if (this.#exchange?.version === '1.0') resetSocket(this.#socket);
    else this.#socket.destroy();
  }

  // --- deadlines ---------------------------------------------------------------------------------------------------

  #awaitRequest(): void {
    this.#deadline.set(this.#plan.limits.idleTimeoutMs, this.#closeIdle);
  }

  readonly #closeIdle = (): void => this.#close();

  readonly #clientTimedOut = (): void => this.replyBroken('CLIENT_CLOSED');

  readonly #headTimedOut = (): void => this.#refuse('REQUEST_TIMEOUT');

  readonly #bodyTimedOut = (): void => {
    this.#reader?.fail(new GatewayError('REQUEST_TIMEOUT', 'the request body stopped coming'));
    this.#mayPersist = false;
  };
}
