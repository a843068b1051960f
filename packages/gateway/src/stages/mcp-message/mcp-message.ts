import type { CorsConfig, McpConfig, TargetConfig } from '@turnpike/config';
import { collectBody } from '../../core/collect-body.ts';
import type { Decisions, DecisionsOf } from '../../core/decisions.ts';
import type { Exchange, Handler, Reply, Wrapper } from '../../core/exchange.ts';
import { encodeFieldValue } from '../../core/mcp/header-value.ts';
import type { McpMessage, McpMessages } from '../../core/mcp/message.ts';
import { MODERN, RPC } from '../../core/mcp/protocol.ts';
import { rpcFault } from '../../core/mcp/rpc-reply.ts';
import { refuse } from '../../core/problem.ts';
import { mcpFields } from './agreement.ts';
import { originAllowed } from './origins.ts';
import { readMessage } from './read-message.ts';

/** What is told of the route. */
export interface McpMessagePlan {
  readonly target: TargetConfig;
  readonly cors: CorsConfig | null;
  readonly hosts: readonly string[];
}

/** What the stage works with. */
export interface McpMessagePorts {
  /** Where the target of the route looks for what was read. */
  readonly messages: McpMessages;
  readonly decisions: DecisionsOf;
}

/** Larger messages are refused: arguments are made by models. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads the message of a request to an MCP endpoint. Refuses what is malformed, what its headers do not agree with, and pages
 * that have no business here.
 *
 * From here on `Mcp-Method` and `Mcp-Name` are those of the message, for older clients as well, so that limits and rules may go
 * by them.
 */
export function mcpMessage(plan: McpMessagePlan, ports: McpMessagePorts): Wrapper | null {
  const { target, cors, hosts } = plan;
  if (target.kind !== 'mcp') return null;
  const isAllowed = originAllowed({
    origins: [...target.origins, ...(cors?.origins ?? [])],
    hasHosts: hosts.length > 0 && !hosts.includes('*'),
  });
  const decisions = ports.decisions('mcp');

  return (next) => (exchange) => {
    if (!isAllowed(exchange)) {
      decisions.denied('origin');
      return Promise.resolve(
        refuse(exchange, 'FORBIDDEN', {
          detail: 'Not for pages of this origin.',
          rule: 'translate.mcp.origins',
        }),
      );
    }
    if (exchange.method !== 'POST') return withoutMessage(exchange, target, next);
    return withMessage(exchange, { ...ports, count: decisions }, next);
  };
}

/** Only older clients do that: to listen, and to say goodbye. */
function withoutMessage(exchange: Exchange, { service }: McpConfig, next: Handler): Promise<Reply> {
  const { method, headers } = exchange;
  const isLegacy = headers.get('mcp-protocol-version') !== MODERN;
  const isGoodbye = method === 'DELETE' && headers.has('mcp-session-id');
  if (isLegacy && (isGoodbye || (service !== null && ['GET', 'DELETE'].includes(method))))
    return next(exchange);
  return Promise.resolve(refuse(exchange, 'METHOD_NOT_ALLOWED', { fields: [['Allow', 'POST']] }));
}

interface Reading extends McpMessagePorts {
  readonly count: Decisions;
}

async function withMessage(exchange: Exchange, { messages, count }: Reading, next: Handler): Promise<Reply> {
  const { headers } = exchange;
  if (!isJsonText(headers.getList('content-type')) || headers.has('content-encoding')) {
    count.denied('media-type');
    return refuse(exchange, 'UNSUPPORTED_MEDIA_TYPE', { fields: [['Accept', 'application/json']] });
  }
  const { bytes, body } = await collectBody(exchange, exchange.body, MAX_BYTES);
  if (bytes === null) {
    if (typeof body === 'object') body?.cancel();
    count.denied('too-large');
    return rpcFault(413, null, { code: RPC.server, message: 'The message is larger than 1 MiB' });
  }
  // As a text, without trailers: whoever answers looks into it again.
  exchange.body = bytes === '' ? null : bytes;
  const message = readMessage(bytes, mcpFields(headers));
  if (message.kind === 'fault') {
    count.denied(message.reason);
    return rpcFault(message.status, message.id, message.error);
  }
  count.allowed();
  messages.keep(exchange, message);
  writeFields(exchange, message);
  return next(exchange);
}

function isJsonText(contentType = ''): boolean {
  return /^application\/json[ \t]*(?:;|$)/i.test(contentType);
}

function writeFields({ headers }: Exchange, { method, name }: McpMessage): void {
  headers.delete('mcp-method');
  headers.delete('mcp-name');
  if (method !== '') headers.append('Mcp-Method', encodeFieldValue(method));
  if (name !== '') headers.append('Mcp-Name', encodeFieldValue(name));
}
