import { isWhole } from '../../core/body.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { Exchange, ExchangeRecord, Reply, Wrapper } from '../../core/exchange.ts';
import type { Clock } from '../../core/ports.ts';
import { isEventStream, isLineStream } from '../../core/http/endless.ts';
import { refuse } from '../../core/problem.ts';
import { REFUSED, type Breaker, type Verdict } from './breaker.ts';

/** What the stage has to know of its route. */
export interface CircuitBreakerPlan {
  readonly service: string;
  /** Of the whole exchange, as the route says. */
  readonly timeoutMs: number | null;
}

/**
 * Stops asking a service that fails as a whole: while its breaker is open, requests get a 503 at once and none of them waits.
 *
 * Stands outside admission, so that nobody queues for a service that is not asked, and outside retries: an exchange that
 * succeeds in the end is a success. Only what a gateway sees of a service that is down counts as failure: no connection,
 * no answer, half of one, and 502, 503 and 504; of gRPC, `UNAVAILABLE`, also after messages. What we or the client refuse says nothing.
 */
export function circuitBreaker(
  breaker: Breaker | null,
  plan: CircuitBreakerPlan,
  clock: Pick<Clock, 'now'>,
): Wrapper | null {
  if (breaker === null) return null;

  return (next) => async (exchange) => {
    const ticket = breaker.enter();
    if (ticket === REFUSED) return turnAway(exchange, plan.service, breaker.remainingMs);
    const { attempts } = exchange.record;
    const entry: Entry = { isWhole: isWhole(exchange.body), atMs: clock.now() };
    let verdict: Verdict | null = 'nothing';
    try {
      const reply = await next(exchange);
      verdict = verdictOfReply(reply, exchange.record.grpcStatus);
      // A probe is not for the time that a body may take.
      if (verdict === 'success' && isOpen(reply) && breaker.isClosed) {
        verdict = null;
        exchange.whenReplyEnded(() => breaker.leave(ticket, verdictOfEnd(exchange.record)));
      }
      return reply;
    } catch (error) {
      const isAsked = exchange.record.attempts > attempts;
      if (isAsked) {
        const times = { timeoutMs: plan.timeoutMs, nowMs: clock.now() };
        verdict = verdictOfError(error, hadMostOfTheTime(exchange, entry, times));
      }
      throw error;
    } finally {
      if (verdict !== null) breaker.leave(ticket, verdict);
    }
  };
}

function turnAway(exchange: Exchange, service: string, remainingMs: number): Reply {
  exchange.record.service = service;
  const seconds = Math.max(1, Math.ceil(remainingMs / 1000));
  return refuse(exchange, 'BREAKER_OPEN', {
    rule: `services.${service}.circuitBreaker`,
    fields: [['Retry-After', String(seconds)]],
  });
}

/** Whether it has a body that is still to come, and could break off, or of a call of gRPC say that it failed. */
function isOpen(reply: Reply): boolean {
  if (reply.code !== '' || isWhole(reply.body) || reply.tunnel !== null) return false;
  return !isEventStream(reply) && !isLineStream(reply);
}

function verdictOfEnd({ grpcStatus, code }: ExchangeRecord): Verdict {
  const isBroken = grpcStatus === -1 && code !== '' && FAILURES.has(code);
  return isBroken || grpcStatus === GRPC_UNAVAILABLE ? 'failure' : 'success';
}

function verdictOfReply({ status, code }: Reply, grpcStatus: number): Verdict {
  const isOurs = code !== '' && code !== 'FAULT_INJECTED';
  if (isOurs) return FAILURES.has(code) ? 'failure' : 'nothing';
  const isUnavailable = status === 200 && grpcStatus === GRPC_UNAVAILABLE;
  return isUnavailable || (status >= 502 && status <= 504) ? 'failure' : 'success';
}

function verdictOfError(error: unknown, hadFairChance: boolean): Verdict {
  if (!(error instanceof GatewayError)) return 'nothing';
  if (FAILURES.has(error.code)) return 'failure';
  return error.code === 'DEADLINE_EXCEEDED' && hadFairChance ? 'failure' : 'nothing';
}

/** An exchange as it came to the breaker. */
interface Entry {
  readonly isWhole: boolean;
  readonly atMs: number;
}

/**
 * Whether the end of the time is the fault of the service: it had the most of what the route gives. Clients can say that they
 * wait for a moment only, and take long to send a body, also one that is waited for on the way; providers can take long to say
 * who is calling.
 */
function hadMostOfTheTime({ isCallersDeadline }: Exchange, entry: Entry, times: Times): boolean {
  const { timeoutMs, nowMs } = times;
  if (timeoutMs === null || isCallersDeadline || !entry.isWhole) return false;
  return nowMs - entry.atMs >= timeoutMs / 2;
}

/** The time of the route, and the present one. */
interface Times extends Pick<CircuitBreakerPlan, 'timeoutMs'> {
  readonly nowMs: number;
}

const GRPC_UNAVAILABLE = 14;

const FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CONNECT_FAILED',
  'CONNECT_TIMEOUT',
  'UPSTREAM_TLS_FAILED',
  'UPSTREAM_CERTIFICATE',
  'UPSTREAM_RESET',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_INVALID',
  'UPSTREAM_INCOMPLETE',
  'UPSTREAM_REFUSED',
]);
