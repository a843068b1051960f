import type { Body } from '../core/body.ts';
import { GatewayError } from '../core/errors.ts';
import type { Exchange, Handler } from '../core/exchange.ts';
import { isIdempotent } from '../core/http/methods.ts';
import { refuse } from '../core/problem.ts';
import { attempt } from './attempt.ts';
import { isLoop, requestFields } from './request-text.ts';
import type { Service, UpstreamPorts } from './service.ts';

/** How a route forwards. */
export interface ForwardPlan {
  readonly service: Service;
  /** Protocols to which a request may switch. */
  readonly upgrade: readonly string[];
}

/** Endpoints that one exchange tries at most, when they do not even accept a connection. */
const MAX_ATTEMPTS = 8;
/** `tried` is a bit set of the first endpoints. */
const TRACKED_ENDPOINTS = 31;

/**
 * Sends the exchange to an endpoint of the service and streams the answer back.
 *
 * 1. Choose an endpoint. 2. Send the request on a connection to it. 3. If nothing of the request can have been processed,
 * begin again with another endpoint; otherwise what failed has failed. 4. Give the reply as soon as its head is there; the
 * bodies flow on their own.
 */
export function forward({ service, upgrade }: ForwardPlan, ports: UpstreamPorts): Handler {
  return async (exchange) => {
    exchange.record.service = service.id;
    if (exchange.headers.has('via') && isLoop(exchange.headers)) return refuse(exchange, 'LOOP_DETECTED');
    const upgrades = exchange.upgrade !== '' && upgrade.includes(exchange.upgrade);
    const fields = requestFields(exchange, upgrades);
    let tried = 0;
    let retryFresh = -1;
    let failure: unknown = null;
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
      const isFresh = retryFresh !== -1;
      const index = isFresh ? retryFresh : service.balancer.pick(tried, ports.wheel.nowMs); // 1
      const endpoint = service.endpoints[index];
      if (endpoint === undefined) break;
      try {
        return await attempt(exchange, { service, endpoint, fields, upgrades, isFresh }, ports); // 2, 4
      } catch (error) {
        failure = error;
        if (mayUseFreshConnection(error, exchange)) {
          retryFresh = index;
        } else {
          if (!isUnsent(error) || exchange.cancelled !== null) throw error; // 3
          retryFresh = -1;
          if (index < TRACKED_ENDPOINTS) tried |= 1 << index;
        }
      }
    }
    throw failure ?? new GatewayError('NO_ENDPOINT', `service ${service.id} has no endpoint to try`);
  };
}

/** Nothing of the request has left us, so any other endpoint may have it, whatever the method. */
function isUnsent(error: unknown): boolean {
  return (
    error instanceof GatewayError && (error.code === 'CONNECT_FAILED' || error.code === 'CONNECT_TIMEOUT')
  );
}

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
