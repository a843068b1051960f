import type { McpConfig, RouteConfig, TargetConfig } from '@turnpike/config';
import { bytesText, durationText } from '../output/units.ts';
import type { Fact } from './report.ts';

/** What an MCP endpoint does, in a line. */
export function mcpText({ service, tools, servers, access }: McpConfig): string {
  const rules = access.length === 0 ? '' : `, ${access.length} rules of access`;
  if (service !== null) return `before the MCP server ${service}${rules}`;
  const parts = [
    ...tools.map((source) => `tools of ${source.service}`),
    ...servers.map((server) => `the server ${server.service} as ${server.prefix}__…`),
  ];
  return parts.join(', ') + rules;
}

/** What is looked at before anything is counted or called; null on other routes. */
export function mcpMessageText(target: TargetConfig): string | null {
  if (target.kind !== 'mcp') return null;
  const origins = target.origins.length === 0 ? '' : `, pages of ${target.origins.join(', ')}`;
  return `reads the message, and holds its headers against it${origins}`;
}

/** What a caller without a token is told; null where nobody needs one. */
export function resourceMetadataText({ target, policies }: RouteConfig): string | null {
  if (target.kind !== 'mcp' || (policies.authenticate?.providers.length ?? 0) === 0) return null;
  return 'tells callers without a token where one can be had (RFC 9728)';
}

/** The same with everything that it is made of. */
export function mcpFacts(target: McpConfig): readonly Fact[] {
  const { tools, servers, access, listTtlMs, serverTimeoutMs, resultBytes } = target;
  return [
    { name: 'mcp', about: mcpText(target) },
    ...tools.map((source) => ({
      name: 'tools',
      about: source.kind === 'openapi' ? `${source.path} by ${source.service}` : `gRPC ${source.service}`,
    })),
    ...servers.map((server) => ({ name: 'server', about: `${server.service}${server.path}` })),
    ...access.map(({ pattern, scopes, anyScope }) => ({
      name: 'access',
      about: `${pattern}: ${[scopes.join(' and '), anyScope.join(' or ')].filter((text) => text !== '').join('; ')}`,
    })),
    ...(tools.length === 0 ? [] : [{ name: 'results', about: `up to ${bytesText(resultBytes)}` }]),
    ...(servers.length === 0
      ? []
      : [{ name: 'lists', about: `asked for within ${durationText(serverTimeoutMs)}` }]),
    { name: 'lists', about: `good for ${durationText(listTtlMs)}` },
  ];
}
