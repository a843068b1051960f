import { collectBody } from '../../core/collect-body.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { isRecord, recordAt, type JsonRecord, type McpMessage } from '../../core/mcp/message.ts';
import { RPC } from '../../core/mcp/protocol.ts';
import { bodyText, rpcFault } from '../../core/mcp/rpc-reply.ts';
import { toolAccess, type Lack, type ToolAccess } from './access.ts';
import { KnownNames } from './known-names.ts';
import { LIST_KINDS, type ListKind } from './listing.ts';
import type { CallOutcome, McpPlan, McpPorts } from './ports.ts';
import { rpcAnswer } from './rpc-answer.ts';

const MAX_LIST_BYTES = 4 * 1024 * 1024;

/**
 * Stands before one MCP server: its messages go on as they are, byte for byte, once it is clear that the caller may send them, and
 * its answers come back as they are made. Only lists are read, where they say more than a caller may know.
 */
export function proxy({ config, ownsCredentials, isIdentified }: McpPlan, ports: McpPorts): Handler {
  const { messages, countCall } = ports;
  const towards = ports.towards(config.service ?? '');
  const access = toolAccess(config.access, ports.challenges);
  const decisions = ports.decisions('mcp');
  const known = new KnownNames();

  function clean({ headers }: Exchange): void {
    // A token for us is for nobody else. Where we ask for none, it is the server's own.
    if (isIdentified && !ownsCredentials) headers.delete('authorization');
    if (isIdentified) headers.delete('cookie');
    // An older server would tell again what it has listed before, past us.
    if (access.isRestricted) headers.delete('last-event-id');
  }

  /** Tools, prompts and resources are for whom the rules of their names let through. */
  async function guarded(exchange: Exchange, message: McpMessage, guard: Guard): Promise<Reply> {
    const { method, id } = message;
    const name = guard.nameIn(message);
    const count = (tool: string, outcome: CallOutcome): void => {
      if (method === 'tools/call') countCall(tool, outcome);
    };
    // What is no name to us may be one to the server, and then no rule was asked about it.
    if (name === '') {
      const error = { code: RPC.invalidParams, message: `${method} must name a ${guard.thing} by a text` };
      return rpcFault(400, id, error);
    }
    exchange.record.operation = name;
    const lack = access.lack(name, exchange.identity);
    if (lack !== null) {
      decisions.denied(guard.thing);
      count(known.name(name), 'refused');
      return access.refusal(exchange, id, lack);
    }
    clean(exchange);
    const reply = await towards(exchange);
    if (reply.status < 400) known.add(name);
    count(known.name(name), reply.status < 400 ? 'ok' : 'error');
    return reply;
  }

  async function list(exchange: Exchange, message: McpMessage, kind: ListKind): Promise<Reply> {
    clean(exchange);
    exchange.headers.set('Accept-Encoding', 'identity');
    const reply = await towards(exchange);
    return visible(exchange, message, { reply, access, kind });
  }

  /** What a caller lacks for one of the resources that it wants to hear of; null: nothing. */
  function lackOf({ identity }: Exchange, addresses: readonly string[]): Lack | null {
    const lacks = addresses.map((uri) => access.lack(uri, identity));
    return lacks.find((lack) => lack !== null) ?? null;
  }

  return (exchange) => {
    const message = messages.of(exchange);
    const unheard = message === undefined ? null : lackOf(exchange, listenedFor(message));
    if (message !== undefined && unheard !== null) {
      decisions.denied('resource');
      return Promise.resolve(access.refusal(exchange, message.id, unheard));
    }
    const kind = LIST_KINDS.get(message?.method ?? '');
    const guard = GUARDED.get(message?.method ?? '');
    if (message !== undefined && guard !== undefined) return guarded(exchange, message, guard);
    if (message !== undefined && kind !== undefined && access.isRestricted)
      return list(exchange, message, kind);
    clean(exchange);
    return towards(exchange);
  };
}

/** What is asked for by its name, and where that stands. */
interface Guard {
  readonly thing: 'tool' | 'prompt' | 'resource';
  /** `''`: it is no text. */
  readonly nameIn: (message: McpMessage) => string;
}

const ownName: Guard['nameIn'] = ({ name }) => name;
const address: Guard['nameIn'] = ({ params }) => textAt(params, 'uri');

/** Who may not have something may not hear of its changes either, nor what its arguments could be. */
const GUARDED: ReadonlyMap<string, Guard> = new Map([
  ['tools/call', { thing: 'tool', nameIn: ownName }],
  ['prompts/get', { thing: 'prompt', nameIn: ownName }],
  ['resources/read', { thing: 'resource', nameIn: ownName }],
  ['resources/subscribe', { thing: 'resource', nameIn: address }],
  ['completion/complete', { thing: 'prompt', nameIn: completed }],
]);

/** A prompt by its name, or resources by their template. */
function completed({ params }: McpMessage): string {
  const ref = recordAt(params, 'ref');
  const member = { 'ref/prompt': 'name', 'ref/resource': 'uri' }[textAt(ref, 'type')];
  return member === undefined ? '' : textAt(ref, member);
}

/** The resources of whose changes a client wants to be told (MCP 2026-07-28, Subscriptions). */
function listenedFor({ method, params }: McpMessage): readonly string[] {
  if (method !== 'subscriptions/listen') return [];
  const addresses = recordAt(params, 'notifications')['resourceSubscriptions'];
  return Array.isArray(addresses) ? addresses.filter((one) => typeof one === 'string') : [];
}

function textAt(value: JsonRecord, name: string): string {
  const text = value[name];
  return typeof text === 'string' ? text : '';
}

interface Unfiltered {
  readonly reply: Reply;
  readonly access: ToolAccess;
  readonly kind: ListKind;
}

/** A list with those entries only that the caller may have; as one message, even if it came as a stream. */
async function visible(
  exchange: Exchange,
  message: McpMessage,
  { reply, access, kind }: Unfiltered,
): Promise<Reply> {
  const { bytes, body } = await collectBody(exchange, reply.body, MAX_LIST_BYTES);
  if (bytes === null && typeof body === 'object') body?.cancel();
  const answer = rpcAnswer({ status: reply.status, headers: reply.headers, bytes }, message.id ?? '');
  if (answer.kind === 'error') return { ...reply, body };
  // What cannot be read cannot be filtered either.
  if (answer.kind === 'none' || !Array.isArray(answer.result[kind.member])) {
    if (reply.status >= 400) return { ...reply, body };
    return rpcFault(502, message.id, { code: RPC.internal, message: 'The server answered with no list' });
  }
  const all = answer.result[kind.member] as readonly unknown[];
  const entries = all.filter((found) => {
    const entry = isRecord(found) ? kind.entry(found, { prefix: '' }) : null;
    return entry !== null && access.lack(entry.guard, exchange.identity) === null;
  });
  const scope = 'cacheScope' in answer.result ? { cacheScope: 'private' } : {};
  const text = JSON.stringify({
    jsonrpc: '2.0',
    id: message.id,
    result: { ...answer.result, ...scope, [kind.member]: entries },
  });
  const headers = reply.headers.share();
  headers.set('Content-Type', 'application/json');
  headers.set('Cache-Control', 'no-store');
  headers.delete('etag');
  return { ...reply, headers, body: bodyText(text) };
}
