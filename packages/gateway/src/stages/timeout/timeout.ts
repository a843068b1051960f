import type { PoliciesConfig } from '@turnpike/config';
import type { Exchange, Wrapper } from '../../core/exchange.ts';
import { callerWaitMs, milliseconds } from '../../core/http/caller-deadline.ts';
import { refuse } from '../../core/problem.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { TimeBound, unusedBounds } from './time-bound.ts';

/**
 * Bounds the whole exchange, retries and reply body included: by the time of the route, or by that of the caller (`grpc-timeout`,
 * `Connect-Timeout-Ms`, and the header that the route names for it) if that is shorter. What works on it is cancelled, so
 * that no work goes on unseen. A connection that was switched to another protocol is not bounded; replies that are made to go on
 * (`isEndless`) are bounded by the caller alone: what ends those otherwise is silence.
 *
 * Always there, because any caller may say how long it waits; without a word it is a look at the names of the fields.
 */
export function timeout(
  { timeoutMs, deadlineHeader }: Pick<PoliciesConfig, 'timeoutMs' | 'deadlineHeader'>,
  wheel: TimingWheel,
): Wrapper {
  const routeMs = timeoutMs ?? Infinity;
  const unused = unusedBounds(wheel);

  return (next) => (exchange) => {
    const named = deadlineHeader === null ? Infinity : takeField(exchange, deadlineHeader);
    const callersMs = Math.min(named, callerWaitMs(exchange.headers));
    const waitMs = Math.min(routeMs, callersMs);
    if (waitMs === Infinity) return next(exchange);
    exchange.deadlineAtMs = exchange.startedAtMs + waitMs;
    exchange.isCallersDeadline = waitMs < routeMs;
    if (exchange.deadlineAtMs <= wheel.nowMs)
      return Promise.resolve(refuse(exchange, 'DEADLINE_EXCEEDED', { detail: NO_TIME }));
    (unused.pop() ?? new TimeBound(wheel, unused)).begin(exchange, callersMs);
    return next(exchange);
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
