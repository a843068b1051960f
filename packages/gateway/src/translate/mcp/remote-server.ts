import type { McpServerConfig } from '@turnpike/config';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { isRecord, type JsonRecord, type RpcId } from '../../core/mcp/message.ts';
import { LEGACY } from '../../core/mcp/protocol.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import { answerOf, type Answer } from './ask.ts';
import { ownExchange, type OwnRequest } from './own-exchange.ts';
import { passedOn } from './remote-answer.ts';
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
  call(exchange: Exchange, call: RemoteCall): Promise<Reply>;
}

/** A call of a tool, under the name that it has there. */
export interface RemoteCall {
  readonly tool: string;
  /** Of the client's request. */
  readonly id: RpcId | null;
}

/** The tools of a server, under the names that they have with us. */
export interface RemoteList {
  readonly tools: readonly RemoteTool[];
  /** How long this is good, and whether for everybody. */
  readonly ttlMs: number;
  readonly isPublic: boolean;
  /** What it took to say it. */
  readonly bytes: number;
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

/** What is asked of a server for one purpose. */
interface Talk {
  readonly exchange: Exchange;
  readonly untilMs: number;
  leftBytes: number;
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
  async function send(talk: Talk, request: OwnRequest): Promise<Answer> {
    const { exchange } = talk;
    const leftMs = talk.untilMs - wheel.nowMs;
    if (leftMs <= 0) throw new GatewayError('UPSTREAM_TIMEOUT', 'a server takes too long to list its tools');
    const authorization = ownsCredentials ? exchange.headers.get('authorization') : undefined;
    if (authorization !== undefined) request.headers.append('Authorization', authorization);
    const own = ownExchange(exchange, request, wheel.nowMs);
    own.deadlineAtMs = Number.POSITIVE_INFINITY;
    const overdue = new Deadline(() => own.cancel('UPSTREAM_TIMEOUT'));
    wheel.set(overdue, leftMs);
    try {
      const answer = await answerOf(own, await towards(own), { maxBytes: talk.leftBytes });
      talk.leftBytes -= answer.bytes?.length ?? talk.leftBytes;
      return answer;
    } finally {
      wheel.remove(overdue);
      own.end();
    }
  }

  async function tell(talk: Talk, message: RemoteMessage, speech: Speech): Promise<RpcAnswer> {
    return rpcAnswer(await send(talk, remoteRequest(path, message, speech)), message.id ?? 0);
  }

  async function openSession(talk: Talk): Promise<ServerSession | null> {
    const [latest = ''] = LEGACY;
    const params = {
      protocolVersion: latest,
      capabilities: {},
      clientInfo: { name: 'turnpike', version: '1' },
    };
    const hello = { method: 'initialize', id: 1, params };
    const answer = await send(talk, remoteRequest(path, hello, { era: 'legacy', session: null }));
    const greeting = rpcAnswer(answer, 1);
    if (greeting.kind !== 'result') return null;
    const { protocolVersion } = greeting.result;
    // What a server says goes into fields of what it is told.
    const isKnown = typeof protocolVersion === 'string' && LEGACY.includes(protocolVersion);
    const version = isKnown ? protocolVersion : latest;
    const session = { id: answer.headers.get('mcp-session-id') ?? '', version };
    const ready = { method: 'notifications/initialized', id: null, params: {} };
    await send(talk, remoteRequest(path, ready, { era: 'legacy', session }));
    return session;
  }

  function closeSession(exchange: Exchange, session: ServerSession): void {
    if (session.id === '') return;
    // Whatever becomes of it, the server forgets the session by itself one day.
    send(talkOf(exchange), goodbye(path, session)).catch(() => {});
  }

  /** All that is asked for one list takes one time and one budget, however many pages there are. */
  function talkOf(exchange: Exchange): Talk {
    return { exchange, untilMs: wheel.nowMs + timeoutMs, leftBytes: MAX_LIST_BYTES };
  }

  async function listIn(talk: Talk, speech: Speech): Promise<RemoteList | null> {
    const tools: RemoteTool[] = [];
    let [ttlMs, isPublic] = [Number.POSITIVE_INFINITY, true];
    let params: JsonRecord = {};
    for (let page = 0; page < MAX_PAGES && tools.length < MAX_TOOLS; page++) {
      const answer = await tell(talk, { method: 'tools/list', id: 2, params }, speech);
      if (answer.kind !== 'result' || !Array.isArray(answer.result['tools'])) return null;
      const { result } = answer;
      addNamed(tools, result['tools'] as readonly unknown[], prefix);
      ttlMs = Math.min(ttlMs, typeof result['ttlMs'] === 'number' ? Math.max(0, result['ttlMs']) : 0);
      isPublic &&= result['cacheScope'] === 'public';
      if (typeof result['nextCursor'] !== 'string') break;
      params = { cursor: result['nextCursor'] };
    }
    return { tools, ttlMs, isPublic, bytes: MAX_LIST_BYTES - talk.leftBytes };
  }

  async function listInSession(talk: Talk): Promise<RemoteList | null> {
    const session = await openSession(talk);
    if (session === null) return null;
    try {
      return await listIn(talk, { era: 'legacy', session });
    } finally {
      closeSession(talk.exchange, session);
    }
  }

  const lists = {
    modern: (talk: Talk) => listIn(talk, MODERN_SPEECH),
    legacy: listInSession,
  } as const;

  /** In the way that worked last time, and if it does not any more, in the other. */
  async function list(exchange: Exchange): Promise<RemoteList | null> {
    const talk = talkOf(exchange);
    const first = era;
    const found = await lists[first](talk);
    if (found !== null) return found;
    const other = first === 'modern' ? 'legacy' : 'modern';
    const second = await lists[other](talk);
    if (second !== null) era = other;
    return second;
  }

  async function call(exchange: Exchange, { tool, id }: RemoteCall): Promise<Reply> {
    const session = era === 'legacy' ? await openSession(talkOf(exchange)) : null;
    const speech: Speech = era === 'legacy' ? { era, session } : MODERN_SPEECH;
    turnToServer(exchange, { path, tool, speech, ownsCredentials });
    if (session !== null) exchange.whenEnded(() => closeSession(exchange, session));
    return passedOn(exchange, await towards(exchange), id);
  }

  return { prefix, list, call };
}

/** Adds tools as we list them, up to what a list may have; none that has no name that could be told here. */
function addNamed(tools: RemoteTool[], found: readonly unknown[], prefix: string): void {
  for (const tool of found) {
    if (tools.length >= MAX_TOOLS) return;
    if (!isRecord(tool) || typeof tool['name'] !== 'string' || !isRecord(tool['inputSchema'])) continue;
    const name = prefix + SEPARATOR + tool['name'];
    if (/^[A-Za-z0-9_.-]{1,128}$/.test(name)) tools.push({ ...tool, name });
  }
}
