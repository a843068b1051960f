import type { Body, BodySource } from '../../core/body.ts';
import type { Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { recordAt } from '../../core/mcp/message.ts';
import { bodyText } from '../../core/mcp/rpc-reply.ts';
import type { McpRequest } from './request.ts';
import type { ToolResult } from './results.ts';
import type { Teller } from './told-messages.ts';

/**
 * Tells the client of a request how its call goes on, if it has said under which token it wants to hear that, and takes events
 * (MCP 2026-07-28, Progress); else null. `given` makes the reply that it would have got instead.
 */
export function tellerOf(
  { exchange, message }: McpRequest,
  given: (result: ToolResult) => Reply,
): Teller | null {
  const { progressToken } = recordAt(message.params, '_meta');
  const isToken = typeof progressToken === 'string' || Number.isSafeInteger(progressToken);
  if (!isToken || !takesEvents(exchange.headers.getList('accept'))) return null;
  return {
    requestId: exchange.id,
    message(count, text) {
      const params = { progressToken, progress: count, message: text };
      return event(bodyText(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params })));
    },
    result: (result) => event(given(result).body),
  };
}

function takesEvents(accept = ''): boolean {
  return /(?:^|[ \t,])(?:text\/event-stream|\*\/\*)(?:[ \t,;]|$)/i.test(accept);
}

/** One message of JSON-RPC, which is one line. */
function event(body: Body): Buffer {
  return Buffer.from(`data: ${typeof body === 'string' ? body : ''}\n\n`, 'latin1');
}

/** The reply whose messages come as events. */
export function eventReply(body: BodySource): Reply {
  const headers = headersOf(
    ['Content-Type', 'text/event-stream'],
    ['Cache-Control', 'no-store'],
    ['X-Accel-Buffering', 'no'],
  );
  return { status: 200, headers, body, code: '', tunnel: null };
}
