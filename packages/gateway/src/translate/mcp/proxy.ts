import { collectBody } from '../../core/collect-body.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import type { McpMessage } from '../../core/mcp/message.ts';
import { RPC } from '../../core/mcp/protocol.ts';
import { bodyText, rpcFault } from '../../core/mcp/rpc-reply.ts';
import { toolAccess, type ToolAccess } from './access.ts';
import { KnownNames } from './known-names.ts';
import type { McpPlan, McpPorts } from './ports.ts';
import { lackReply } from './refusal.ts';
import { rpcAnswer } from './rpc-answer.ts';

const MAX_LIST_BYTES = 4 * 1024 * 1024;

/**
 * Stands before one MCP server: its messages go on as they are, byte for byte, once it is clear that the caller may send them, and
 * its answers come back as they are made. Only lists are read, where they say more than a caller may know.
 */
export function proxy({ config, ownsCredentials, isIdentified }: McpPlan, ports: McpPorts): Handler {
  const { messages, countCall } = ports;
  const towards = ports.towards(config.service ?? '');
  const access = toolAccess(config.access);
  const decisions = ports.decisions('mcp');
  const known = new KnownNames();

  function clean({ headers }: Exchange): void {
    // A token for us is for nobody else. Where we ask for none, it is the server's own.
    if (isIdentified && !ownsCredentials) headers.delete('authorization');
    if (isIdentified) headers.delete('cookie');
    // An older server would tell again what it has listed before, past us.
    if (access.isRestricted) headers.delete('last-event-id');
  }

  async function call(exchange: Exchange, message: McpMessage): Promise<Reply> {
    // What is no name to us may be one to the server, and then no rule was asked about it.
    if (message.name === '') {
      const error = { code: RPC.invalidParams, message: 'params.name must be the name of a tool' };
      return rpcFault(400, message.id, error);
    }
    exchange.record.operation = message.name;
    const lack = access.lack(message.name, exchange.identity);
    if (lack !== null) {
      decisions.denied('tool');
      countCall(known.name(message.name), 'refused');
      return lackReply(exchange, message.id, lack);
    }
    clean(exchange);
    const reply = await towards(exchange);
    if (reply.status < 400) known.add(message.name);
    countCall(known.name(message.name), reply.status < 400 ? 'ok' : 'error');
    return reply;
  }

  async function list(exchange: Exchange, message: McpMessage): Promise<Reply> {
    clean(exchange);
    exchange.headers.set('Accept-Encoding', 'identity');
    const reply = await towards(exchange);
    return visible(exchange, message, { reply, access });
  }

  return (exchange) => {
    const message = messages.of(exchange);
    if (message?.method === 'tools/call') return call(exchange, message);
    if (message?.method === 'tools/list' && access.isRestricted) return list(exchange, message);
    clean(exchange);
    return towards(exchange);
  };
}

interface Unfiltered {
  readonly reply: Reply;
  readonly access: ToolAccess;
}

/** A list with those tools only that the caller may call; as one message, even if it came as a stream. */
async function visible(
  exchange: Exchange,
  message: McpMessage,
  { reply, access }: Unfiltered,
): Promise<Reply> {
  const { bytes, body } = await collectBody(exchange, reply.body, MAX_LIST_BYTES);
  if (bytes === null && typeof body === 'object') body?.cancel();
  const answer = rpcAnswer({ status: reply.status, headers: reply.headers, bytes }, message.id ?? '');
  if (answer.kind === 'error') return { ...reply, body };
  // What cannot be read cannot be filtered either.
  if (answer.kind === 'none' || !Array.isArray(answer.result['tools'])) {
    if (reply.status >= 400) return { ...reply, body };
    return rpcFault(502, message.id, { code: RPC.internal, message: 'The server answered with no list' });
  }
  const tools = (answer.result['tools'] as readonly unknown[]).filter((tool) =>
    isVisible(tool, access, exchange),
  );
  const scope = 'cacheScope' in answer.result ? { cacheScope: 'private' } : {};
  const text = JSON.stringify({
    jsonrpc: '2.0',
    id: message.id,
    result: { ...answer.result, ...scope, tools },
  });
  const headers = reply.headers.share();
  headers.set('Content-Type', 'application/json');
  headers.set('Cache-Control', 'no-store');
  headers.delete('etag');
  return { ...reply, headers, body: bodyText(text) };
}

function isVisible(tool: unknown, access: ToolAccess, { identity }: Exchange): boolean {
  const name = typeof tool === 'object' && tool !== null && 'name' in tool ? tool.name : undefined;
  return typeof name === 'string' && access.lack(name, identity) === null;
}
