import type { McpToolsConfig } from '@turnpike/config';
import { apiTool } from './api-tool.ts';
import { chooses } from './chosen.ts';
import { grpcTools } from './grpc-tool.ts';
import type { McpPlan, McpPorts } from './ports.ts';
import type { ServicePorts } from './service-call.ts';
import type { OwnTool } from './tool.ts';

/** The tools that an endpoint has itself, by what is known at the moment. */
export interface OwnTools {
  readonly tools: ReadonlyMap<string, OwnTool>;
  /** Of how many services nothing is known yet. */
  readonly missing: number;
}

/** The tools of one source; null: nothing is known of its service. The same list until something else is known. */
type Source = () => readonly OwnTool[] | null;

/**
 * The tools of operations. Those of OpenAPI documents stay as they are; those of gRPC services come and go with what services say of
 * themselves, so they are asked for with each request, which costs a look at each source.
 */
export function ownTools(plan: McpPlan, ports: McpPorts): () => OwnTools {
  const sources = plan.config.tools.map((source) =>
    source.kind === 'openapi' ? apiSource(source, plan, ports) : grpcSource(source, plan, ports),
  );
  let last: readonly (readonly OwnTool[] | null)[] | null = null;
  let own: OwnTools = { tools: new Map(), missing: 0 };
  return () => {
    const lists = sources.map((source) => source());
    if (last !== null && lists.every((list, index) => list === last?.[index])) return own;
    last = lists;
    const all = lists.flatMap((list) => list ?? []);
    const tools = new Map(all.toReversed().map((tool) => [tool.name, tool]));
    if (tools.size < all.length)
      ports.log.warn('operations would become the same tool; the first is there', {
        route: plan.route,
        tools: [...new Set(all.filter((tool) => tools.get(tool.name) !== tool).map(({ name }) => name))],
      });
    own = { tools, missing: lists.filter((list) => list === null).length };
    return own;
  };
}

function apiSource(
  source: Extract<McpToolsConfig, { kind: 'openapi' }>,
  { config: { resultBytes }, ownsCredentials }: McpPlan,
  { towards, wheel, tools: { api, check } }: McpPorts,
): Source {
  const means = { towards: towards(source.service), wheel, ownsCredentials, check };
  const tools = api(source).map((tool) => apiTool(tool, { basePath: source.basePath, resultBytes }, means));
  return () => tools;
}

function grpcSource(
  source: Extract<McpToolsConfig, { kind: 'grpc' }>,
  { config: { resultBytes }, ownsCredentials, route }: McpPlan,
  { towardsMethods, wheel, tools: { grpc }, log }: McpPorts,
): Source {
  const { service, prefix } = source;
  const means: ServicePorts = { towards: towardsMethods(service), wheel, ownsCredentials };
  const leftOut = (method: string, why: string): void =>
    log.warn('a method becomes no tool', { route, service, method, why });
  const plan = { isChosen: chooses(source), prefix, resultBytes, leftOut };
  let last: { readonly methods: unknown; readonly tools: readonly OwnTool[] } | null = null;
  return () => {
    const schema = grpc(service);
    if (schema === null) return null;
    if (last?.methods !== schema.methods)
      last = { methods: schema.methods, tools: grpcTools(schema, plan, means) };
    return last.tools;
  };
}
