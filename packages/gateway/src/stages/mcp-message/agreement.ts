import type { Headers } from '../../core/headers.ts';
import { decodeFieldValue } from '../../core/mcp/header-value.ts';
import type { McpMessage } from '../../core/mcp/message.ts';
import { NAME_PARAMETERS } from '../../core/mcp/protocol.ts';
import { mismatch, type MessageFault } from './message-fault.ts';

/** What the head of a request says of its message. Of a field that comes twice all values, so that it agrees with nothing. */
export interface McpFields {
  readonly version: string | undefined;
  readonly method: string | undefined;
  readonly name: string | undefined;
}

/** Reads them. */
export function mcpFields(headers: Headers): McpFields {
  return {
    version: onlyValue(headers, 'mcp-protocol-version'),
    method: onlyValue(headers, 'mcp-method'),
    name: onlyValue(headers, 'mcp-name'),
  };
}

function onlyValue(headers: Headers, lower: string): string | undefined {
  const first = headers.get(lower);
  const all = headers.getList(lower);
  // No value of these fields begins with a comma.
  return first === all ? first?.trim() : `,${all}`;
}

/** What the headers of a modern message say otherwise than the message, or do not say; null: nothing. */
export function headerFault(message: McpMessage, fields: McpFields): MessageFault | null {
  const { kind, id, method, name } = message;
  if (fields.method !== undefined && fields.method !== method)
    return mismatch(id, 'Mcp-Method names another method than the message');
  // What notifications say in headers is left open by the specification.
  if (kind !== 'request') return null;
  if (fields.version === undefined) return mismatch(id, 'MCP-Protocol-Version is missing');
  if (fields.method === undefined) return mismatch(id, 'Mcp-Method is missing');
  const parameter = NAME_PARAMETERS.get(method);
  if (parameter === undefined) return null;
  if (fields.name === undefined) return name === '' ? null : mismatch(id, 'Mcp-Name is missing');
  const decoded = decodeFieldValue(fields.name);
  if (decoded === null) return mismatch(id, 'Mcp-Name is not well encoded');
  return decoded === name ? null : mismatch(id, `Mcp-Name names something else than params.${parameter}`);
}
