import type { Exchange, Reply } from '../../core/exchange.ts';
import { RPC } from '../../core/mcp/protocol.ts';
import { rpcFault } from '../../core/mcp/rpc-reply.ts';
import { untilCancelled } from '../../core/until-cancelled.ts';
import type { ToolAccess, Lack } from './access.ts';
import { fitsPattern } from './chosen.ts';
import { RESOURCES, TEMPLATES, type ListKind } from './listing.ts';
import type { McpPorts } from './ports.ts';
import { listOf, type Remote, type WholeList } from './remotes.ts';
import type { McpRequest } from './request.ts';

/** The resources of an endpoint: those of its servers, under their own addresses. */
export interface Resources {
  list(exchange: Exchange, kind: ListKind): Promise<WholeList>;
  /** Answers `resources/read`. */
  read(request: McpRequest): Promise<Reply>;
}

/** What reading needs to know of its endpoint. */
export interface ResourcesPlan {
  readonly remotes: readonly Remote[];
  readonly access: ToolAccess;
  readonly reply: (request: McpRequest, result: object) => Reply;
}

/** Expressions of a template of URIs (RFC 6570); what they may stand for is the server's to say. */
const EXPRESSION = /\{[^{}]*\}/g;

function covers(kind: ListKind, key: string, uri: string): boolean {
  return kind === TEMPLATES ? fitsPattern(uri, key.replace(EXPRESSION, '*')) : key === uri;
}

/**
 * Puts together the resources of servers. Of an address that several have, it is that of the first. An address that no server has
 * listed may still be one, since results of tools point to such: then they are asked one after the other.
 */
export function resources({ remotes, access, reply }: ResourcesPlan, ports: McpPorts): Resources {
  const decisions = ports.decisions('mcp');

  /** The first that has it in its list, or has a template that it fits. */
  async function ownerOf(exchange: Exchange, uri: string): Promise<Remote | null> {
    for (const kind of [RESOURCES, TEMPLATES]) {
      const lists = await Promise.all(remotes.map((remote) => remote.lists(kind).get(exchange)));
      const at = lists.findIndex((list) => list?.entries.some(({ key }) => covers(kind, key, uri)));
      const owner = remotes[at];
      if (owner !== undefined) return owner;
    }
    return null;
  }

  function refused({ exchange, message }: McpRequest, lack: Lack): Reply {
    decisions.denied('resource');
    return access.refusal(exchange, message.id, lack);
  }

  async function search(request: McpRequest): Promise<Reply> {
    const { exchange, message } = request;
    const { id, name: uri } = message;
    let lack: Lack | null = null;
    for (const { server } of remotes) {
      const wanting = access.lack(server.prefix + uri, exchange.identity);
      lack ??= wanting;
      if (wanting !== null) continue;
      const question = { method: message.method, name: uri, params: { uri } };
      const answer = await untilCancelled(
        exchange,
        server.ask(exchange, question).catch(() => null),
      );
      if (answer?.kind === 'result') return reply(request, answer.result);
    }
    if (lack !== null) return refused(request, lack);
    return rpcFault(200, id, { code: RPC.invalidParams, message: 'Resource not found' });
  }

  return {
    list: (exchange, kind) => listOf(remotes, kind, { exchange, decisions }),
    async read(request) {
      const { exchange, message } = request;
      const { method, name: uri, id } = message;
      exchange.record.operation = uri;
      const owner = await untilCancelled(exchange, ownerOf(exchange, uri));
      if (owner === null) return search(request);
      const lack = access.lack(owner.server.prefix + uri, exchange.identity);
      if (lack !== null) return refused(request, lack);
      return owner.server.pass(exchange, { method, name: uri, id });
    },
  };
}
