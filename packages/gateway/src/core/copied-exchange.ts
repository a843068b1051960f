import type { Body } from './body.ts';
import { Exchange } from './exchange.ts';
import type { Headers } from './headers.ts';

/** What a copy has of its own. */
export interface CopyOf {
  readonly id: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Body;
  readonly nowMs: number;
  /** Who hears its interim responses. */
  readonly inform: Exchange['inform'];
}

/**
 * A request like this one, as the next stage would get it. Nobody counts it or writes it down, and it goes on when the client of the other goes away.
 */
export function copiedExchange(exchange: Exchange, own: CopyOf): Exchange {
  const { id, method, headers, body, nowMs, inform } = own;
  const copy = new Exchange({
    id,
    method,
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
    inform,
  });
  copy.params = exchange.params;
  copy.targetMethod = method === exchange.method ? exchange.targetMethod : method;
  copy.targetPath = exchange.targetPath;
  copy.targetQuery = exchange.targetQuery;
  copy.targetAuthority = exchange.targetAuthority;
  copy.identity = exchange.identity;
  copy.values = exchange.values;
  copy.record.route = exchange.record.route;
  return copy;
}
