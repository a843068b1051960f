import type { Body } from '../../core/body.ts';
import { copiedExchange } from '../../core/copied-exchange.ts';
import type { Exchange } from '../../core/exchange.ts';
import { ownHeaderName } from '../../core/header-names.ts';

/** Tells a service that nobody waits for its answer. Of a client, this field reaches no service. */
const MARK = ownHeaderName('X-Turnpike-Mirror');

/**
 * A request like this one, as the next stage would get it, under an id of its own. Nobody counts it or writes it down, and it
 * goes on when the client of the other goes away.
 */
export function copyExchange(exchange: Exchange, body: Body, nowMs: number): Exchange {
  const headers = exchange.headers.share();
  headers.appendNamed(MARK, '1');
  const { id, method } = exchange;
  return copiedExchange(exchange, { id: `${id}-mirror`, method, headers, body, nowMs, inform: () => {} });
}
