import type { McpConfig } from '../resolved/mcp.ts';
import type { TargetConfig } from '../resolved.ts';

/** The services that a route may lead to, each once; empty for routes that answer by themselves. */
export function servicesOf(target: TargetConfig): readonly string[] {
  if (target.kind === 'service') return [target.service];
  if (target.kind === 'mcp') return servicesOfMcp(target);
  if (target.kind === 'split') return [...new Set(target.sides.map(({ service }) => service))];
  return [];
}

/** Those of its tools, and the servers behind it. */
function servicesOfMcp({ service, tools, servers }: McpConfig): readonly string[] {
  const others = [...tools, ...servers].map((one) => one.service);
  return [...new Set([...(service === null ? [] : [service]), ...others])];
}
