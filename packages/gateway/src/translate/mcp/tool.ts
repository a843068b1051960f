import type { Exchange } from '../../core/exchange.ts';
import type { JsonRecord } from '../../core/mcp/message.ts';
import type { ToolResult } from './results.ts';
import type { Teller, ToldMessages } from './told-messages.ts';

/** What a client has asked a tool for. */
export interface ToolCall {
  readonly args: JsonRecord;
  /** Tells the client how it goes on, where there is something to tell; null: it has not asked for that. */
  readonly teller: Teller | null;
}

/** A tool that we are ourselves. */
export interface OwnTool {
  readonly name: string;
  /** As it is listed (MCP 2026-07-28, Tool). */
  readonly listing: object;
  call(exchange: Exchange, { args, teller }: ToolCall): Promise<ToolResult | ToldMessages>;
}
