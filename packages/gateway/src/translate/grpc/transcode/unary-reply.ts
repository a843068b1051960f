import type { Exchange, Reply } from '../../../core/exchange.ts';
import { GatewayError } from '../../../core/errors.ts';
import { addTrailers, replyHeaders } from './grpc-headers.ts';
import { grpcProblem } from './grpc-problem.ts';
import { messageDecoder } from './message-coding.ts';
import { endingOf, outcomeOf } from './outcome.ts';
import { replyJson, replyRaw } from './reply-text.ts';
import { unaryMessage } from './unary-message.ts';
import type { Binding } from './binding.ts';

const OK = 0;

/** The reply to a call that has one message: the message when the call succeeded, a problem otherwise. */
export async function unaryReply(
  exchange: Exchange,
  reply: Reply,
  { binding, messageBytes }: { readonly binding: Binding; readonly messageBytes: number },
): Promise<Reply> {
  const outcome = outcomeOf(exchange, reply);
  const headers = replyHeaders(reply.headers, 'application/json');
  if (outcome.kind === 'ended') {
    if (outcome.status.code === OK) throw withoutMessage();
    return grpcProblem(exchange.id, outcome.status, headers);
  }
  const rules = { maxBytes: messageBytes, decode: messageDecoder(reply.headers, messageBytes) };
  const { message, trailers } = await unaryMessage(exchange, outcome.body, rules);
  const status = endingOf(exchange, trailers);
  if (trailers !== null) addTrailers(headers, trailers);
  if (status.code !== OK) return grpcProblem(exchange.id, status, headers);
  if (message === null) throw withoutMessage();
  return withBody(exchange, { ...reply, headers }, bodyOf(binding, message, headers));
}

/** The bytes of the body, one character each. */
function bodyOf(binding: Binding, message: Buffer, headers: Reply['headers']): string {
  if (binding.reply.kind !== 'raw') return latin1Of(replyJson(binding, message));
  const { contentType, data } = replyRaw(binding.reply, message);
  headers.set('Content-Type', mediaTypeOf(contentType));
  return data.toString('latin1');
}

/** What a service calls its bytes, where that can be a field. */
export function mediaTypeOf(contentType: string): string {
  return /^[\t\x20-\x7e]+$/.test(contentType) ? contentType : 'application/octet-stream';
}

/** HEAD is answered like GET, but for the body (RFC 9110 §9.3.2). */
function withBody({ method }: Exchange, reply: Reply, body: string): Reply {
  if (method !== 'HEAD') return { ...reply, status: 200, body };
  reply.headers.set('Content-Length', String(body.length));
  return { ...reply, status: 200, body: null };
}

/** UTF-8, one character a byte. Most texts are their own. */
function latin1Of(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');
}

function withoutMessage(): GatewayError {
  return new GatewayError('UPSTREAM_INVALID', 'a call succeeded without a message');
}
