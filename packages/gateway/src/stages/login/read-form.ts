import { TAKEN, type BodySource } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';

/** A form, or why there is none. */
export type Form = URLSearchParams | 'not-a-form' | 'too-large';

/**
 * Reads a form (URL Standard §5) of `maxBytes` at most; what is larger is not read to its end. Rejects when the client
 * breaks off, or the exchange is cancelled.
 */
export async function readForm(exchange: Exchange, maxBytes: number): Promise<Form> {
  const { body, headers } = exchange;
  const [type = ''] = (headers.get('content-type') ?? '').split(';', 1);
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') return 'not-a-form';
  if (body !== null && body.length > maxBytes) return 'too-large';
  const bytes =
    typeof body === 'object' && body !== null ? await collected(body, exchange, maxBytes) : (body ?? '');
  return bytes === null ? 'too-large' : new URLSearchParams(Buffer.from(bytes, 'latin1').toString());
}

/** The bytes as a latin1 string, or null if they are too many. */
function collected(source: BodySource, exchange: Exchange, maxBytes: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = (settle: () => void): void => {
      exchange.whenCancelled(null);
      settle();
    };
    exchange.whenCancelled({
      cancelled(code) {
        source.cancel();
        finish(() => reject(new GatewayError(code, 'cancelled while its form was read')));
      },
    });
    source.readTo({
      write(chunk) {
        if (text.length + chunk.length <= maxBytes) {
          text += chunk.toString('latin1');
          return TAKEN;
        }
        source.cancel();
        finish(() => resolve(null));
        return TAKEN;
      },
      flush() {},
      end: () => finish(() => resolve(text)),
      fail: (error) => finish(() => reject(error)),
    });
  });
}
