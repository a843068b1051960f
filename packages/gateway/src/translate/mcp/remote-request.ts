import type { Exchange } from '../../core/exchange.ts';
import { headersOf, type Headers } from '../../core/headers.ts';
import { encodeFieldValue } from '../../core/mcp/header-value.ts';
import { isRecord, recordAt, type JsonRecord, type McpMessage } from '../../core/mcp/message.ts';
import { META, MODERN, NAME_PARAMETERS } from '../../core/mcp/protocol.ts';
import { bodyText } from '../../core/mcp/rpc-reply.ts';
import { parseAsWritten } from './exact-json.ts';
import type { OwnRequest } from './own-exchange.ts';

/** A session with a server of an older revision. */
export interface ServerSession {
  /** `''`: the server keeps none. */
  readonly id: string;
  readonly version: string;
}

/** How a server is spoken to: without sessions, or in one. */
export type Speech =
  | { readonly era: 'modern' }
  | { readonly era: 'legacy'; readonly session: ServerSession | null };

/** A message to a server, and what goes with it. */
export interface RemoteMessage {
  readonly method: string;
  /** What it is about, or `''`. */
  readonly name: string;
  /** Null: a notification. */
  readonly id: number | null;
  readonly params: JsonRecord;
}

/** What a request of the modern kind says of us, where its client has said nothing. */
const OUR_META: JsonRecord = {
  [META.protocolVersion]: MODERN,
  [META.clientInfo]: { name: 'turnpike', version: '1' },
  [META.clientCapabilities]: {},
};

/** A request of ours to a server. */
export function remoteRequest(
  path: string,
  { method, name, id, params }: RemoteMessage,
  speech: Speech,
): OwnRequest {
  const headers = headersOf(
    ['Content-Type', 'application/json'],
    ['Accept', 'application/json, text/event-stream'],
    ['Accept-Encoding', 'identity'],
  );
  const own = speech.era === 'modern' ? { ...params, _meta: OUR_META } : params;
  writeSpeech(headers, { method, name }, speech);
  const message = { jsonrpc: '2.0', ...(id !== null && { id }), method, params: own };
  return { method: 'POST', path, query: '', headers, body: bodyText(JSON.stringify(message)) };
}

/** The goodbye to a session. */
export function goodbye(path: string, session: ServerSession): OwnRequest {
  const headers = headersOf(['Accept', 'application/json']);
  writeSpeech(headers, { method: '', name: '' }, { era: 'legacy', session });
  return { method: 'DELETE', path, query: '', headers, body: null };
}

function writeSpeech(
  headers: Headers,
  { method, name }: Pick<McpMessage, 'method' | 'name'>,
  speech: Speech,
): void {
  for (const field of ['mcp-protocol-version', 'mcp-session-id', 'mcp-method', 'mcp-name'])
    headers.delete(field);
  if (speech.era === 'legacy') {
    if (speech.session === null) return;
    headers.append('MCP-Protocol-Version', speech.session.version);
    if (speech.session.id !== '') headers.append('Mcp-Session-Id', speech.session.id);
    return;
  }
  headers.append('MCP-Protocol-Version', MODERN);
  headers.append('Mcp-Method', encodeFieldValue(method));
  if (name !== '') headers.append('Mcp-Name', encodeFieldValue(name));
}

/** Fields of a client that are for us only. */
const OURS = [
  'origin',
  'last-event-id',
  'cookie',
  'authorization',
  'dpop',
  'sec-fetch-mode',
  'sec-fetch-site',
  'referer',
];

/** How a request of a client reaches a server. */
export interface ServerTurn {
  readonly path: string;
  readonly method: string;
  /** Of the tool, prompt or resource, as the server knows it. */
  readonly name: string;
  readonly speech: Speech;
  readonly ownsCredentials: boolean;
}

/** Makes the exchange of a client one with a server: under the names that things have there, and in the words of the server. */
export function turnToServer(exchange: Exchange, turn: ServerTurn): void {
  const { headers } = exchange;
  const { path, method, name, speech, ownsCredentials } = turn;
  for (const field of OURS) if (field !== 'authorization' || !ownsCredentials) headers.delete(field);
  headers.set('Accept', 'application/json, text/event-stream');
  writeSpeech(headers, { method, name }, speech);
  exchange.body = bodyText(renamed(exchange.body, turn));
  exchange.targetPath = path;
  exchange.targetQuery = '';
  exchange.targetAuthority = '';
}

/** The message with another name in it. Numbers that are no doubles stay as they were written. */
function renamed(body: Exchange['body'], { method, name, speech: { era } }: ServerTurn): string {
  const text = Buffer.from(typeof body === 'string' ? body : '', 'latin1').toString('utf8');
  const message: unknown = parseAsWritten(text);
  if (!isRecord(message)) return text;
  const params = recordAt(message, 'params');
  const meta = recordAt(params, '_meta');
  const kept = Object.entries(meta).filter(
    ([key]) => era === 'modern' || !Object.values<string>(META).includes(key),
  );
  const _meta = { ...(era === 'modern' ? OUR_META : {}), ...Object.fromEntries(kept) };
  const named = { [NAME_PARAMETERS.get(method) ?? 'name']: name };
  return JSON.stringify({ ...message, params: { ...params, ...named, _meta } });
}
