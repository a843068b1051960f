import { isWhole, type Body } from '../core/body.ts';
import { collectBody } from '../core/collect-body.ts';
import { GatewayError, type ErrorCode } from '../core/errors.ts';
import type { AttemptCause, CancelListener, Exchange, Handler, PickReason, Reply } from '../core/exchange.ts';
import { grpcMediaType } from '../core/grpc-refusal.ts';
import { PASSED } from '../core/header-names.ts';
import type { Headers } from '../core/headers.ts';
import { isIdempotent } from '../core/http/methods.ts';
import { refuse } from '../core/problem.ts';
import { NOTHING_TRIED } from './balance/candidates.ts';
import { Attempt, type AttemptOutcome } from './attempt.ts';
import {
  bytesToKeep,
  forwardRules,
  type ForwardPlan,
  type ForwardPorts,
  type ForwardRules,
} from './forward-rules.ts';
import { grpcCondition } from './grpc-condition.ts';
import { Race, type Racer } from './race.ts';
import { attemptFields, isLoop, requestFields } from './request-text.ts';
import { attemptNumber } from './resilience/attempt-number.ts';
import { ReplayedBody } from './resilience/replayed-body.ts';
import { Retries, type Retrier } from './resilience/retries.ts';
import type { Outcome } from './resilience/retry-policy.ts';
import type { Members } from './service.ts';

/** Attempts of one exchange at most, with those that found no connection. */
const MAX_ATTEMPTS = 8;
/** With less time than that a service could do nothing but begin. */
const LEAST_LEFT_MS = 1;

/**
 * Sends the exchange to an endpoint of the service and streams the answer back.
 *
 * 1. Choose an endpoint. 2. Send the request on a connection to it. 3. If nothing of the request can have been processed, or
 * its route repeats what came of it, begin again with another endpoint; otherwise what failed has failed. 4. Give the reply
 * as soon as its head is there; the bodies flow on their own.
 */
export function forward(plan: ForwardPlan, ports: ForwardPorts): Handler {
  const rules = forwardRules(plan, ports);

  function send(exchange: Exchange): Promise<Reply> {
    return new Promise((resolve, reject) => {
      new Forwarding(exchange, rules, ports, { resolve, reject }).begin();
    });
  }

  return (exchange) => {
    exchange.record.service = plan.service.id;
    const { headers } = exchange;
    if ((headers.flags & PASSED) !== 0 && isLoop(headers))
      return Promise.resolve(refuse(exchange, 'LOOP_DETECTED'));
    const maxBytes = bytesToKeep(exchange, rules);
    if (maxBytes === 0) return send(exchange);
    return collectBody(exchange, exchange.body, maxBytes).then(({ body }) => {
      exchange.body = body;
      return send(exchange);
    });
  };
}

/** How a promise is settled. */
interface Settle {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: GatewayError) => void;
}

/** The attempts of one exchange: callbacks instead of a loop of awaits, each of which would cost more than a pick. */
class Forwarding implements Racer, Retrier, CancelListener {
  readonly exchange: Exchange;
  readonly #rules: ForwardRules;
  /** Those with which the exchange began: `#tried` are places among them. */
  readonly #members: Members;
  readonly #ports: ForwardPorts;
  readonly #settle: Settle;
  readonly #fields: string;
  readonly #upgrade: string;
  readonly #isGrpc: boolean;
  /** The body of the request, where it streams and may be sent again. */
  readonly #replayed: ReplayedBody | null;
  #attempts = 0;
  /** Of those, how many the service may have noticed. */
  #noticed = 0;
  #tried: readonly number[] | null = null;
  #index = -1;
  /** An endpoint gave the request back, and got it once more because there was no other. */
  #isReturned = false;
  #picked: PickReason = 'adaptive';
  #current: Attempt | Race | null = null;
  #retries: Retries | null = null;

  constructor(exchange: Exchange, rules: ForwardRules, ports: ForwardPorts, settle: Settle) {
    this.exchange = exchange;
    this.#rules = rules;
    this.#members = rules.service.members;
    this.#ports = ports;
    this.#settle = settle;
    this.#upgrade = rules.upgrade.includes(exchange.upgrade) ? exchange.upgrade : '';
    this.#fields = requestFields(exchange);
    this.#isGrpc = isGrpc(exchange);
    this.#replayed = this.#isGrpc ? replayedBody(exchange.body, rules) : null;
  }

  get isReplayable(): boolean {
    return this.#replayed === null ? isWhole(this.exchange.body) : this.#replayed.mayReplay;
  }

