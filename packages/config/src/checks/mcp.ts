import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { McpConfig, McpToolsConfig } from '../resolved/mcp.ts';
import type { GatewayConfig, RouteConfig } from '../resolved.ts';
import { TOOL_NAME } from '../validation/openapi/tools/tool-names.ts';
import { toolsOfDocument } from '../validation/openapi/tools/tools-of-document.ts';
import type { RouteCheck } from './check.ts';
import { authenticatePaths } from './holders.ts';
import { grpcLacks } from './translate.ts';

interface Endpoint {
  readonly route: RouteConfig;
  readonly mcp: McpConfig;
  /** Of `translate.mcp`. */
  readonly at: Path;
}

function endpointsOf({ routes }: Pick<GatewayConfig, 'routes'>): Endpoint[] {
  return routes.flatMap((route) => {
    const { id, target } = route;
    return target.kind === 'mcp' ? [{ route, mcp: target, at: ['routes', id, 'translate', 'mcp'] }] : [];
  });
}

/** Every part of an endpoint says where its tools come from, and nothing twice. */
export const endpointsAreClear: RouteCheck = (config, _referenceAt, document) =>
  endpointsOf(config).flatMap(({ route: { id }, mcp, at }): Draft[] => {
    const draft = (code: Draft['code'], message: string, path: Path): Draft => {
      return { code, message: `routes.${id}: ${message}`, path, at: 'key' };
    };
    const own = mcp.tools.length + mcp.servers.length;
    if (mcp.service !== null && own > 0) {
      const key = mcp.tools.length > 0 ? 'tools' : 'servers';
      const message = `has service and translate.mcp.${key}; keep one of them: with service it is the endpoint of one server`;
      return [draft('CONFLICT', message, [...at, key])];
    }
    if (mcp.service === null && own === 0)
      return [
        draft(
          'MISSING_KEY',
          'translate.mcp has no tools; give it tools or servers, or the route a service',
          at,
        ),
      ];
    const written = document.routes.get(id)?.translate?.mcp?.tools ?? [];
    return written.flatMap(({ openapi, grpc, service, basePath }, index): Draft[] => {
      const path = [...at, 'tools', index];
      if (openapi === null && grpc === null)
        return [draft('MISSING_KEY', 'a tool source needs openapi with service, or grpc', path)];
      if (openapi !== null && grpc !== null)
        return [draft('CONFLICT', 'a tool source has openapi and grpc; make two of it', [...path, 'grpc'])];
      if (openapi !== null && service === null)
        return [
          draft('MISSING_KEY', 'tools of an OpenAPI document need the service that answers them', path),
        ];
      if (grpc !== null && service !== null)
        return [draft('CONFLICT', 'grpc names the service already; remove service', [...path, 'service'])];
      return grpc !== null && basePath !== '/'
        ? [draft('CONFLICT', 'basePath has no effect beside grpc; remove it', [...path, 'basePath'])]
        : [];
    });
  });

/** gRPC services that become tools can be called, and it is known with what. */
export const grpcToolsAreCallable: RouteCheck = (config) =>
  endpointsOf(config).flatMap(({ route: { id }, mcp, at }) =>
    mcp.tools.flatMap((source, index): Draft[] => {
      const service = config.services.find((one) => one.id === source.service);
      // One that there is not is reported elsewhere.
      if (source.kind !== 'grpc' || service === undefined) return [];
      const path = [...at, 'tools', index, 'grpc'];
      const lacks = grpcLacks({ subject: `routes.${id}: translate.mcp`, path, needsMethods: true }, service);
      if (/^[A-Za-z0-9_.-]{0,60}$/.test(source.prefix)) return lacks;
      const message = `routes.${id}: "${source.prefix}" cannot stand in front of the names of tools: at most 60 letters, digits, ".", "_" and "-"`;
      return [...lacks, { code: 'BAD_VALUE', message, path: [...at, 'tools', index, 'prefix'] }];
    }),
  );

