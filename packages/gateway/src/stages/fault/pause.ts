import { GatewayError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';

/** Waits so long; rejects at once when the exchange is cancelled. */
export function pause(exchange: Exchange, durationMs: number, wheel: TimingWheel): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = new Deadline(() => {
      exchange.whenCancelled(null);
      resolve();
    });
    exchange.whenCancelled({
      cancelled(code) {
        wheel.remove(over);
        reject(new GatewayError(code, 'cancelled while it was made to wait'));
      },
    });
    wheel.set(over, durationMs);
  });
}
