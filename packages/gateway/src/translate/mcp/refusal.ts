import type { Exchange, Reply } from '../../core/exchange.ts';
import type { RpcId } from '../../core/mcp/message.ts';
import { RPC } from '../../core/mcp/protocol.ts';
import { rpcFault } from '../../core/mcp/rpc-reply.ts';
import type { Lack } from './access.ts';

/** Tells a caller what it takes: a token, or one with more scopes (RFC 6750 §3.1). */
export function lackReply({ identity }: Exchange, id: RpcId | null, { scopes }: Lack): Reply {
  const scope = scopes.join(' ');
  const isAnonymous = identity === null;
  const message = isAnonymous
    ? 'This is not for callers without credentials'
    : `This takes the scopes ${scope}`;
  const reply = rpcFault(isAnonymous ? 401 : 403, id, { code: RPC.server, message });
  const why = isAnonymous ? 'realm="turnpike"' : 'error="insufficient_scope"';
  reply.headers.append('WWW-Authenticate', `Bearer ${why}, scope="${scope}"`);
  return { ...reply, code: isAnonymous ? 'UNAUTHENTICATED' : 'FORBIDDEN' };
}
