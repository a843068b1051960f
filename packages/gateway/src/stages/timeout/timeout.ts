import type { Wrapper } from '../../core/exchange.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';

/**
 * Bounds the whole exchange, retries and reply body included. What works on it is cancelled, so that no work goes on
 * unseen; a connection that was switched to another protocol is not bounded.
 */
export function timeout(timeoutMs: number | null, wheel: TimingWheel): Wrapper | null {
  if (timeoutMs === null) return null;

  return (next) => async (exchange) => {
    const deadline = new Deadline(() => exchange.cancel('DEADLINE_EXCEEDED'));
    exchange.whenEnded(() => wheel.remove(deadline));
    wheel.set(deadline, timeoutMs);
    const reply = await next(exchange);
    if (reply.tunnel !== null) wheel.remove(deadline);
    return reply;
  };
}
