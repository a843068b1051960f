import { TAKEN, type BodySink } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';

/** Reads a reply to its end and keeps nothing of it. Rejects when it breaks off, or the exchange is cancelled meanwhile. */
export function drained(exchange: Exchange, { body }: Reply): Promise<void> {
  if (body === null || typeof body === 'string') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const sink: BodySink = {
      write: () => TAKEN,
      flush() {},
      end: () => resolve(),
      fail: reject,
    };
    exchange.whenCancelled({
      cancelled(code) {
        body.cancel();
        reject(new GatewayError(code, 'the answer to a copy took too long'));
      },
    });
    body.readTo(sink);
  });
}
