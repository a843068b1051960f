import { isRecord, recordAt, type JsonRecord, type McpMessage, type RpcId } from '../../core/mcp/message.ts';
import { shapeFault } from '../../core/mcp/json-shape.ts';
import { META, MODERN, NAME_PARAMETERS, RPC, SUPPORTED } from '../../core/mcp/protocol.ts';
import { headerFault, type McpFields } from './agreement.ts';
import { batch, envelope, malformed, mismatch, unsupported, type MessageFault } from './message-fault.ts';

/** JSON is nested no deeper; models and people stay far below. */
const MAX_DEPTH = 64;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a message, and holds what its headers say against it. Whoever decided something by the headers has then decided it by
 * the message, too; and one text means one thing, whoever reads it after us.
 */
export function readMessage(bytes: string, fields: McpFields): McpMessage | MessageFault {
  const parsed = parse(bytes);
  if (parsed === null)
    return malformed(RPC.parseError, 'The body is no JSON that can be read in one way only');
  if (Array.isArray(parsed)) return batch();
  if (!isRecord(parsed) || parsed['jsonrpc'] !== '2.0')
    return malformed(RPC.invalidRequest, 'The body is no message of JSON-RPC 2.0');
  const shape = shapeOf(parsed);
  if (shape === null) return malformed(RPC.invalidRequest, 'The body is no message of JSON-RPC 2.0');
  const version = versionOf(shape, fields);
  if (typeof version !== 'string') return version;
  const message: McpMessage = { ...shape, version, era: version === MODERN ? 'modern' : 'legacy' };
  if (message.era === 'legacy') return message;
  return envelopeFault(message) ?? headerFault(message, fields) ?? message;
}

function parse(bytes: string): unknown {
  try {
    const text = UTF8.decode(Buffer.from(bytes, 'latin1'));
    const value: unknown = JSON.parse(text);
    return shapeFault(text, MAX_DEPTH) === null ? value : null;
  } catch {
    // Neither UTF-8 nor JSON: the same to who sent it.
    return null;
  }
}

type Shape = Omit<McpMessage, 'version' | 'era'>;

function shapeOf(message: JsonRecord): Shape | null {
  const { id, method, params = {} } = message;
  const hasId = 'id' in message;
  if (hasId && !isId(id)) return null;
  if (method === undefined) {
    const isResponse = hasId && 'result' in message !== 'error' in message;
    return isResponse ? { kind: 'response', id: null, method: '', params: {}, name: '' } : null;
  }
  if (typeof method !== 'string' || !isRecord(params) || 'result' in message || 'error' in message)
    return null;
  const name = params[NAME_PARAMETERS.get(method) ?? ''];
  return {
    kind: hasId ? 'request' : 'notification',
    id: isId(id) ? id : null,
    method,
    params,
    name: typeof name === 'string' ? name : '',
  };
}

function isId(id: unknown): id is RpcId {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

/** The revision that a message is in: what it says itself, or else its header. Older clients say it in the header only. */
function versionOf(shape: Shape, { version: header }: McpFields): string | MessageFault {
  const claim = recordAt(shape.params, '_meta')[META.protocolVersion];
  if (claim !== undefined) {
    if (typeof claim !== 'string') return envelope(shape.id, `${META.protocolVersion} is no text`);
    if (header !== undefined && header !== claim)
      return mismatch(shape.id, 'MCP-Protocol-Version and the message name different revisions');
    return SUPPORTED.includes(claim) ? claim : unsupported(shape.id, claim);
  }
  if (header === MODERN && shape.method === 'initialize')
    return mismatch(shape.id, `initialize is not of the revision ${MODERN} that MCP-Protocol-Version names`);
  if (header === MODERN && shape.kind === 'request')
    return envelope(shape.id, `the request lacks ${META.protocolVersion} in _meta`);
  if (header === undefined) return '';
  // Later revisions are like this one; of earlier ones that we do not know a session is agreed upon anew.
  return SUPPORTED.includes(header) ? header : unsupported(shape.id, header);
}

function envelopeFault({ kind, id, params }: McpMessage): MessageFault | null {
  if (kind !== 'request') return null;
  const meta = recordAt(params, '_meta');
  if (!isRecord(meta[META.clientCapabilities]))
    return envelope(id, `the request lacks ${META.clientCapabilities} in _meta`);
  const info = meta[META.clientInfo];
  if (info !== undefined && !isRecord(info)) return envelope(id, `${META.clientInfo} is no object`);
  return null;
}
