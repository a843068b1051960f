import { bodyLength, UNKNOWN_LENGTH, type Body } from '../core/body.ts';
import { NO_PROBE, type FailureKind, type Probe } from '../core/endpoint-health.ts';
import { GatewayError, type ErrorCode } from '../core/errors.ts';
import type { CancelListener, Exchange, Reply } from '../core/exchange.ts';
import { deleteNamed, type Headers } from '../core/headers.ts';
import type { Answer, Call, CallListener } from '../core/transport.ts';
import type { Balancer } from './balance/balancer.ts';
import { MAX_PENALTY_MS, type EndpointStates } from './balance/endpoint-states.ts';
import type { Sent } from './pool/endpoint-pool.ts';
import type { Endpoint, UpstreamPorts } from './service.ts';
import { VIA } from './request-text.ts';

/** One try at one endpoint. */
export interface AttemptPlan {
  readonly balancer: Balancer;
  readonly endpoint: Endpoint;
  /** Everything of the request head after `Host`. */
  readonly fields: string;
  readonly upgrade: string;
  /** Do not take a connection that has been used: it may have died unnoticed. */
  readonly isFresh: boolean;
}

/** Who hears how an attempt ends. */
export interface AttemptOutcome {
  answered(reply: Reply): void;
  failed(error: GatewayError): void;
}

/**
 * Sends the exchange to one endpoint. Call and listener in one object, because there is one of it per request. It holds one
 * unit of the endpoint's load from `start` until the reply has been sent on, or the attempt has failed.
 */
export class Attempt implements Call, CallListener, CancelListener {
  readonly method: string;
  readonly head: string;
  readonly body: Body;
  readonly chunked: boolean;
  readonly upgrade: string;
  readonly listener: CallListener = this;
  readonly #exchange: Exchange;
  readonly #plan: AttemptPlan;
  readonly #ports: UpstreamPorts;
  readonly #outcome: AttemptOutcome;
  readonly #startedAtMs: number;
  #sent: Sent | null = null;
  #probe: Probe = NO_PROBE;
  #isOver = false;

  constructor(exchange: Exchange, plan: AttemptPlan, ports: UpstreamPorts, outcome: AttemptOutcome) {
    const { endpoint, fields } = plan;
    const host = exchange.targetAuthority === '' ? endpoint.authority : exchange.targetAuthority;
    this.method = exchange.method;
    this.head = `${exchange.method} ${exchange.targetPath}${exchange.targetQuery} HTTP/1.1\r\nHost: ${host}\r\n${fields}`;
    this.body = exchange.body;
    this.chunked = bodyLength(exchange.body) === UNKNOWN_LENGTH;
    this.upgrade = plan.upgrade;
    this.#exchange = exchange;
    this.#plan = plan;
    this.#ports = ports;
    this.#outcome = outcome;
    this.#startedAtMs = ports.wheel.nowMs;
  }

  start(): void {
    const { endpoint, isFresh } = this.#plan;
    const { record } = this.#exchange;
    record.endpoint = endpoint.authority;
    record.attempts++;
    this.#ports.states.begin(endpoint.slot);
    this.#probe = endpoint.outliers.began(endpoint.slot);
    this.#exchange.whenCancelled(this);
    try {
      this.#sent = endpoint.pool.send(this, isFresh);
      record.reused = this.#sent.isReused;
    } catch (error) {
      this.failed(
        error instanceof GatewayError
          ? error
          : new GatewayError('INTERNAL', 'could not send', { cause: error }),
      );
    }
  }

  informed(status: number, headers: Headers): void {
    this.#exchange.inform(status, headers);
  }

