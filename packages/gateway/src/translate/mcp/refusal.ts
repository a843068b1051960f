import { challengesForScopes, insufficientScope } from '../../core/challenges.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import type { RpcId } from '../../core/mcp/message.ts';
import { RPC } from '../../core/mcp/protocol.ts';
import { rpcFault } from '../../core/mcp/rpc-reply.ts';
import type { Lack } from './access.ts';

/** Tells a caller what it takes: to say who it is, in one of the ways of the route, or a token with more scopes (RFC 6750 §3.1). */
export function lackReplies(challenges: readonly string[]) {
  return ({ identity }: Exchange, id: RpcId | null, { scopes }: Lack): Reply => {
    const isAnonymous = identity === null;
    const message = isAnonymous
      ? 'This is not for callers without credentials'
      : `This takes the scopes ${scopes.join(' ')}`;
    const reply = rpcFault(isAnonymous ? 401 : 403, id, { code: RPC.server, message });
    const asked = isAnonymous ? challengesForScopes(challenges, scopes) : insufficientScope(scopes, identity);
    for (const challenge of asked) reply.headers.append('WWW-Authenticate', challenge);
    return { ...reply, code: isAnonymous ? 'UNAUTHENTICATED' : 'FORBIDDEN' };
  };
}
