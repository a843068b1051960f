import { servicesOf, type GatewayConfig, type RouteConfig } from '@turnpike/config';
import {
  compileRoutes,
  compileTemplate,
  ERRORS,
  explainMatch,
  newMatch,
  openRouteTable,
  withoutPrefix,
} from '../gateway.ts';
import { type CallOf, NO_CALLS } from '../grpc-calls.ts';
import { attemptFacts } from './attempt-texts.ts';
import type { Fact, Outcome, Report, RouteReport, TargetReport, UpstreamReport } from './report.ts';
import { mcpFacts } from './mcp-texts.ts';
import { type Described, readRequest, type Request } from './request.ts';
import { reportOf, type ServiceReport } from './service-report.ts';
import { stagesOf } from './stages.ts';

/**
 * Says what the gateway would do with a request, without sending anything. The route, `Allow` and the parameters come from
 * the table that serves requests; only the reasons of the others are found in another way.
 */
export function explainRequest(
  config: GatewayConfig,
  described: Described,
  callOf: CallOf = NO_CALLS,
): Report {
  const request = readRequest(described, config);
  if ('code' in request) {
    const { code, reason } = request;
    const { status } = ERRORS[code];
    return { request: null, outcome: { kind: 'answered', status, code, reason, allow: '' }, candidates: [] };
  }
  const { method, host, path, query, listener } = request;
  const patterns = config.routes.map(({ id, match }) => ({ id, ...match, payload: '' }));
  return {
    request: { method, host, path, query, listener },
    outcome: findOutcome({ config, callOf }, request, patterns),
    candidates: explainMatch(patterns, request).candidates,
  };
}

type Patterns = Parameters<typeof compileRoutes>[0];

/** What is known without the request. */
interface Known {
  readonly config: GatewayConfig;
  readonly callOf: CallOf;
}

function findOutcome(known: Known, request: Request, patterns: Patterns): Outcome {
  const table = openRouteTable(compileRoutes(patterns).buffer);
  const match = newMatch();
  table.match(request, match);
  const { kind, allow } = match;
  const route = known.config.routes[match.route];
  if (kind === 'found' && route !== undefined) {
    const values = table.params(match.route, request.path);
    const names = table.paramNames(match.route);
    return { kind: 'routed', route: reportRoute(known, request, { route, names, values }) };
  }
  if (kind === 'options') {
    const reason = 'the path has routes, but none for OPTIONS';
    return { kind: 'answered', status: 204, code: '', reason, allow };
  }
  const code = kind === 'method-not-allowed' ? 'METHOD_NOT_ALLOWED' : 'NO_ROUTE';
  return { kind: 'answered', status: ERRORS[code].status, code, reason: ERRORS[code].title, allow };
}

interface Found {
  readonly route: RouteConfig;
  readonly names: readonly string[];
  readonly values: readonly string[];
}

function reportRoute(known: Known, request: Request, found: Found): RouteReport {
  const { route, names, values } = found;
  const listener = known.config.listeners.find(({ id }) => id === request.listener);
  return {
    id: route.id,
    path: route.match.path,
    parameters: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])),
    origin: route.origin,
    stages: stagesOf(route, listener),
    target: reportTarget(known, request, found),
  };
}

function reportTarget(known: Known, request: Request, found: Found): TargetReport {
  const { config } = known;
  const { route, names, values } = found;
  const { target } = route;
  switch (target.kind) {
    case 'redirect': {
      const query = target.to.includes('?') ? '' : request.query;
      const location = compileTemplate(target.to, names)(values) + query;
      return { kind: 'redirect', status: target.status, location };
    }
    case 'respond':
      return { kind: 'respond', status: target.status, bytes: Buffer.byteLength(target.body) };
    case 'login':
    case 'published-keys':
      return target;
    case 'protected-resource':
      return { kind: target.kind, authorizationServers: target.authorizationServers };
    case 'mcp':
      return {
        kind: 'mcp',
        facts: mcpFacts(target),
        services: servicesOf(target).map((service) => reportService(config, route, service)),
      };
    case 'split': {
      const sides = target.sides.map(({ service, weight }) => ({
        weight,
        service: reportService(config, route, service),
      }));
      return { kind: 'split', ...reportUpstream(known, request, found), sides };
    }
    case 'service': {
      const service = reportService(config, route, target.service);
      return { kind: 'service', ...reportUpstream(known, request, found), service };
    }
    default:
      return target satisfies never;
  }
}

function reportUpstream({ callOf }: Known, request: Request, found: Found): UpstreamReport {
  const { route, names, values } = found;
  const { rewrite, policies, translate } = route;
  const path = upstreamPath(rewrite, request.path, (template) => compileTemplate(template, names)(values));
  const isPost = translate?.kind === 'soap' || translate?.kind === 'graphql';
  const method = isPost ? 'POST' : request.method;
  return {
    requestLine: `${method} ${path}${isPost ? '' : request.query} HTTP/1.1`,
    host: rewrite?.host ?? request.authority,
    attempts: [
      ...translatedFacts(route, () => callOf(route, request.method, path)),
      ...attemptFacts(policies),
    ],
  };
}

/** What the service is asked for in its own protocol. */
function translatedFacts({ translate }: RouteConfig, grpcCall: () => string): Fact[] {
  switch (translate?.kind) {
    case undefined:
      return [];
    case 'soap':
      return [{ name: 'SOAP', about: `${translate.operation} of ${translate.namespace}` }];
    case 'graphql':
      return [{ name: 'GraphQL', about: `${translate.id ?? 'the operation'} in ${translate.document}` }];
    case 'grpc-transcode':
    case 'grpc-web':
      return [{ name: 'gRPC', about: grpcCall() }];
    default:
      return translate satisfies undefined;
  }
}

function reportService({ services, runtime }: GatewayConfig, route: RouteConfig, id: string): ServiceReport {
  const service = services.find((one) => one.id === id);
  if (service === undefined) throw new Error(`Route ${route.id} has a service that does not exist`);
  return reportOf(service, { zone: runtime.zone, priority: route.policies.priority });
}

function upstreamPath(
  rewrite: RouteConfig['rewrite'],
  path: string,
  fill: (template: string) => string,
): string {
  if (rewrite === null) return path;
  if (rewrite.path !== null) return fill(rewrite.path);
  return rewrite.stripPrefix === null ? path : withoutPrefix(path, rewrite.stripPrefix);
}