/** Operations become tools with names that may be theirs, each once; and of each that becomes none it is said why. */
export const toolsDiffer: RouteCheck = (config, _referenceAt, document) =>
  endpointsOf(config).flatMap(({ route: { id }, mcp, at }) => {
    const seen = new Map<string, number>();
    return mcp.tools.flatMap((source, index): Draft[] => {
      const written = document.routes.get(id)?.translate?.mcp?.tools[index]?.openapi ?? '';
      const path = [...at, 'tools', index];
      return toolDrafts({ id, source, index, path, written, seen }, config);
    });
  });

interface ToolSource {
  readonly id: string;
  readonly source: McpToolsConfig;
  readonly index: number;
  readonly path: Path;
  /** The document as it was written. */
  readonly written: string;
  /** The sources in which names were met. */
  readonly seen: Map<string, number>;
}

function toolDrafts(
  { id, source, index, path, written, seen }: ToolSource,
  config: Pick<GatewayConfig, 'documents'>,
): Draft[] {
  if (source.kind !== 'openapi' || config.documents[source.path] === undefined) return [];
  const { tools, problems } = toolsOfDocument({ ...source, documents: config.documents });
  const drafts: Draft[] = problems.map(({ pointer, message }) => ({
    code: 'NO_EFFECT',
    message: `routes.${id}: ${written}#${pointer} ${message}`,
    path: [...path, 'openapi'],
    severity: 'warning',
  }));
  if (tools.length === 0 && problems.length === 0) {
    const message = `routes.${id}: no operation of ${written} becomes a tool; include names some that it has`;
    drafts.push({ code: 'NO_EFFECT', message, path, at: 'key', severity: 'warning' });
  }
  for (const { name } of tools) {
    const first = seen.get(name);
    if (first !== undefined) {
      const message = `routes.${id}: two operations would become the tool ${name}; give one of them a prefix, or exclude it`;
      drafts.push({ code: 'DUPLICATE_ENTRY', message, path, at: 'key' });
    } else if (!TOOL_NAME.test(name)) {
      const message = `routes.${id}: "${name}" cannot be the name of a tool: 1 to 128 letters, digits, ".", "_" and "-"; change prefix`;
      drafts.push({ code: 'BAD_VALUE', message, path: [...path, 'prefix'] });
    }
    seen.set(name, index);
  }
  return drafts;
}

/** Each server has its own prefix, so that a name says where it leads. */
export const serversDiffer: RouteCheck = (config) =>
  endpointsOf(config).flatMap(({ route: { id }, mcp, at }) =>
    mcp.servers.flatMap(({ prefix, service }, index): Draft[] => {
      const path = [...at, 'servers', index];
      // With a "_" before the separator, `a_` and `b` would be what `a` and `_b` are.
      if (!/^[A-Za-z0-9_.-]{1,60}$/.test(prefix) || prefix.includes('__') || prefix.endsWith('_')) {
        const message = `routes.${id}: the prefix "${prefix}" must be 1 to 60 letters, digits, ".", "_" and "-", without "__" and without "_" at its end`;
        return [{ code: 'BAD_VALUE', message, path: [...path, 'prefix'] }];
      }
      const first = mcp.servers.findIndex((other) => other.prefix === prefix);
      if (first === index) return [];
      const message = `routes.${id}: two servers have the prefix ${prefix}; give ${service} another one`;
      return [{ code: 'DUPLICATE_ENTRY', message, path, at: 'key' }];
    }),
  );

/** Who must have a scope must first say who it is. */
export const toolCallersAreKnown: RouteCheck = (config) =>
  endpointsOf(config).flatMap(({ route: { id, policies }, mcp, at }) => {
    if (policies.authenticate !== null) return [];
    return mcp.access.flatMap(({ pattern, scopes, anyScope }): Draft[] => {
      if (scopes.length + anyScope.length === 0) return [];
      const message = `routes.${id}: access to tools asks for scopes, but nobody finds out who is calling; add authenticate`;
      const from = authenticatePaths({ path: ['routes', id] });
      return [{ code: 'CONFLICT', message, path: [...at, 'access', pattern], at: 'key', from }];
    });
  });
