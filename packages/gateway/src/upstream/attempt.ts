import { isWhole, type Body, type BodySource } from '../core/body.ts';
import { NO_PROBE, type Probe } from '../core/endpoint-health.ts';
import { ERRORS, GatewayError, type ErrorCode } from '../core/errors.ts';
import {
  MOST_LOST,
  type AttemptCause,
  type CancelListener,
  type Exchange,
  type LostAttempt,
  type PickReason,
  type Reply,
} from '../core/exchange.ts';
import { appendStatus } from '../core/grpc-refusal.ts';
import { grpcStatusOfHttp, readGrpcStatus } from '../core/grpc-status.ts';
import { deleteNamed, Headers } from '../core/headers.ts';
import { isEndless } from '../core/http/endless.ts';
import { takesTrailers } from '../core/http/trailers.ts';
import { Deadline } from '../core/timing-wheel.ts';
import type { AttemptSpan } from '../core/trace.ts';
import type { Answer, Call, CallListener } from '../core/transport.ts';
import type { Balancer } from './balance/balancer.ts';
import type { Visit } from './balance/endpoint-states.ts';
import { GrpcBody, type GrpcEndListener } from './grpc-body.ts';
import {
  askedGrpcPenaltyMs,
  askedPenaltyMs,
  chargeOf,
  chargeOfGrpc,
  DEADLINE_EXCEEDED,
  FAULTS_OF_ENDPOINT,
  verdictOf,
  verdictOfGrpc,
  type Verdict,
} from './health-signs.ts';
import type { CallHolder } from './pool/pool.ts';
import { discardBody } from './resilience/discard-body.ts';
import type { Endpoint, UpstreamPorts } from './service.ts';

/** One try at one endpoint. */
export interface AttemptPlan {
  readonly balancer: Balancer;
  /** Its place among the members of the service. */
  readonly index: number;
  readonly endpoint: Endpoint;
  /** Why it was chosen. */
  readonly picked: PickReason;
  /** What is told of it; null: nothing. */
  readonly span: AttemptSpan | null;
  /** The fields of the request after `Host`, without those about framing. */
  readonly fields: string;
  readonly upgrade: string;
  readonly body: Body;
  /** Whether it is a gRPC call, which has a status of its own. */
  readonly isGrpc: boolean;
  /** Do not take a connection that has been used: it may have died unnoticed. */
  readonly isFresh: boolean;
  /** How long until the head of the reply, from when all of the request is sent; null: as long as the service allows. */
  readonly timeoutMs: number | null;
}

/** Who hears how an attempt ends. */
export interface AttemptOutcome {
  /** Whether the reply is for the client; if not, its body is thrown away. */
  answered(reply: Reply, attempt: Attempt): boolean;
  failed(error: GatewayError, attempt: Attempt): void;
}

/**
 * Sends the exchange to one endpoint. Call and listener in one object, because there is one of it per request. It holds one
 * unit of the endpoint's load from `start` until the reply has been sent on, or the attempt has failed.
 */
export class Attempt implements Call, CallListener, CancelListener, GrpcEndListener, Visit {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly fields: string;
  readonly body: Body;
  readonly upgrade: string;
  readonly listener: CallListener = this;
  readonly #exchange: Exchange;
  readonly #plan: AttemptPlan;
  readonly #ports: UpstreamPorts;
  readonly #outcome: AttemptOutcome;
  readonly startedAtMs: number;
  crowd = 1;
  #timer: Deadline | null = null;
  #holder: CallHolder | null = null;
  #isReused = false;
  #probe: Probe = NO_PROBE;
  #isOver = false;
  /** The reply has begun well, and its body is on its way: it is good when that is complete. */
  #isOpen = false;

