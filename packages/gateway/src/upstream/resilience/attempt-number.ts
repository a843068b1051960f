import type { Headers } from '../../core/headers.ts';

/**
 * Which attempt at the same request this is, by `X-Gateway-Attempt`: 1, unless a gateway before us says more. Only one layer
 * may repeat: three of them with three attempts each would make 27 of one.
 */
export function attemptNumber(headers: Headers): number {
  const text = headers.get('x-gateway-attempt');
  return text !== undefined && /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 1;
}
