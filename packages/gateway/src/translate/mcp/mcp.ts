import type { Handler } from '../../core/exchange.ts';
import { endpoint } from './endpoint.ts';
import type { McpPlan, McpPorts } from './ports.ts';
import { proxy } from './proxy.ts';

/** The target of an MCP route: before one server, or a server itself. Its messages were read by a stage. */
export function mcp(plan: McpPlan, ports: McpPorts): Handler {
  return plan.config.service === null ? endpoint(plan, ports) : proxy(plan, ports);
}
