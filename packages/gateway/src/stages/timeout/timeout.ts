import type { PoliciesConfig } from '@turnpike/config';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import { callerWaitMs, milliseconds } from '../../core/http/caller-deadline.ts';
import { isEndless } from '../../core/http/endless.ts';
import { refuse } from '../../core/problem.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';

/**
 * Bounds the whole exchange, retries and reply body included: by the time of the route, or by that of the caller (`grpc-timeout`,
 * `Connect-Timeout-Ms`, and the header that the route names for it) if that is shorter. What works on it is cancelled, so
 * that no work goes on unseen. A connection that was switched to another protocol is not bounded; replies that are made to go on
 * (`isEndless`) are bounded by the caller alone, once their head is there: what ends those otherwise is silence.
 *
 * Always there, because any caller may say how long it waits; without a word it is a look at the names of the fields.
 */
export function timeout(
  { timeoutMs, deadlineHeader }: Pick<PoliciesConfig, 'timeoutMs' | 'deadlineHeader'>,
  wheel: TimingWheel,
): Wrapper {
  const routeMs = timeoutMs ?? Infinity;

  function boundByCaller(exchange: Exchange, deadline: Deadline, callersMs: number): void {
    exchange.deadlineAtMs = exchange.startedAtMs + callersMs;
    if (callersMs === Infinity) wheel.remove(deadline);
    else wheel.set(deadline, exchange.deadlineAtMs - wheel.nowMs);
  }

  return (next) => {
    async function bounded(exchange: Exchange, callersMs: number): Promise<Reply> {
      const waitMs = Math.min(routeMs, callersMs);
      exchange.deadlineAtMs = exchange.startedAtMs + waitMs;
      exchange.isCallersDeadline = waitMs < routeMs;
      const leftMs = exchange.deadlineAtMs - wheel.nowMs;
      if (leftMs <= 0) return refuse(exchange, 'DEADLINE_EXCEEDED', { detail: NO_TIME });
      const deadline = new Deadline(() => exchange.cancel('DEADLINE_EXCEEDED'));
      exchange.whenEnded(() => wheel.remove(deadline));
      wheel.set(deadline, leftMs);
      const reply = await next(exchange);
      if (reply.tunnel !== null) wheel.remove(deadline);
      else if (isEndless(reply)) boundByCaller(exchange, deadline, callersMs);
      return reply;
    }

    return (exchange) => {
      const named = deadlineHeader === null ? Infinity : takeField(exchange, deadlineHeader);
      const callersMs = Math.min(named, callerWaitMs(exchange.headers));
      return routeMs === Infinity && callersMs === Infinity ? next(exchange) : bounded(exchange, callersMs);
    };
  };
}

/** What the caller says there; the service gets what is left of it instead. */
function takeField({ headers }: Exchange, name: string): number {
  const text = headers.get(name);
  if (text === undefined) return Infinity;
  headers.delete(name);
  return milliseconds(text);
}

const NO_TIME = 'The time for the whole exchange was over before it began';