  constructor(exchange: Exchange, plan: AttemptPlan, ports: UpstreamPorts, outcome: AttemptOutcome) {
    const { endpoint, fields, body } = plan;
    this.method = exchange.targetMethod;
    this.target = exchange.targetPath + exchange.targetQuery;
    this.authority = exchange.targetAuthority === '' ? endpoint.authority : exchange.targetAuthority;
    this.fields = fields;
    this.body = body;
    this.upgrade = plan.upgrade;
    this.#exchange = exchange;
    this.#plan = plan;
    this.#ports = ports;
    this.#outcome = outcome;
    this.startedAtMs = ports.wheel.nowMs;
    if (plan.span !== null) plan.span.startedAtMs = this.startedAtMs;
  }

  get takesTrailers(): boolean {
    return takesTrailers(this.#exchange.headers);
  }

  /** The place of its endpoint among the members of the service. */
  get index(): number {
    return this.#plan.index;
  }

  start(): void {
    const { endpoint, isFresh, timeoutMs } = this.#plan;
    const { record } = this.#exchange;
    record.attempts++;
    record.upstreamMs = -1;
    record.grpcStatus = -1;
    this.crowd = this.#ports.states.begin(endpoint.slot);
    this.#probe = endpoint.outliers.began(endpoint.slot);
    if (timeoutMs !== null && isWhole(this.body)) this.#limit(timeoutMs);
    this.inscribe();
    try {
      const holder = endpoint.pool.send(this, isFresh);
      this.#holder = holder;
      record.reused = this.#isReused = holder.uses > 1;
    } catch (error) {
      this.failed(
        error instanceof GatewayError
          ? error
          : new GatewayError('INTERNAL', 'could not send', { cause: error }),
      );
    }
  }

  /** All of a body that streams was sent: from now on it is up to the service. */
  bodySent(): void {
    const { timeoutMs } = this.#plan;
    if (timeoutMs !== null && !this.#isOver) this.#limit(timeoutMs);
  }

  /** This is the attempt that counts: its endpoint is the one that the access log names. */
  inscribe(): void {
    const { record } = this.#exchange;
    record.endpoint = this.#plan.endpoint.authority;
    record.picked = this.#plan.picked;
    record.reused = this.#isReused;
  }

  /** It did not give the answer; why, and why there was another one. */
  lose(outcome: LostAttempt['outcome'], next: AttemptCause): void {
    this.#exchange.trace?.retried(String(outcome), next);
    const lost = (this.#exchange.record.lost ??= []);
    if (lost.length >= MOST_LOST) return;
    const { endpoint, picked } = this.#plan;
    const durationMs = this.#ports.wheel.nowMs - this.startedAtMs;
    lost.push({ endpoint: endpoint.authority, picked, outcome, durationMs, next });
  }

  informed(status: number, headers: Headers): void {
    this.#exchange.inform(status, headers);
  }

  replied(status: number, headers: Headers, answer: Answer): void {
    if (this.#isOver) return;
    this.#end();
    const { endpoint, isGrpc, span } = this.#plan;
    const { states, wheel } = this.#ports;
    const { tunnel, connectionNames } = answer;
    this.#exchange.record.upstreamMs = wheel.touch() - this.startedAtMs;
    span?.answered(status, wheel.nowMs);
    if (isGrpc) this.#weighGrpc(status, headers, answer.body);
    else
      this.#weigh(
        status,
        headers,
        isWhole(answer.body) || tunnel !== null || isEndless({ body: answer.body, headers }),
      );
    if (connectionNames !== null) deleteNamed(headers, connectionNames);
    // What the head has not said comes at the end.
    const isCall = isGrpc && this.#exchange.record.grpcStatus === -1;
    const body = isCall && !isWhole(answer.body) ? this.#streamed(answer.body) : answer.body;
    const isForClient = this.#outcome.answered({ status, headers, body, code: '', tunnel }, this);
    if (!isForClient) discardBody(body, wheel);
    if (isForClient && !isWhole(body)) {
      this.#exchange.whenReplyEnded(() => {
        states.end(endpoint.slot);
        this.#replyEnded();
        if (span !== null) span.endedAtMs = wheel.touch();
      });
    } else {
      states.end(endpoint.slot);
      this.#replyEnded();
    }
  }

  brokeOff(error: GatewayError): void {
    const fault = FAULTS_OF_ENDPOINT.get(error.code);
    if (!this.#isOpen || fault === undefined) return;
    this.#isOpen = false;
    const { endpoint, span } = this.#plan;
    const { states, wheel } = this.#ports;
    span?.failed(error.code, wheel.touch());
    states.charge(endpoint.slot, 'unavailable', this, wheel.nowMs);
    this.#judge(fault);
  }

  /** If its client left, or held it up, the body has come to an end that says nothing. */
  #replyEnded(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { cancelled, record } = this.#exchange;
    if (cancelled !== null || record.code !== '') return;
    this.#ports.states.succeeded(this.#plan.endpoint.slot);
    this.#judge('succeeded');
  }

  /** The messages of a call, which ends shortly before the gateway does. */
  #streamed(source: BodySource): GrpcBody {
    const body = new GrpcBody(source, this);
    this.#exchange.whenDraining(() => this.#lastCall(body));
    return body;
  }

