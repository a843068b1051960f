import type { McpServerConfig } from '@turnpike/config';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { isRecord, type JsonRecord } from '../../core/mcp/message.ts';
import { LEGACY } from '../../core/mcp/protocol.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import { answerOf, type Answer } from './ask.ts';
import { ownExchange, type OwnRequest } from './own-exchange.ts';
import {
  goodbye,
  remoteRequest,
  turnToServer,
  type RemoteMessage,
  type ServerSession,
  type Speech,
} from './remote-request.ts';
import { rpcAnswer, type RpcAnswer } from './rpc-answer.ts';

/** Another MCP server, whose tools are ours under longer names. */
export interface RemoteServer {
  readonly prefix: string;
  /** What it lists now; null: it does not answer, or not with a list. */
  list(exchange: Exchange): Promise<RemoteList | null>;
  /** Has it call a tool, and gives its answer as it comes. */
  call(exchange: Exchange, tool: string): Promise<Reply>;
}

/** The tools of a server, under the names that they have with us. */
export interface RemoteList {
  readonly tools: readonly RemoteTool[];
  /** How long this is good, and whether for everybody. */
  readonly ttlMs: number;
  readonly isPublic: boolean;
}

/** One of them, as it is listed. */
export type RemoteTool = JsonRecord & { readonly name: string };

/** What it takes to speak to one. */
export interface RemotePlan {
  readonly server: McpServerConfig;
  readonly timeoutMs: number;
  readonly ownsCredentials: boolean;
}

/** What speaks to it. */
export interface RemotePorts {
  readonly towards: Handler;
  readonly wheel: TimingWheel;
}

/** Between the prefix of a server and the name that a tool has there. */
export const SEPARATOR = '__';

const MAX_LIST_BYTES = 4 * 1024 * 1024;
const MAX_PAGES = 20;
const MAX_TOOLS = 2000;
const MODERN_SPEECH: Speech = { era: 'modern' };

/**
 * A server that is spoken to in the revision that it knows: first in the one without sessions; a server that does not know it
 * gets a session for each call, because nobody knows whose the next one is.
 */
export function remoteServer(
  { server, timeoutMs, ownsCredentials }: RemotePlan,
  ports: RemotePorts,
): RemoteServer {
  const { path, prefix } = server;
  const { towards, wheel } = ports;
  let era: Speech['era'] = 'modern';

  /** Asks without ties to the exchange: others may wait for the same answer. */
  async function send(exchange: Exchange, request: OwnRequest): Promise<Answer> {
    const authorization = ownsCredentials ? exchange.headers.get('authorization') : undefined;
    if (authorization !== undefined) request.headers.append('Authorization', authorization);
    const own = ownExchange(exchange, request, wheel.nowMs);
    own.deadlineAtMs = Number.POSITIVE_INFINITY;
    const overdue = new Deadline(() => own.cancel('UPSTREAM_TIMEOUT'));
    wheel.set(overdue, timeoutMs);
    try {
      return await answerOf(own, await towards(own), { maxBytes: MAX_LIST_BYTES });
    } finally {
      wheel.remove(overdue);
      own.end();
    }
  }

  async function tell(exchange: Exchange, message: RemoteMessage, speech: Speech): Promise<RpcAnswer> {
    return rpcAnswer(await send(exchange, remoteRequest(path, message, speech)), message.id ?? 0);
  }

  async function openSession(exchange: Exchange): Promise<ServerSession | null> {
    const [latest = ''] = LEGACY;
    const params = {
      protocolVersion: latest,
      capabilities: {},
      clientInfo: { name: 'turnpike', version: '1' },
    };
    const hello = { method: 'initialize', id: 1, params };
    const answer = await send(exchange, remoteRequest(path, hello, { era: 'legacy', session: null }));
    const greeting = rpcAnswer(answer, 1);
    if (greeting.kind !== 'result') return null;
    const { protocolVersion } = greeting.result;
    const version = typeof protocolVersion === 'string' ? protocolVersion : latest;
    const session = { id: answer.headers.get('mcp-session-id') ?? '', version };
    const ready = { method: 'notifications/initialized', id: null, params: {} };
    await send(exchange, remoteRequest(path, ready, { era: 'legacy', session }));
    return session;
  }

  function closeSession(exchange: Exchange, session: ServerSession): void {
    if (session.id === '') return;
    // Whatever becomes of it, the server forgets the session by itself one day.
    send(exchange, goodbye(path, session)).catch(() => {});
  }

  async function listIn(exchange: Exchange, speech: Speech): Promise<RemoteList | null> {
    const tools: RemoteTool[] = [];
    let [ttlMs, isPublic] = [Number.POSITIVE_INFINITY, true];
    let params: JsonRecord = {};
    for (let page = 0; page < MAX_PAGES && tools.length < MAX_TOOLS; page++) {
      const answer = await tell(exchange, { method: 'tools/list', id: 2, params }, speech);
      if (answer.kind !== 'result' || !Array.isArray(answer.result['tools'])) return null;
      const { result } = answer;
      tools.push(...(result['tools'] as readonly unknown[]).flatMap((tool) => named(tool, prefix)));
      ttlMs = Math.min(ttlMs, typeof result['ttlMs'] === 'number' ? Math.max(0, result['ttlMs']) : 0);
      isPublic &&= result['cacheScope'] === 'public';
      if (typeof result['nextCursor'] !== 'string') break;
      params = { cursor: result['nextCursor'] };
    }
    return { tools: tools.slice(0, MAX_TOOLS), ttlMs, isPublic };
  }

  async function listInSession(exchange: Exchange): Promise<RemoteList | null> {
    const session = await openSession(exchange);
    if (session === null) return null;
    const list = await listIn(exchange, { era: 'legacy', session });
    closeSession(exchange, session);
    return list;
  }

  const lists = {
    modern: (exchange: Exchange) => listIn(exchange, MODERN_SPEECH),
    legacy: listInSession,
  } as const;

  /** In the way that worked last time, and if it does not any more, in the other. */
  async function list(exchange: Exchange): Promise<RemoteList | null> {
    const first = era;
    const found = await lists[first](exchange);
    if (found !== null) return found;
    const other = first === 'modern' ? 'legacy' : 'modern';
    const second = await lists[other](exchange);
    if (second !== null) era = other;
    return second;
  }

  async function call(exchange: Exchange, tool: string): Promise<Reply> {
    const session = era === 'legacy' ? await openSession(exchange) : null;
    const speech: Speech = era === 'legacy' ? { era, session } : MODERN_SPEECH;
    turnToServer(exchange, { path, tool, speech, ownsCredentials });
    if (session !== null) exchange.whenEnded(() => closeSession(exchange, session));
    const reply = await towards(exchange);
    const headers = reply.headers.share();
    headers.delete('mcp-session-id');
    return { ...reply, headers };
  }

  return { prefix, list, call };
}

/** A tool as we list it; none if it has no name that could be told here. */
function named(tool: unknown, prefix: string): RemoteTool[] {
  if (!isRecord(tool) || typeof tool['name'] !== 'string' || !isRecord(tool['inputSchema'])) return [];
  const name = prefix + SEPARATOR + tool['name'];
  return /^[A-Za-z0-9_.-]{1,128}$/.test(name) ? [{ ...tool, name }] : [];
}