  replied(status: number, headers: Headers, { body, tunnel, connectionNames }: Answer): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { endpoint, balancer } = this.#plan;
    const { states, wheel } = this.#ports;
    const nowMs = wheel.touch();
    const elapsedMs = nowMs - this.#startedAtMs;
    this.#exchange.record.upstreamMs = elapsedMs;
    this.#exchange.whenCancelled(null);
    const charge = chargeOf(status);
    if (charge === null) states.sample(endpoint.slot, elapsedMs, nowMs, balancer.medianUs);
    else states.charge(endpoint.slot, charge, elapsedMs, nowMs);
    this.#judge(failureOf(status, headers));
    if (status === 429 || status === 503) penalise(states, endpoint.slot, headers.get('retry-after'), nowMs);
    if (typeof body === 'object' && body !== null) this.#exchange.whenEnded(() => states.end(endpoint.slot));
    else states.end(endpoint.slot);
    if (connectionNames !== null) deleteNamed(headers, connectionNames);
    headers.append('Via', VIA);
    this.#outcome.answered({ status, headers, body, code: '', tunnel });
  }

  failed(error: GatewayError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { endpoint } = this.#plan;
    const { states, wheel } = this.#ports;
    const nowMs = wheel.touch();
    const fault = error.isStale ? undefined : FAULTS_OF_ENDPOINT.get(error.code);
    if (fault !== undefined) states.charge(endpoint.slot, 'unavailable', nowMs - this.#startedAtMs, nowMs);
    this.#judge(fault ?? 'undecided');
    states.end(endpoint.slot);
    this.#exchange.whenCancelled(null);
    this.#outcome.failed(error);
  }

  /** Nobody waits for the reply any more. */
  cancelled(code: ErrorCode): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { endpoint } = this.#plan;
    const { states, wheel } = this.#ports;
    const nowMs = wheel.touch();
    const kind = code === 'CLIENT_CLOSED' ? 'abandoned' : 'unavailable';
    const elapsedMs = nowMs - this.#startedAtMs;
    states.charge(endpoint.slot, kind, elapsedMs, nowMs);
    this.#judge(kind === 'unavailable' && this.#hadFairChance(elapsedMs) ? 'timeout' : 'undecided');
    states.end(endpoint.slot);
    this.#sent?.abandon();
    this.#outcome.failed(new GatewayError(code, 'nobody waits for the reply any more'));
  }

  /** Not if the deadline was short, or the client may still have been sending: those may be the client's choice. */
  #hadFairChance(elapsedMs: number): boolean {
    return elapsedMs >= FAIR_CHANCE_MS && (this.body === null || typeof this.body === 'string');
  }

  #judge(verdict: Verdict): void {
    const { slot, outliers } = this.#plan.endpoint;
    if (verdict === 'succeeded') outliers.succeeded(slot, this.#probe);
    else if (verdict === 'undecided') outliers.undecided(slot, this.#probe);
    else outliers.failed(slot, this.#probe, verdict);
  }
}

/** What the end of an attempt says of the health of its endpoint. */
type Verdict = 'succeeded' | 'undecided' | FailureKind;

const FAULTS_OF_ENDPOINT: ReadonlyMap<ErrorCode, FailureKind> = new Map<ErrorCode, FailureKind>([
  ['CONNECT_FAILED', 'connect'],
  ['CONNECT_TIMEOUT', 'connect'],
  ['UPSTREAM_RESET', 'reset'],
  ['UPSTREAM_TIMEOUT', 'timeout'],
  ['UPSTREAM_INVALID', 'invalid'],
  ['UPSTREAM_INCOMPLETE', 'reset'],
]);

/** A deadline of less does not tell a sick endpoint from a busy one. */
const FAIR_CHANCE_MS = 1000;

/** Gateway errors speak against the endpoint; errors of the application do not, nor does a request for a pause. */
function failureOf(status: number, headers: Headers): Verdict {
  if (status === 503 && headers.has('retry-after')) return 'undecided';
  return status >= 502 && status <= 504 ? 'status' : 'succeeded';
}

function chargeOf(status: number): 'error' | 'unavailable' | null {
  if (status < 500) return null;
  if (status === 500) return 'error';
  return status <= 504 && status !== 501 ? 'unavailable' : null;
}

/** `Retry-After` in seconds: the endpoint asks for a pause. A date would need its clock and is left alone. */
function penalise(states: EndpointStates, slot: number, retryAfter: string | undefined, nowMs: number): void {
  if (retryAfter === undefined || !/^\d{1,6}$/.test(retryAfter)) return;
  states.penalise(slot, nowMs + Math.min(Number(retryAfter) * 1000, MAX_PENALTY_MS));
}
