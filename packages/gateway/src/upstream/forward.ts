import type { Body } from '../core/body.ts';
import { GatewayError, type ErrorCode } from '../core/errors.ts';
import type { Exchange, Handler, Reply } from '../core/exchange.ts';
import { isIdempotent } from '../core/http/methods.ts';
import { refuse } from '../core/problem.ts';
import { NOTHING_TRIED } from './balance/candidates.ts';
import { Attempt, type AttemptOutcome } from './attempt.ts';
import { isLoop, requestFields } from './request-text.ts';
import type { Members, Service, UpstreamPorts } from './service.ts';

/** How a route forwards. */
export interface ForwardPlan {
  readonly service: Service;
  /** Protocols to which a request may switch. */
  readonly upgrade: readonly string[];
}

/** Endpoints that one exchange tries at most, when they do not even accept a connection. */
const MAX_ATTEMPTS = 8;

/**
 * Sends the exchange to an endpoint of the service and streams the answer back.
 *
 * 1. Choose an endpoint. 2. Send the request on a connection to it. 3. If nothing of the request can have been processed,
 * begin again with another endpoint; otherwise what failed has failed. 4. Give the reply as soon as its head is there; the
 * bodies flow on their own.
 */
export function forward(plan: ForwardPlan, ports: UpstreamPorts): Handler {
  return (exchange) => {
    exchange.record.service = plan.service.id;
    const { headers } = exchange;
    if (headers.has('via') && isLoop(headers)) return Promise.resolve(refuse(exchange, 'LOOP_DETECTED'));
    return new Promise((resolve, reject) => {
      new Forwarding(exchange, plan, ports, { resolve, reject }).tryNext(null);
    });
  };
}

/** How a promise is settled. */
interface Settle {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: GatewayError) => void;
}

/** The attempts of one exchange: callbacks instead of a loop of awaits, each of which would cost more than a pick. */
class Forwarding implements AttemptOutcome {
  readonly #exchange: Exchange;
  readonly #service: Service;
  /** Those with which the exchange began: `#tried` are places among them. */
  readonly #members: Members;
  readonly #ports: UpstreamPorts;
  readonly #settle: Settle;
  readonly #fields: string;
  readonly #upgrade: string;
  #attempts = 0;
  #tried: number[] | null = null;
  #index = -1;

  constructor(exchange: Exchange, { service, upgrade }: ForwardPlan, ports: UpstreamPorts, settle: Settle) {
    this.#exchange = exchange;
    this.#service = service;
    this.#members = service.members;
    this.#ports = ports;
    this.#settle = settle;
    this.#upgrade = upgrade.includes(exchange.upgrade) ? exchange.upgrade : '';
    this.#fields = requestFields(exchange, this.#upgrade);
  }

  /** Goes to an endpoint that was not tried; without one, `failure` is the end of it. */
  tryNext(failure: GatewayError | null): void {
    const { balancer } = this.#members;
    const { nowMs } = this.#ports.wheel;
    const isLast = this.#attempts >= MAX_ATTEMPTS;
    this.#index = isLast ? -1 : balancer.pick(this.#tried ?? NOTHING_TRIED, nowMs, this.#exchange); // 1
    this.#exchange.record.picked = balancer.reason;
    this.#send(false, failure);
  }

  answered(reply: Reply): void {
    setCookie(reply, this.#members.balancer.cookieFor(this.#index, this.#exchange));
    this.#settle.resolve(reply); // 4
  }

  failed(error: GatewayError): void {
    if (this.#exchange.cancelled !== null) {
      this.#settle.reject(error);
    } else if (this.#attempts < MAX_ATTEMPTS && mayUseFreshConnection(error, this.#exchange)) {
      this.#send(true, error);
    } else if (isUnsent(error)) {
      (this.#tried ??= []).push(this.#index);
      this.tryNext(error);
    } else {
      this.#settle.reject(error); // 3
    }
  }

  #send(isFresh: boolean, failure: GatewayError | null): void {
    const service = this.#service;
    const endpoint = this.#members.endpoints[this.#index];
    if (endpoint === undefined) {
      this.#settle.reject(
        failure ?? new GatewayError('NO_ENDPOINT', `service ${service.id} has no endpoint to try`),
      );
      return;
    }
    this.#attempts++;
    const plan = {
      balancer: this.#members.balancer,
      endpoint,
      fields: this.#fields,
      upgrade: this.#upgrade,
      isFresh,
    };
    new Attempt(this.#exchange, plan, this.#ports, this).start(); // 2
  }
}

/** Binds the caller to the endpoint that answered, if the service wants that. */
function setCookie({ headers }: Reply, cookie: string | null): void {
  if (cookie !== null) headers.append('Set-Cookie', cookie);
}

/** Nothing of the request has left us, so any other endpoint may have it, whatever the method. */
function isUnsent(error: unknown): boolean {
  return error instanceof GatewayError && UNSENT.has(error.code);
}

const UNSENT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CONNECT_FAILED',
  'CONNECT_TIMEOUT',
  'CONNECTION_LIMIT',
]);

/**
 * An idle connection was closed by the service in the moment in which we used it (RFC 9112 §9.3.1): repeat what may be
 * repeated, on a new connection to the same endpoint.
 */
function mayUseFreshConnection(error: unknown, { method, body, cancelled }: Exchange): boolean {
  return (
    error instanceof GatewayError &&
    error.isStale &&
    cancelled === null &&
    isIdempotent(method) &&
    isWhole(body)
  );
}

function isWhole(body: Body): boolean {
  return body === null || typeof body === 'string';
}
