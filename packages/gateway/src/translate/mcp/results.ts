import type { Fault } from '@turnpike/config/validation';
import type { GatewayError } from '../../core/errors.ts';
import type { Json } from '../../core/identity.ts';
import type { JsonRecord } from '../../core/mcp/message.ts';
import { problem } from '../../core/problem.ts';

/** What a tool gives (MCP 2026-07-28, CallToolResult). */
export interface ToolResult {
  readonly content: readonly Content[];
  readonly structuredContent?: Json;
  /** The model is told what went wrong, so that it can do better. */
  readonly isError: boolean;
}

type Content =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image' | 'audio'; readonly data: string; readonly mimeType: string };

/** What went wrong, for a model to read. */
export function failure(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

/** What does not fit a schema, a line each. */
export function listed(faults: readonly Fault[]): string {
  return faults
    .map(({ pointer, message }) => `- ${pointer === '' ? 'the arguments' : pointer} ${message}`)
    .join('\n');
}

/** What broke on the way to a service, in the words that any client would be told. */
export function breakdown({ code }: GatewayError, requestId: string): ToolResult {
  const { body } = problem(code, requestId);
  return failure(typeof body === 'string' ? body : code);
}

/** A text. */
export function textResult(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: false };
}

/** A value, and the same as text for clients that do not look at values. */
export function structuredResult(value: JsonRecord, text: string): ToolResult {
  return { content: [{ type: 'text', text }], structuredContent: value, isError: false };
}

/** An image or a recording. */
export function mediaResult(type: 'image' | 'audio', mimeType: string, bytes: string): ToolResult {
  const data = Buffer.from(bytes, 'latin1').toString('base64');
  return { content: [{ type, data, mimeType }], isError: false };
}

/** The beginning of an answer that is too large, with what to do about it. */
export function cut(text: string, maxBytes: number, hint: string): ToolResult {
  const bytes = Buffer.from(text);
  const head = bytes
    .subarray(0, maxBytes)
    .toString('utf8')
    .replace(/\uFFFD$/, '');
  return failure(
    `The answer is larger than the ${maxBytes} bytes that this tool may give. ${hint} It begins:\n\n${head}`,
  );
}
