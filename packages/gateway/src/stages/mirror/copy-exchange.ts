import type { Body } from '../../core/body.ts';
import { Exchange } from '../../core/exchange.ts';
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
  const copy = new Exchange({
    id: `${exchange.id}-mirror`,
    method: exchange.method,
    authority: exchange.authority,
    host: exchange.host,
    path: exchange.path,
    query: exchange.query,
    version: exchange.version,
    headers,
    body,
    client: exchange.client,
    peer: exchange.peer,
    fromTrustedProxy: exchange.fromTrustedProxy,
    clientCertificate: exchange.clientCertificate,
    arrival: exchange.arrival,
    memo: exchange.memo,
    upgrade: '',
    startedAtMs: nowMs,
    inform: () => {},
  });
  copy.params = exchange.params;
  copy.targetMethod = exchange.targetMethod;
  copy.targetPath = exchange.targetPath;
  copy.targetQuery = exchange.targetQuery;
  copy.targetAuthority = exchange.targetAuthority;
  copy.identity = exchange.identity;
  copy.record.route = exchange.record.route;
  return copy;
}
