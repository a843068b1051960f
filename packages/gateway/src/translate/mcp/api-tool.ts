import type { ApiTool } from '@turnpike/config/validation';
import type { Exchange } from '../../core/exchange.ts';
import { apiRequest } from './api-request.ts';
import { exactArguments } from './exact-json.ts';
import type { ToolSources } from './ports.ts';
import { failure, listed, type ToolResult } from './results.ts';
import { askService, type ServicePorts } from './service-call.ts';
import type { OwnTool, ToolCall } from './tool.ts';

/** What the tools of one document have in common. */
export interface ApiToolPlan {
  readonly basePath: string;
  readonly resultBytes: number;
}

/** What they work with. */
export interface ApiToolPorts extends ServicePorts {
  readonly check: ToolSources['check'];
}

/** An operation of an API as a tool: arguments become a request, and its answer a result. */
export function apiTool(tool: ApiTool, plan: ApiToolPlan, ports: ApiToolPorts): OwnTool {
  const checkInput = ports.check(tool.inputSchema);
  const checkOutput = tool.outputSchema === null ? null : ports.check(tool.outputSchema);
  const shaping = { checkOutput, maxBytes: plan.resultBytes, hint: hintOf(tool) };

  async function call(exchange: Exchange, { args }: ToolCall): Promise<ToolResult> {
    const faults = checkInput(args);
    if (faults.length > 0) return failure(`The arguments are not what the tool takes:\n${listed(faults)}`);
    const made = apiRequest(tool, plan.basePath, exactArguments(exchange, args));
    if (!made.ok) return failure(`The arguments are not what the tool takes: ${made.problem}`);
    return askService(exchange, { request: made.request, shaping }, ports);
  }

  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  const listing = {
    name,
    ...(title !== '' && { title }),
    description,
    inputSchema,
    ...(outputSchema !== null && { outputSchema }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  return { name, listing, call };
}

const PAGING =
  /^(limit|page|page_?size|per_?page|size|offset|cursor|skip|top|count|fields|select|filter|q|query)$/i;

/** What a model may do about an answer that is too large. */
function hintOf({ parameters }: ApiTool): string {
  const names = parameters.filter(({ name }) => PAGING.test(name)).map(({ argument }) => argument);
  return names.length === 0 ? 'Ask for less.' : `Ask for less, with ${names.join(', ')}.`;
}
