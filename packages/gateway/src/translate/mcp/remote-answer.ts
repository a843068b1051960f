import { collectBody } from '../../core/collect-body.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';
import type { RpcId } from '../../core/mcp/message.ts';
import { RPC } from '../../core/mcp/protocol.ts';
import { rpcFault } from '../../core/mcp/rpc-reply.ts';
import { rpcAnswer } from './rpc-answer.ts';

/** Fields of a server that say how its answer is to be read. All others are between it and us: cookies, sessions, challenges. */
const READING = ['Content-Type', 'Content-Encoding'];

const MAX_ERROR_BYTES = 64 * 1024;

/**
 * The answer of one server among several, as the client of all may have it: messages as they come, errors as errors of ours. With a
 * server's 401 or 404 a client would look for another token, or begin another session, with us.
 */
export async function passedOn(exchange: Exchange, reply: Reply, id: RpcId | null): Promise<Reply> {
  // Our own refusals are what any client is told.
  if (reply.code !== '') return reply;
  if (reply.status === 200 && isMessage(reply)) {
    const headers = new Headers().append('Cache-Control', 'no-store');
    for (const name of READING) {
      const value = reply.headers.get(name.toLowerCase());
      if (value !== undefined) headers.append(name, value);
    }
    return { ...reply, headers };
  }
  return fault(exchange, reply, id);
}

function isMessage({ headers }: Reply): boolean {
  return /^(?:application\/json|text\/event-stream)[ \t]*(?:;|$)/i.test(headers.get('content-type') ?? '');
}

async function fault(exchange: Exchange, reply: Reply, id: RpcId | null): Promise<Reply> {
  const { status, headers } = reply;
  const { bytes, body } = await collectBody(exchange, reply.body, MAX_ERROR_BYTES);
  if (bytes === null && typeof body === 'object') body?.cancel();
  const answer = rpcAnswer({ status, headers, bytes }, id ?? 0);
  if (answer.kind === 'error') return rpcFault(status >= 400 && status < 500 ? 400 : 502, id, answer.error);
  const isBusy = status === 429 || status === 503;
  const message = isBusy ? 'The server is busy' : 'The server did not answer with a message';
  const told = rpcFault(isBusy ? status : 502, id, { code: RPC.internal, message });
  const retryAfter = headers.get('retry-after');
  if (isBusy && retryAfter !== undefined) told.headers.append('Retry-After', retryAfter);
  return told;
}
