import { copiedExchange } from '../../core/copied-exchange.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';

/** What a request of our own has that the client's has not. */
export interface OwnRequest {
  readonly headers: Headers;
  /** Of a QUERY. */
  readonly body: string | null;
  readonly query: string;
  readonly nowMs: number;
  /** Hears interim responses, such as 103. */
  readonly inform: Exchange['inform'];
}

/**
 * The same request in our own name, as the next stage would get it: what comes of it is for all who wait, so it goes on when the
 * client of the other goes away. Nobody counts it; what it learns is told to the record of the one who asked.
 */
export function ownExchange(exchange: Exchange, own: OwnRequest): Exchange {
  // What is stored is what a GET gets, also if a HEAD is the reason to ask for it.
  const method = exchange.method === 'HEAD' ? 'GET' : exchange.method;
  const copy = copiedExchange(exchange, { id: exchange.id, method, ...own });
  copy.targetQuery = own.query;
  copy.operation = exchange.operation;
  copy.trace = exchange.trace;
  copy.deadlineAtMs = exchange.deadlineAtMs;
  copy.isCallersDeadline = exchange.isCallersDeadline;
  return copy;
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
