import type { McpServerConfig } from '@turnpike/config';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { isRecord, type JsonRecord, type RpcId } from '../../core/mcp/message.ts';
import { LEGACY, RPC } from '../../core/mcp/protocol.ts';
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
import { SEPARATOR, type Entry, type ListKind } from './listing.ts';
import { rpcAnswer, type RpcAnswer } from './rpc-answer.ts';

/** Another MCP server: its tools and prompts are ours under longer names, its resources under their own addresses. */
export interface RemoteServer {
  readonly config: McpServerConfig;
  /** What stands in front of its names, with the separator. */
  readonly prefix: string;
  /** What it lists now; null: it does not answer, or not with a list. */
  list(exchange: Exchange, kind: ListKind): Promise<RemoteList | null>;
  /** Has it answer the request of a client, and gives its answer as it comes. */
  pass(exchange: Exchange, request: RemoteCall): Promise<Reply>;
  /** Asks it something in the name of a client, and waits for the whole answer. */
  ask(exchange: Exchange, message: RemoteQuestion): Promise<RpcAnswer>;
}

/** The request of a client, as the server is to have it. */
export interface RemoteCall {
  readonly method: string;
  /** Of the tool, prompt or resource, as it is known there. */
  readonly name: string;
  /** Of the client's request. */
  readonly id: RpcId | null;
}

/** A request of ours. */
export interface RemoteQuestion {
  readonly method: string;
  readonly name: string;
  readonly params: JsonRecord;
}

/** What a server has of one kind, under the names that it has with us. */
export interface RemoteList {
  readonly entries: readonly Entry[];
  /** How long this is good, and whether for everybody. */
  readonly ttlMs: number;
  readonly isPublic: boolean;
  /** What it took to say it. */
  readonly bytes: number;
}

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

const MAX_LIST_BYTES = 4 * 1024 * 1024;
const MAX_PAGES = 20;
const MAX_ENTRIES = 2000;
/** A server that has nothing of a kind says so for so long. */
const NONE_TTL_MS = 60_000;
const MODERN_SPEECH: Speech = { era: 'modern' };

/**
 * A server that is spoken to in the revision that it knows: first in the one without sessions; a server that does not know it
 * gets a session for each call, because nobody knows whose the next one is.
 */
export function remoteServer(
  { server, timeoutMs, ownsCredentials }: RemotePlan,
  ports: RemotePorts,
): RemoteServer {
  const { path } = server;
  const prefix = server.prefix + SEPARATOR;
  const { towards, wheel } = ports;
  let era: Speech['era'] = 'modern';

  /** Asks without ties to the exchange: others may wait for the same answer. */
  async function send(talk: Talk, request: OwnRequest): Promise<Answer> {
    const { exchange } = talk;
    const leftMs = talk.untilMs - wheel.nowMs;
    if (leftMs <= 0) throw new GatewayError('UPSTREAM_TIMEOUT', 'a server takes too long to say what it has');
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
    const hello = { method: 'initialize', name: '', id: 1, params };
    const answer = await send(talk, remoteRequest(path, hello, { era: 'legacy', session: null }));
    const greeting = rpcAnswer(answer, 1);
    if (greeting.kind !== 'result') return null;
    const { protocolVersion } = greeting.result;
    // What a server says goes into fields of what it is told.
    const isKnown = typeof protocolVersion === 'string' && LEGACY.includes(protocolVersion);
    const version = isKnown ? protocolVersion : latest;
    const session = { id: answer.headers.get('mcp-session-id') ?? '', version };
    const ready = { method: 'notifications/initialized', name: '', id: null, params: {} };
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

  async function listIn(talk: Talk, kind: ListKind, speech: Speech): Promise<RemoteList | null> {
    const entries: Entry[] = [];
    let [ttlMs, isPublic] = [Number.POSITIVE_INFINITY, true];
    let params: JsonRecord = {};
    for (let page = 0; page < MAX_PAGES && entries.length < MAX_ENTRIES; page++) {
      const answer = await tell(talk, { method: kind.method, name: '', id: 2, params }, speech);
      if (isWithout(answer)) return { ...NOTHING, bytes: MAX_LIST_BYTES - talk.leftBytes };
      if (answer.kind !== 'result' || !Array.isArray(answer.result[kind.member])) return null;
      const { result } = answer;
      for (const found of result[kind.member] as readonly unknown[]) {
        const entry = isRecord(found) ? kind.entry(found, { prefix }) : null;
        if (entry !== null && entries.length < MAX_ENTRIES) entries.push(entry);
      }
      ttlMs = Math.min(ttlMs, typeof result['ttlMs'] === 'number' ? Math.max(0, result['ttlMs']) : 0);
      isPublic &&= result['cacheScope'] === 'public';
      if (typeof result['nextCursor'] !== 'string') break;
      params = { cursor: result['nextCursor'] };
    }
    return { entries, ttlMs, isPublic, bytes: MAX_LIST_BYTES - talk.leftBytes };
  }

  /** Does something in the way of speaking that is named; null: not even a session could be had. */
  async function speaking<T>(
    talk: Talk,
    way: Speech['era'],
    work: (speech: Speech) => Promise<T>,
  ): Promise<T | null> {
    if (way === 'modern') return work(MODERN_SPEECH);
    const session = await openSession(talk);
    if (session === null) return null;
    try {
      return await work({ era: 'legacy', session });
    } finally {
      closeSession(talk.exchange, session);
    }
  }

  /** In the way that worked last time, and if it does not any more, in the other. */
  async function list(exchange: Exchange, kind: ListKind): Promise<RemoteList | null> {
    const talk = talkOf(exchange);
    const first = era;
    const found = await speaking(talk, first, (speech) => listIn(talk, kind, speech));
    if (found !== null) return found;
    const other = first === 'modern' ? 'legacy' : 'modern';
    const second = await speaking(talk, other, (speech) => listIn(talk, kind, speech));
    if (second !== null) era = other;
    return second;
  }

  async function ask(exchange: Exchange, question: RemoteQuestion): Promise<RpcAnswer> {
    const talk = talkOf(exchange);
    const answer = await speaking(talk, era, (speech) => tell(talk, { ...question, id: 2 }, speech));
    return answer ?? { kind: 'none', status: 0 };
  }

  async function pass(exchange: Exchange, { method, name, id }: RemoteCall): Promise<Reply> {
    const session = era === 'legacy' ? await openSession(talkOf(exchange)) : null;
    const speech: Speech = era === 'legacy' ? { era, session } : MODERN_SPEECH;
    turnToServer(exchange, { path, method, name, speech, ownsCredentials });
    if (session !== null) exchange.whenEnded(() => closeSession(exchange, session));
    return passedOn(exchange, await towards(exchange), id);
  }

  return { config: server, prefix, list, pass, ask };
}

/** What a server has that does not know the question. */
const NOTHING = { entries: [], ttlMs: NONE_TTL_MS, isPublic: true } as const;

function isWithout(answer: RpcAnswer): boolean {
  return answer.kind === 'error' && answer.error.code === RPC.methodNotFound;
}
