import type { Reply } from '../../core/exchange.ts';
import { isRecord, recordAt, type JsonRecord } from '../../core/mcp/message.ts';
import { RPC } from '../../core/mcp/protocol.ts';
import { rpcFault } from '../../core/mcp/rpc-reply.ts';
import { untilCancelled } from '../../core/until-cancelled.ts';
import type { ToolAccess } from './access.ts';
import type { Catalogue, Found } from './catalogue.ts';
import { TOOLS } from './listing.ts';
import type { CallOutcome, McpPorts } from './ports.ts';
import type { McpRequest } from './request.ts';
import type { ToolResult } from './results.ts';
import { eventReply, tellerOf } from './teller.ts';
import { ToldMessages } from './told-messages.ts';
import type { OwnTool } from './tool.ts';

/** What a call needs to know of its endpoint. */
export interface CallPlan {
  readonly access: ToolAccess;
  readonly tools: Catalogue;
  readonly reply: (request: McpRequest, result: object) => Reply;
}

/** Answers `tools/call`: whether the caller may, who answers for the tool, and how it went. */
export function callTool(
  { access, tools, reply }: CallPlan,
  ports: McpPorts,
): (request: McpRequest) => Promise<Reply> {
  const decisions = ports.decisions('mcp');

  function count(name: string, outcome: CallOutcome): void {
    ports.countCall(tools.isKnown(name) ? name : '', outcome);
  }

  async function callOwn(request: McpRequest, tool: OwnTool): Promise<Reply> {
    const { exchange, message } = request;
    const given = (result: ToolResult): Reply => {
      count(tool.name, result.isError ? 'error' : 'ok');
      return reply(request, result);
    };
    const call = { args: recordAt(message.params, 'arguments'), teller: tellerOf(request, given) };
    const answer = await tool.call(exchange, call);
    return answer instanceof ToldMessages ? eventReply(answer) : given(answer);
  }

  async function callRemote(
    { exchange, message }: McpRequest,
    found: Extract<Found, { kind: 'remote' }>,
  ): Promise<Reply> {
    const { remote, name } = found;
    // Whoever calls without having asked what there is: from the list it is known how the server is spoken to.
    await untilCancelled(exchange, remote.lists(TOOLS).get(exchange));
    const answer = await remote.server.pass(exchange, { method: message.method, name, id: message.id });
    count(message.name, answer.status < 400 ? 'ok' : 'error');
    return answer;
  }

  return (request) => {
    const { exchange, message } = request;
    const { name, id, params } = message;
    exchange.record.operation = name;
    const found = tools.find(name);
    if (found === null || !hasArguments(params)) {
      count(name, 'refused');
      const problem = found === null ? `Unknown tool: ${name.slice(0, 128)}` : 'arguments is no object';
      return Promise.resolve(rpcFault(200, id, { code: RPC.invalidParams, message: problem }));
    }
    const lack = access.lack(name, exchange.identity);
    if (lack !== null) {
      decisions.denied('tool');
      count(name, 'refused');
      return Promise.resolve(access.refusal(exchange, id, lack));
    }
    return found.kind === 'own' ? callOwn(request, found.tool) : callRemote(request, found);
  };
}

function hasArguments({ arguments: args }: JsonRecord): boolean {
  return args === undefined || isRecord(args);
}
