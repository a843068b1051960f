import type { Path } from '../path.ts';
import type { McpConfig, McpToolsConfig, ProtectedResourceConfig } from '../resolved/mcp.ts';
import type { IdentityProviderConfig, PoliciesConfig, RouteConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

type WrittenRoute = ResolvedDocument['routes'] extends ReadonlyMap<string, infer R> ? R : never;
type WrittenMcp = NonNullable<NonNullable<WrittenRoute['translate']>['mcp']>;

/** Where clients look for what an endpoint asks of its callers (RFC 9728 §3.1); the path of the endpoint follows. */
export const PROTECTED_RESOURCE_PATH = '/.well-known/oauth-protected-resource';

/** The MCP endpoint that a route is. */
export function resolveMcp(id: string, service: string | null, mcp: WrittenMcp, context: Context): McpConfig {
  const path = ['routes', id, 'translate', 'mcp'];
  return {
    kind: 'mcp',
    service,
    tools: mcp.tools.map((tool, index) => resolveTools(tool, [...path, 'tools', index], context)),
    servers: mcp.servers.map(({ service: name, path: at, prefix, offers }) => ({
      service: name,
      path: at,
      prefix: prefix ?? name,
      offers,
    })),
    access: Array.from(mcp.access, ([pattern, { scopes, anyScope }]) => ({ pattern, scopes, anyScope })),
    name: mcp.name ?? id,
    version: mcp.version,
    instructions: mcp.instructions,
    origins: mcp.origins,
    listTtlMs: mcp.listTtl,
    serverTimeoutMs: mcp.serverTimeout,
    resultBytes: mcp.resultBytes,
    resource: mcp.resource,
  };
}

function resolveTools(tool: WrittenMcp['tools'][number], at: Path, context: Context): McpToolsConfig {
  const { include, exclude, prefix, basePath } = tool;
  const shared = { include, exclude, prefix };
  if (tool.openapi === null) return { kind: 'grpc', service: tool.grpc ?? '', ...shared };
  const path = tool.openapi === '' ? '' : context.absolute([...at, 'openapi'], tool.openapi);
  return { kind: 'openapi', path, basePath, service: tool.service ?? '', ...shared };
}

/** What the route has to say of itself to clients that need a token for it; null: it needs none. */
export function protectedResourceOf(
  { target, policies }: RouteConfig,
  providers: readonly IdentityProviderConfig[],
): ProtectedResourceConfig | null {
  if (target.kind !== 'mcp' || policies.authenticate === null) return null;
  const named = new Set(policies.authenticate.providers);
  const issuers = providers.filter(({ id }) => named.has(id)).map(({ issuer }) => issuer);
  if (issuers.length === 0) return null;
  return {
    kind: 'protected-resource',
    resource: target.resource,
    authorizationServers: issuers,
    scopes: scopesOf(target, policies),
    name: target.name,
  };
}

function scopesOf({ access }: McpConfig, { authorize }: PoliciesConfig): string[] {
  const scopes = [
    ...(authorize?.scopes ?? []),
    ...(authorize?.anyScope ?? []),
    ...access.flatMap((rule) => [...rule.scopes, ...rule.anyScope]),
  ];
  return [...new Set(scopes)];
}
