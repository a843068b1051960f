import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import type { Json } from '../../core/identity.ts';
import { LEGACY, META, RPC, SUPPORTED } from '../../core/mcp/protocol.ts';
import { accepted, rpcFault, rpcResult } from '../../core/mcp/rpc-reply.ts';
import { untilCancelled } from '../../core/until-cancelled.ts';
import { toolAccess } from './access.ts';
import { catalogue } from './catalogue.ts';
import { PROMPTS, RESOURCES, TEMPLATES, TOOLS, type ListKind } from './listing.ts';
import { pageOf } from './page.ts';
import type { McpPlan, McpPorts } from './ports.ts';
import { prompts } from './prompts.ts';
import { offering, remotesOf, type WholeList } from './remotes.ts';
import type { McpRequest } from './request.ts';
import { resources } from './resources.ts';
import { signedSessions } from './session.ts';
import { callTool } from './call-tool.ts';

type Method = (request: McpRequest) => Promise<Reply>;
type NamedMethod = readonly [name: string, answer: Method];

/**
 * An MCP server of our own, whose tools are operations of services, and what other servers offer. Keeps nothing between requests,
 * for older clients either: any thread and any gateway may answer the next one.
 */
export function endpoint(plan: McpPlan, ports: McpPorts): Handler {
  const { config, isIdentified } = plan;
  const access = toolAccess(config.access, ports.challenges);
  const remotes = remotesOf(plan, ports);
  const tools = catalogue(plan, ports, remotes);
  const [withPrompts, withResources] = [offering(remotes, PROMPTS), offering(remotes, RESOURCES)];
  const sessions =
    ports.sessionKey === null ? null : signedSessions(ports.sessionKey, plan.route, ports.clock);
  const serverInfo = { name: config.name, version: config.version };
  const described = {
    capabilities: {
      tools: {},
      ...(withPrompts.length > 0 && { prompts: {} }),
      ...(withResources.length > 0 && { resources: {} }),
    },
    ...(config.instructions !== '' && { instructions: config.instructions }),
  };
  const cacheScope = isIdentified || access.isRestricted ? 'private' : 'public';
  const call = callTool({ access, tools, reply: result }, ports);

  /** A result as the revision of its request has it. */
  function result({ message }: McpRequest, members: Readonly<Record<string, Json>> | object): Reply {
    if (message.era === 'legacy') return rpcResult(message.id, members);
    return rpcResult(message.id, {
      resultType: 'complete',
      ...members,
      _meta: { [META.serverInfo]: serverInfo },
    });
  }

  /** Answers a request for a list with what its caller may know of it. */
  async function list(request: McpRequest, { member }: ListKind, asked: Promise<WholeList>): Promise<Reply> {
    const { exchange, message } = request;
    const { entries, isWhole, isPublic } = await untilCancelled(exchange, asked);
    const visible = entries.filter(({ guard }) => access.lack(guard, exchange.identity) === null);
    const page = pageOf(visible, message.params['cursor']);
    if (page === null)
      return rpcFault(200, message.id, { code: RPC.invalidParams, message: 'Unknown cursor' });
    const isModern = message.era === 'modern';
    return result(request, {
      [member]: page.items,
      ...(page.nextCursor !== null && { nextCursor: page.nextCursor }),
      ...(isModern && {
        // A list that lacks what somebody has is asked for again at once.
        ttlMs: isWhole ? config.listTtlMs : 0,
        cacheScope: isPublic ? cacheScope : 'private',
      }),
    });
  }

  function promptMethods(): readonly NamedMethod[] {
    if (withPrompts.length === 0) return [];
    const all = prompts(withPrompts, access, ports);
    return [
      ['prompts/list', (request) => list(request, PROMPTS, all.list(request.exchange))],
      ['prompts/get', (request) => all.get(request)],
    ];
  }

  function resourceMethods(): readonly NamedMethod[] {
    if (withResources.length === 0) return [];
    const all = resources({ remotes: withResources, access, reply: result }, ports);
    const listing = (kind: ListKind): NamedMethod => [
      kind.method,
      (request) => list(request, kind, all.list(request.exchange, kind)),
    ];
    return [listing(RESOURCES), listing(TEMPLATES), ['resources/read', (request) => all.read(request)]];
  }

  const discover: Method = (request) => {
    const caching = { ttlMs: config.listTtlMs, cacheScope: isIdentified ? 'private' : 'public' };
    return Promise.resolve(result(request, { supportedVersions: SUPPORTED, ...described, ...caching }));
  };

  const initialize: Method = (request) => {
    const asked = request.message.params['protocolVersion'];
    const [latest = ''] = LEGACY;
    const protocolVersion = typeof asked === 'string' && LEGACY.includes(asked) ? asked : latest;
    const reply = result(request, { protocolVersion, serverInfo, ...described });
    if (sessions !== null)
      reply.headers.append('Mcp-Session-Id', sessions.begin(protocolVersion, request.exchange.identity));
    return Promise.resolve(reply);
  };

  const ping: Method = (request) => Promise.resolve(result(request, {}));
  const common: readonly NamedMethod[] = [
    ['tools/list', (request) => list(request, TOOLS, tools.list(request.exchange))],
    ['tools/call', call],
    ...promptMethods(),
    ...resourceMethods(),
  ];
  const methods = {
    modern: new Map<string, Method>([...common, ['server/discover', discover]]),
    legacy: new Map<string, Method>([...common, ['initialize', initialize], ['ping', ping]]),
  };

  function answer(request: McpRequest): Promise<Reply> {
    const { era, method, id } = request.message;
    const serve = methods[era].get(method);
    if (serve !== undefined) return serve(request);
    const error = { code: RPC.methodNotFound, message: 'Method not found' };
    return Promise.resolve(rpcFault(era === 'modern' ? 404 : 200, id, error));
  }

  /** Whether an older client is in a session that is none, or none any more; it then begins a new one. */
  function isLost({ headers, identity }: Exchange): boolean {
    const id = headers.get('mcp-session-id');
    return id !== undefined && sessions !== null && !sessions.isOpen(id, identity);
  }

  return (exchange) => {
    const message = ports.messages.of(exchange);
    if (message?.era !== 'modern' && message?.method !== 'initialize' && isLost(exchange)) {
      const error = { code: RPC.server, message: 'Session not found' };
      return Promise.resolve(rpcFault(404, message?.id ?? null, error));
    }
    if (message === undefined) return Promise.resolve(gone());
    if (message.kind === 'request') return answer({ exchange, message });
    if (message.kind === 'response' && message.era === 'modern') {
      const error = {
        code: RPC.invalidRequest,
        message: 'Nothing was asked that this could be the answer to',
      };
      return Promise.resolve(rpcFault(400, null, error));
    }
    return Promise.resolve(accepted());
  };
}

/** The end of a session, of which nothing is kept. */
function gone(): Reply {
  return { status: 204, headers: headersOf(), body: null, code: '', tunnel: null };
}
