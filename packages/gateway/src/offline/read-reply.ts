import { UNKNOWN_LENGTH, type Body } from '../core/body.ts';
import { GatewayError } from '../core/errors.ts';
import type { Exchange, Reply } from '../core/exchange.ts';
import { isBodiless } from '../core/http/status.ts';
import type { Clock } from '../core/ports.ts';
import { responseHead } from '../wire/http1/response-text.ts';
import { readBody } from './bytes-body.ts';
import { fieldsFrom, fieldsOfLines } from './fields.ts';
import type { OfflineResponse } from './offline-types.ts';

/** What a client gets of a reply: the head as it would be written, and the whole body. One that breaks off has no bytes here. */
export async function readReply(exchange: Exchange, reply: Reply, clock: Clock): Promise<OfflineResponse> {
  const { status, body } = reply;
  const isBare = isBodiless(status, exchange.method) || reply.tunnel !== null;
  const chunked = isStream(body) && body.length === UNKNOWN_LENGTH && !isBare;
  const head = responseHead(exchange, reply, { persist: true, chunked, clock });
  if (isBare && isStream(body)) body.cancel();
  const { bytes, trailers, brokenBy } = await wholeBody(isBare ? null : body);
  exchange.record.responseBytes = bytes.length;
  return {
    status,
    headers: fieldsOfLines(head.slice(head.indexOf('\r\n') + 2)),
    body: bytes,
    trailers: trailers === null ? [] : fieldsFrom(trailers),
    brokenBy,
  };
}

async function wholeBody(body: Body) {
  try {
    return { ...(await readBody(body)), brokenBy: '' } as const;
  } catch (error) {
    const brokenBy = error instanceof GatewayError ? error.code : 'INTERNAL';
    return { bytes: Buffer.alloc(0), trailers: null, brokenBy } as const;
  }
}

function isStream(body: Body): body is Exclude<Body, null | string> {
  return typeof body === 'object' && body !== null;
}
