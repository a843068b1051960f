import { type Body, isWhole } from './body.ts';
import { collectBody } from './collect-body.ts';
import { GatewayError } from './errors.ts';
import type { Exchange, Handler, Reply } from './exchange.ts';
import type { Headers } from './headers.ts';

/** What a service gets in place of what the client sent. */
export interface TranslatedRequest {
  readonly headers: Headers;
  readonly body: Body;
  /** Without it, the path stays. */
  readonly path?: string;
}

/** What is about the body of the client, and about a stored reply to it. */
const OF_CALLERS_BODY = [
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-length',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
  'te',
] as const;

/** What is about the body of the service. */
const OF_REPLYS_BODY = [
  'accept-ranges',
  'content-digest',
  'content-encoding',
  'content-length',
  'content-md5',
  'digest',
  'etag',
  'last-modified',
  'repr-digest',
  'trailer',
] as const;

/**
 * The exchange is a POST of another message until its head is answered, and then again what it was: stages outside answer the client in
 * its own protocol.
 */
export async function askTranslated(
  exchange: Exchange,
  request: TranslatedRequest,
  next: Handler,
): Promise<Reply> {
  const { headers, body, targetMethod, targetPath, targetQuery } = exchange;
  exchange.headers = request.headers;
  exchange.body = request.body;
  exchange.targetMethod = 'POST';
  exchange.targetPath = request.path ?? targetPath;
  exchange.targetQuery = '';
  try {
    return await next(exchange);
  } finally {
    exchange.headers = headers;
    exchange.body = body;
    exchange.targetMethod = targetMethod;
    exchange.targetPath = targetPath;
    exchange.targetQuery = targetQuery;
  }
}

/** The fields of a request that go along with another body. */
export function requestHeaders(headers: Headers): Headers {
  return without(headers, OF_CALLERS_BODY);
}

/** The fields of a reply that go along with another body. */
export function replyHeaders(headers: Headers): Headers {
  return without(headers, OF_REPLYS_BODY);
}

/** The body of a reply, one character a byte. */
export async function wholeReply(exchange: Exchange, reply: Reply, maxBytes: number): Promise<string> {
  const { bytes, body } = await collectBody(exchange, reply.body, maxBytes);
  if (bytes !== null) return bytes;
  if (!isWhole(body)) body.cancel();
  throw new GatewayError('RESPONSE_TOO_LARGE', `the answer has more than ${maxBytes} bytes`);
}

/** A reply that is read by nobody any more. What a server in between says about a failure goes on as it is. */
export function untranslated(reply: Reply, problem: string): Reply {
  if (reply.code !== '' || reply.status >= 300) return reply;
  if (!isWhole(reply.body)) reply.body.cancel();
  throw new GatewayError('UPSTREAM_INVALID', problem);
}

/** The reply as JSON. HEAD is answered like GET, but for the body (RFC 9110 §9.3.2). */
export function jsonReply({ method }: Exchange, reply: Reply, json: string): Reply {
  const headers = replyHeaders(reply.headers).set('Content-Type', 'application/json');
  const body = Buffer.from(json).toString('latin1');
  if (method !== 'HEAD') return { ...reply, headers, body };
  return { ...reply, headers: headers.set('Content-Length', String(body.length)), body: null };
}

/** `UTF-8`, one character a byte, as bodies are. */
export function bodyOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function without(headers: Headers, names: readonly string[]): Headers {
  const kept = headers.share();
  for (const name of names) kept.delete(name);
  return kept;
}
