import type { Exchange } from '../exchange.ts';
import type { Headers } from '../headers.ts';

/** The scheme that the client used: of a proxy that we trust, what it says in `X-Forwarded-Proto`; else that of our listener. */
export function schemeOf({
  arrival,
  fromTrustedProxy,
  headers,
}: Pick<Exchange, 'arrival' | 'fromTrustedProxy' | 'headers'>): 'http' | 'https' {
  const told = fromTrustedProxy ? lastTold(headers, 'x-forwarded-proto').toLowerCase() : '';
  return told === 'http' || told === 'https' ? told : arrival.scheme;
}

/** What the nearest proxy wrote in a forwarding field, or `''`: what stands before it may be from anybody. */
export function lastTold(headers: Headers, name: string): string {
  const list = headers.getList(name) ?? '';
  return list.slice(list.lastIndexOf(',') + 1).trim();
}
