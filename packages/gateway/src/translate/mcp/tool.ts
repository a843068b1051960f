import type { Exchange } from '../../core/exchange.ts';
import type { JsonRecord } from '../../core/mcp/message.ts';
import type { ToolResult } from './results.ts';

/** A tool that we are ourselves. */
export interface OwnTool {
  readonly name: string;
  /** As it is listed (MCP 2026-07-28, Tool). */
  readonly listing: object;
  call(exchange: Exchange, args: JsonRecord): Promise<ToolResult>;
}
