import type { PoliciesConfig } from '@turnpike/config';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import { callerWaitMs, milliseconds } from '../../core/http/caller-deadline.ts';
import { refuse } from '../../core/problem.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';

/**
 * Bounds the whole exchange, retries and reply body included: by the time of the route, or by that of the caller (`grpc-timeout`,
 * `Connect-Timeout-Ms`, and the header that the route names for it) if that is shorter. What works on it is cancelled, so
 * that no work goes on unseen; a connection that was switched to another protocol is not bounded.
 *
 * Always there, because any caller may say how long it waits; without a word it is a look at the names of the fields.
 */
export function timeout(
  { timeoutMs, deadlineHeader }: Pick<PoliciesConfig, 'timeoutMs' | 'deadlineHeader'>,
  wheel: TimingWheel,
): Wrapper {
  const routeMs = timeoutMs ?? Infinity;

  return (next) => {
    async function bounded(exchange: Exchange, waitMs: number): Promise<Reply> {
      exchange.deadlineAtMs = exchange.startedAtMs + waitMs;
      exchange.isCallersDeadline = waitMs < routeMs;
      const leftMs = exchange.deadlineAtMs - wheel.nowMs;
      if (leftMs <= 0) return refuse(exchange, 'DEADLINE_EXCEEDED', { detail: NO_TIME });
      const deadline = new Deadline(() => exchange.cancel('DEADLINE_EXCEEDED'));
      exchange.whenEnded(() => wheel.remove(deadline));
      wheel.set(deadline, leftMs);
      const reply = await next(exchange);
      if (reply.tunnel !== null) wheel.remove(deadline);
      return reply;
    }

    return (exchange) => {
      const named = deadlineHeader === null ? Infinity : takeField(exchange, deadlineHeader);
      const waitMs = Math.min(routeMs, named, callerWaitMs(exchange.headers));
      return waitMs === Infinity ? next(exchange) : bounded(exchange, waitMs);
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
