import { GatewayError, type ErrorCode } from './errors.ts';
import type { Exchange } from './exchange.ts';

/**
 * Waits for something that goes on without the exchange: rejects at once when the exchange is cancelled, and what was
 * waited for is still there for others.
 */
export function untilCancelled<T>(exchange: Exchange, shared: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancelled = (code: ErrorCode): void =>
      reject(new GatewayError(code, 'nobody waits for the reply any more'));
    if (exchange.cancelled !== null) cancelled(exchange.cancelled);
    else exchange.whenCancelled({ cancelled });
    const settled = (): void => {
      // After a cancellation, whoever answers the client may have taken our place.
      if (exchange.cancelled === null) exchange.whenCancelled(null);
    };
    shared.finally(settled).then(resolve, reject);
  });
}
