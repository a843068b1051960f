import type { Exchange } from '../../core/exchange.ts';
import type { McpMessage } from '../../core/mcp/message.ts';

/** A request that waits for its answer. */
export interface McpRequest {
  readonly exchange: Exchange;
  readonly message: McpMessage;
}