  #lastCall(body: GrpcBody): void {
    const { wheel, lastCallAtMs } = this.#ports;
    const { record } = this.#exchange;
    const end = new Deadline(() => {
      if (!body.isRead) return;
      record.code = 'DRAINING';
      record.grpcStatus = ERRORS.DRAINING.grpcStatus;
      body.endWith(appendStatus(new Headers(), 'DRAINING'));
    });
    const atMs = lastCallAtMs();
    if (atMs !== Infinity) wheel.set(end, Math.max(0, atMs - wheel.nowMs));
  }

  /** The trailers of a gRPC call have come. */
  grpcEnded(trailers: Headers | null): void {
    this.#ports.wheel.touch();
    this.#takeGrpcStatus((trailers === null ? null : readGrpcStatus(trailers))?.code ?? UNKNOWN, trailers);
  }

  failed(error: GatewayError): void {
    if (this.#isOver) return;
    this.#end();
    const { endpoint, span } = this.#plan;
    const { states, wheel } = this.#ports;
    const nowMs = wheel.touch();
    span?.failed(error.code, nowMs);
    const fault = error.isStale ? undefined : FAULTS_OF_ENDPOINT.get(error.code);
    if (fault !== undefined || error.code === 'UPSTREAM_REFUSED')
      states.charge(endpoint.slot, 'unavailable', this, nowMs);
    this.#judge(fault ?? 'undecided');
    states.end(endpoint.slot);
    this.#outcome.failed(error, this);
  }

  /** Nobody waits for the reply any more. */
  cancelled(code: ErrorCode): void {
    if (this.#isOver) return;
    this.#end();
    const { endpoint, span } = this.#plan;
    const { states, wheel } = this.#ports;
    const nowMs = wheel.touch();
    span?.failed(code, nowMs);
    const elapsedMs = nowMs - this.startedAtMs;
    const isOverdue = code === 'DEADLINE_EXCEEDED' && !this.#isUpToClient() && this.#hadTime(elapsedMs);
    states.charge(endpoint.slot, isOverdue ? 'unavailable' : 'abandoned', this, nowMs);
    this.#judge(isOverdue && elapsedMs >= FAIR_CHANCE_MS ? 'timeout' : 'undecided');
    states.end(endpoint.slot);
    this.#holder?.abandon(this);
  }

  /** What the head of the answer says of the endpoint. */
  #weigh(status: number, headers: Headers, isComplete: boolean): void {
    const charge = chargeOf(status);
    if (charge === null && !isComplete) {
      this.#beginWell();
    } else {
      const { endpoint, balancer } = this.#plan;
      const { states, wheel } = this.#ports;
      if (charge === null) states.sample(endpoint.slot, this, wheel.nowMs, balancer.medianUs);
      else states.charge(endpoint.slot, charge, this, wheel.nowMs);
      this.#judge(verdictOf(status, headers));
    }
    this.#penalise(askedPenaltyMs(status, headers));
  }

  /** The rest will tell. It may take for ever, and an endpoint that was out must not wait for that. */
  #beginWell(): void {
    const { endpoint, balancer } = this.#plan;
    const { states, wheel } = this.#ports;
    states.measure(endpoint.slot, this, wheel.nowMs, balancer.medianUs);
    if (this.#probe !== NO_PROBE) this.#judge('succeeded');
    this.#probe = NO_PROBE;
    this.#isOpen = true;
  }

  /** The status of a gRPC call is in the head if nothing follows; otherwise it comes at the end. */
  #weighGrpc(status: number, headers: Headers, body: Body): void {
    const grpc = readGrpcStatus(headers);
    if (grpc !== null) {
      this.#takeGrpcStatus(grpc.code, headers);
    } else if (status !== 200) {
      this.#exchange.record.grpcStatus = grpcStatusOfHttp(status);
      this.#weigh(status, headers, isWhole(body));
    } else if (isWhole(body)) {
      this.#takeGrpcStatus(UNKNOWN, headers);
    } else {
      this.#beginWell();
    }
  }

  #takeGrpcStatus(code: number, fields: Headers | null): void {
    const { endpoint } = this.#plan;
    const { states, wheel } = this.#ports;
    this.#isOpen = false;
    this.#exchange.record.grpcStatus = code;
    const elapsedMs = wheel.nowMs - this.startedAtMs;
    const isOverdue = code === DEADLINE_EXCEEDED && !this.#exchange.isCallersDeadline;
    const charge = isOverdue ? 'unavailable' : chargeOfGrpc(code);
    if (charge === null) states.succeeded(endpoint.slot);
    else states.charge(endpoint.slot, charge, this, wheel.nowMs);
    this.#judge(isOverdue && elapsedMs >= FAIR_CHANCE_MS ? 'timeout' : verdictOfGrpc(code, fields));
    this.#penalise(askedGrpcPenaltyMs(code, fields));
  }

  /** The endpoint asks for a pause. */
  #penalise(penaltyMs: number | null): void {
    if (penaltyMs === null) return;
    const { states, wheel } = this.#ports;
    states.penalise(this.#plan.endpoint.slot, wheel.nowMs + penaltyMs);
  }

  #limit(timeoutMs: number): void {
    this.#timer = new Deadline(() => {
      this.#holder?.abandon(this);
      const detail = 'The time for one attempt was over';
      this.failed(new GatewayError('UPSTREAM_TIMEOUT', `no response head in ${timeoutMs} ms`, { detail }));
    });
    this.#ports.wheel.set(this.#timer, timeoutMs);
  }

  #end(): void {
    this.#isOver = true;
    if (this.#timer !== null) this.#ports.wheel.remove(this.#timer);
  }

  /** Whether the client may have made the time too short: it chose the deadline, or may still have been sending. */
  #isUpToClient(): boolean {
    return this.#exchange.isCallersDeadline || !isWhole(this.body);
  }

  /** Not if others took the most of it: a body that came slowly, say, or a provider that was asked who is calling. */
  #hadTime(elapsedMs: number): boolean {
    const { deadlineAtMs, startedAtMs } = this.#exchange;
    return elapsedMs >= FAIR_CHANCE_MS || elapsedMs >= (deadlineAtMs - startedAtMs) / 2;
  }

  #judge(verdict: Verdict): void {
    const { slot, outliers } = this.#plan.endpoint;
    if (verdict === 'succeeded') outliers.succeeded(slot, this.#probe);
    else if (verdict === 'undecided') outliers.undecided(slot, this.#probe);
    else outliers.failed(slot, this.#probe, verdict);
  }
}

/** A deadline of less does not tell a sick endpoint from a busy one. */
const FAIR_CHANCE_MS = 1000;

/** Of gRPC: the call ended without a status. */
const UNKNOWN = 2;
