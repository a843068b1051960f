import type { Body } from '../../core/body.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';
import type { FrameLimits } from './frames.ts';

/** A request as a gRPC service gets it. */
export interface GrpcCall {
  readonly headers: Headers;
  readonly body: Body;
}

/** What messages of clients may cost, and what they are called when they do not. */
export function limitsOfRequest(messageBytes: number): FrameLimits {
  return { messageBytes, tooLarge: 'BODY_TOO_LARGE', incomplete: 'INVALID_REQUEST' };
}

/** What messages of services may cost, and what they are called when they do not. */
export function limitsOfReply(messageBytes: number): FrameLimits {
  return { messageBytes, tooLarge: 'RESPONSE_TOO_LARGE', incomplete: 'UPSTREAM_INCOMPLETE' };
}

/** The fields of a call: those of the request but the dropped ones, and what every call of gRPC has. */
export function callFields(request: Headers, type: string, dropped: ReadonlySet<string>): Headers {
  const headers = keptFields(request, dropped).append('Content-Type', type).append('TE', 'trailers');
  // What is left of the time is written for every attempt, to those who were told it in the way of gRPC.
  if (request.has('connect-timeout-ms') && !request.has('grpc-timeout')) headers.append('grpc-timeout', '1H');
  return headers;
}

/** A copy without some of the fields. */
export function keptFields({ names, values }: Headers, dropped: ReadonlySet<string>): Headers {
  const kept = new Headers();
  for (const [i, name] of names.entries()) {
    if (!dropped.has(name.lower)) kept.appendNamed(name, values[i] ?? '');
  }
  return kept;
}

/**
 * Sends a call in place of the request. Afterwards the exchange is what the client sent again: stages outside answer the client,
 * in its own protocol.
 */
export async function send(exchange: Exchange, call: GrpcCall, next: Handler): Promise<Reply> {
  const { headers, body, targetMethod, targetQuery } = exchange;
  exchange.headers = call.headers;
  exchange.body = call.body;
  exchange.targetMethod = 'POST';
  exchange.targetQuery = '';
  try {
    return await next(exchange);
  } finally {
    exchange.headers = headers;
    exchange.body = body;
    exchange.targetMethod = targetMethod;
    exchange.targetQuery = targetQuery;
  }
}
