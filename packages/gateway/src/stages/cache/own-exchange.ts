import { Exchange } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';

/** What a request of our own has that the client's has not. */
export interface OwnRequest {
  readonly headers: Headers;
  /** Of a QUERY. */
  readonly body: string | null;
  readonly query: string;
  readonly nowMs: number;
}

/**
 * The same request in our own name, as the next stage would get it: what comes of it is for all who wait, so it goes on when the
 * client of the other goes away. Nobody counts it; what it learns is told to the record of the one who asked.
 */
export function ownExchange(exchange: Exchange, { headers, body, query, nowMs }: OwnRequest): Exchange {
  const own = new Exchange({
    id: exchange.id,
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
  own.params = exchange.params;
  own.targetMethod = exchange.targetMethod;
  own.targetPath = exchange.targetPath;
  own.targetQuery = query;
  own.targetAuthority = exchange.targetAuthority;
  own.identity = exchange.identity;
  own.operation = exchange.operation;
  own.trace = exchange.trace;
  own.deadlineAtMs = exchange.deadlineAtMs;
  own.isCallersDeadline = exchange.isCallersDeadline;
  own.record.route = exchange.record.route;
  return own;
}

/** Tells what our request has learned to the record of the one who asked for it. */
export function tellRecord({ record: own }: Exchange, { record }: Exchange): void {
  record.service = own.service;
  record.endpoint = own.endpoint;
  record.picked = own.picked;
  record.attempts = own.attempts;
  record.lost = own.lost;
  record.unretried = own.unretried;
  record.hedge = own.hedge;
  record.upstreamMs = own.upstreamMs;
  record.reused = own.reused;
  record.fallbackFor = own.fallbackFor;
}