  begin(): void {
    const { service, tally } = this.#rules;
    tally.request(this.#ports.wheel.nowMs);
    this.exchange.whenCancelled(this);
    if (this.exchange.cancelled !== null) this.cancelled(this.exchange.cancelled);
    else if (this.#choose(null)) this.#send(false);
    else this.#fail(new GatewayError('NO_ENDPOINT', `service ${service.id} has no endpoint to try`));
  }

  answered(reply: Reply, attempt: Attempt): boolean {
    const outcome = (this.#isGrpc ? grpcCondition(reply.headers) : null) ?? reply.status;
    if (this.#isRetried(outcome, reply.headers)) {
      this.#noticed++;
      attempt.lose(outcome, 'retry');
      return false;
    }
    this.#end();
    this.#replayed?.commit();
    const cookie = this.#members.balancer.cookieFor(attempt.index, this.exchange);
    if (cookie !== null) this.exchange.bind(reply, cookie);
    this.#settle.resolve(reply); // 4
    return true;
  }

  failed(error: GatewayError, attempt: Attempt): void {
    const cause = this.#causeToRepeat(error); // 3
    if (isUnsent(error)) {
      if (error.code !== 'UPSTREAM_REFUSED') this.#ports.unreachable(this.#rules.service.id);
    } else if (cause !== null) this.#noticed++;
    if (cause === null) return this.#fail(error);
    attempt.lose(error.code, cause);
    // A retry goes on after its pause.
    if (cause !== 'retry') this.#send(cause === 'stale');
  }

  /** The pause before a retry is over. When all endpoints were tried, the one that has just failed is the last resort. */
  again(): void {
    if (this.#chooseAnother() || this.#choose([this.#index]) || this.#choose(null)) this.#send(false);
    else
      this.#fail(new GatewayError('NO_ENDPOINT', `service ${this.#rules.service.id} has no endpoint left`));
  }

  rival(race: Race): Attempt | null {
    if (this.#attempts >= MAX_ATTEMPTS || !this.#chooseAnother()) return null;
    this.#noticed++;
    return this.#newAttempt(race, false);
  }

  /** Nobody waits for the reply any more. */
  cancelled(code: ErrorCode): void {
    this.#current?.cancelled(code);
    const detail = code === 'DEADLINE_EXCEEDED' ? 'The time for the whole exchange was over' : '';
    this.#fail(new GatewayError(code, 'nobody waits for the reply any more', { detail }));
  }

  /** Chooses an endpoint that is not among those that were tried. If there is none, it stays with the one that it has. */
  #choose(tried: readonly number[] | null): boolean {
    const { balancer } = this.#members;
    const index = balancer.pick(tried ?? NOTHING_TRIED, this.#ports.wheel.nowMs, this.exchange); // 1
    if (index === -1) return false;
    this.#tried = tried;
    this.#index = index;
    this.#picked = balancer.reason;
    return true;
  }

  #chooseAnother(): boolean {
    return this.#choose([...(this.#tried ?? NOTHING_TRIED), this.#index]);
  }

  /** Why it is tried once more, or null. */
  #causeToRepeat(error: GatewayError): AttemptCause | null {
    if (this.exchange.cancelled !== null || this.#attempts >= MAX_ATTEMPTS) return null;
    if (mayUseFreshConnection(error, this.exchange)) return 'stale';
    if (isUnsent(error) && (error.code !== 'UPSTREAM_REFUSED' || this.isReplayable)) {
      if (this.#chooseAnother() || this.#isOnlyReturned(error)) return 'unsent';
    }
    return this.#isRetried(this.#outcomeOf(error), null) ? 'retry' : null;
  }

  /** A call that gets no answer in time is over its deadline, whoever says so first. */
  #outcomeOf({ code }: GatewayError): Outcome {
    const isOverdue = this.#isGrpc && code === 'UPSTREAM_TIMEOUT';
    return isOverdue && this.#rules.retry?.policy.isReason('deadline-exceeded') === true
      ? 'deadline-exceeded'
      : code;
  }

  /** A service that renews a connection gives back what came too late for it: the same endpoint may have it on another one. */
  #isOnlyReturned({ code }: GatewayError): boolean {
    const isFirst = code === 'UPSTREAM_REFUSED' && !this.#isReturned;
    this.#isReturned = true;
    return isFirst;
  }

  /** Whether the route tries that once more, after a pause. */
  #isRetried(outcome: Outcome, headers: Headers | null): boolean {
    const { retry } = this.#rules;
    if (retry === null || !retry.policy.isReason(outcome) || this.#attempts >= MAX_ATTEMPTS) return false;
    this.#retries ??= new Retries(retry, this.#ports, this);
    return this.#retries.follow(outcome, headers);
  }

  #send(isFresh: boolean): void {
    if (this.exchange.deadlineAtMs - this.#ports.wheel.nowMs < LEAST_LEFT_MS) {
      this.cancelled('DEADLINE_EXCEEDED');
      return;
    }
    const { hedging } = this.#rules;
    if (hedging !== null && this.#attempts === 0 && this.#upgrade === '' && mayHedge(this.exchange)) {
      const race = new Race(this, hedging, this.#ports.wheel);
      this.#current = race;
      race.start(this.#newAttempt(race, isFresh));
    } else {
      const attempt = this.#newAttempt(this, isFresh);
      this.#current = attempt;
      attempt.start(); // 2
    }
  }

  #newAttempt(outcome: AttemptOutcome, isFresh: boolean): Attempt {
    const endpoint = this.#members.endpoints[this.#index];
    if (endpoint === undefined) throw new RangeError(`There is no endpoint ${this.#index}`);
    this.#attempts++;
    const { trace } = this.exchange;
    const plan = {
      balancer: this.#members.balancer,
      index: this.#index,
      endpoint,
      picked: this.#picked,
      fields: this.#attemptFields() + (trace === null ? '' : trace.nextLines()),
      span: trace === null ? null : trace.attempt(this.exchange, endpoint),
      upgrade: this.#upgrade,
      body: this.#replayed?.reading() ?? this.exchange.body,
      isGrpc: this.#isGrpc,
      isFresh,
      timeoutMs: this.#rules.attemptMs,
    };
    const attempt = new Attempt(this.exchange, plan, this.#ports, outcome);
    // What streams otherwise is sent once: there is no other attempt to save time for.
    if (plan.timeoutMs !== null) this.#replayed?.whenSent(() => attempt.bodySent());
    return attempt;
  }

  /** The fields of the request, with those that differ from attempt to attempt; there mostly are none. */
  #attemptFields(): string {
    const { exchange } = this;
    const { deadlineAtMs, fromTrustedProxy } = exchange;
    if (this.#noticed === 0 && deadlineAtMs === Infinity && !fromTrustedProxy) return this.#fields;
    const leftMs = deadlineAtMs - this.#ports.wheel.nowMs;
    const { deadlineHeader } = this.#rules;
    return attemptFields(exchange, { repeats: this.#noticed, leftMs, deadlineHeader }) + this.#fields;
  }

  #fail(error: GatewayError): void {
    this.#end();
    this.#replayed?.cancel();
    this.#settle.reject(error);
  }

  /** Nothing more is tried. */
  #end(): void {
    this.exchange.whenCancelled(null);
    this.#retries?.end();
  }
}

/** Whether it is a gRPC call, all of which are POSTs. */
function isGrpc({ targetMethod, headers }: Exchange): boolean {
  return targetMethod === 'POST' && grpcMediaType(headers.get('content-type')) === 'application/grpc';
}

/** What streams in a gRPC call is kept while it is sent; null: it is here already, or nothing is ever repeated. */
function replayedBody(body: Body, { retry, attemptMs }: ForwardRules): ReplayedBody | null {
  const mostBytes = retry?.policy.grpcBytesToKeep ?? 0;
  if (isWhole(body) || (mostBytes === 0 && attemptMs === null)) return null;
  return new ReplayedBody(body, mostBytes);
}

/** Nothing of the request was looked at, so any other endpoint may have it, whatever the method. */
function isUnsent(error: unknown): boolean {
  return error instanceof GatewayError && UNSENT.has(error.code);
}

const UNSENT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CONNECT_FAILED',
  'CONNECT_TIMEOUT',
  'UPSTREAM_TLS_FAILED',
  'UPSTREAM_CERTIFICATE',
  'CONNECTION_LIMIT',
  'UPSTREAM_REFUSED',
]);

/**
 * An idle connection was closed by the service in the moment in which we used it (RFC 9112 §9.3.1): repeat what may be
 * repeated, on a new connection to the same endpoint.
 */
function mayUseFreshConnection(error: GatewayError, { method, body }: Exchange): boolean {
  return error.isStale && isIdempotent(method) && isWhole(body);
}

/** Whether the service may get it twice at once. Who comes as a repetition was multiplied before. */
function mayHedge({ method, body, headers }: Exchange): boolean {
  return isIdempotent(method) && isWhole(body) && attemptNumber(headers) === 1;
}
