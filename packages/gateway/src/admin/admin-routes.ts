import type { AdminPorts, ReloadAnswer, RestartAnswer } from './admin-ports.ts';
import { alertRoutes } from './alert-routes.ts';
import { adminProblem, json, text, type Answer } from './answer.ts';
import { cacheRoutes } from './cache-routes.ts';
import { limitRoutes } from './limit-routes.ts';
import { liveRoutes } from './live-routes.ts';
import { logRoutes } from './log-routes.ts';
import { registryRoutes } from './registry-routes.ts';
import type { AdminRoute } from './router.ts';

/** Everything that the admin API does, and who may. */
export function adminRoutes(ports: AdminPorts): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      summary: 'whether the process is alive',
      path: '/healthz',
      role: 'anyone',
      handle: async () => text(200, 'ok\n'),
    },
    {
      method: 'GET',
      summary: 'all that the gateway knows of itself',
      path: '/readyz',
      query: 'verbose',
      role: 'viewer',
      handle: async () => verbose(ports),
    },
    {
      method: 'GET',
      summary: 'whether requests may be sent here',
      path: '/readyz',
      role: 'anyone',
      handle: async () => readyz(ports),
    },
    {
      method: 'GET',
      summary: 'metrics for Prometheus, in text or protobuf',
      path: '/metrics',
      role: 'viewer',
      handle: async ({ accept }) => metrics(ports, accept),
    },
    {
      method: 'GET',
      summary: 'the configuration in use, without secrets',
      path: '/config',
      role: 'viewer',
      handle: async () => config(ports),
    },
    {
      method: 'GET',
      summary: 'what services have to do and how they are',
      path: '/services',
      role: 'viewer',
      handle: async () => json(200, ports.services()),
    },
    {
      method: 'GET',
      summary: 'endpoints with their health, and why it is so',
      path: '/endpoints',
      role: 'viewer',
      handle: async () => json(200, ports.endpoints()),
    },
    {
      method: 'GET',
      summary: 'every certificate that a listener shows: names, issuer, serial, end, source, how ACME does',
      path: '/certificates',
      role: 'viewer',
      handle: async () => json(200, ports.certificates()),
    },
    {
      method: 'GET',
      summary: 'how the discovery of each service does',
      path: '/discovery',
      role: 'viewer',
      handle: async () => json(200, ports.discovery()),
    },
    ...alertRoutes(ports.alerts),
    {
      method: 'GET',
      path: '/services/{service}/openapi',
      summary: 'the OpenAPI document of a gRPC service that is transcoded',
      role: 'viewer',
      handle: async ({ parameter }) => openApi(await ports.openApi(parameter('service'))),
    },
    ...registryRoutes(ports.registry),
    ...cacheRoutes(ports.cache),
    ...limitRoutes(ports.limits),
    ...liveRoutes(ports.live),
    ...logRoutes(ports.logs),
    {
      method: 'GET',
      path: '/jwks',
      summary: 'public keys by which services verify identities (RFC 7517)',
      role: 'anyone',
      handle: async () => jwks(ports),
    },
    {
      method: 'POST',
      path: '/reload',
      summary: 'loads the configuration again',
      role: 'editor',
      handle: async () => reloadAnswer(await ports.reload()),
    },
    {
      method: 'POST',
      path: '/threads/{n}/restart',
      summary: 'replaces a data thread',
      parameters: { kill: '`true`: at once, with what it has under way' },
      role: 'admin',
      handle: async ({ parameter, url }) => {
        const thread = Number(parameter('n'));
        const how = url.searchParams.get('kill') === 'true' ? 'kill' : 'graceful';
        return restartAnswer(thread, await ports.restart(thread, how));
      },
    },
  ];
}

function openApi(document: object | null): Answer {
  if (document !== null) return json(200, document);
  return adminProblem('NOT_FOUND', { detail: 'nothing is known of the methods of such a service' });
}

function jwks(ports: AdminPorts): Answer {
  const answer = json(200, ports.jwks());
  const headers = { ...answer.headers, 'Cache-Control': 'public, max-age=300' };
  return { ...answer, contentType: 'application/jwk-set+json', headers };
}

function readyz(ports: AdminPorts): Answer {
  const { isReady, reasons } = ports.readiness();
  return isReady ? text(200, 'ready\n') : text(503, `not ready: ${reasons.join(', ')}\n`);
}

function verbose(ports: AdminPorts): Answer {
  const { isReady, reasons } = ports.readiness();
  return json(isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', reasons, ...ports.status() });
}

function metrics(ports: AdminPorts, accept: string): Answer {
  const exposition = ports.metrics(accept);
  if (exposition === null)
    return adminProblem('NOT_FOUND', { detail: 'telemetry.metrics.prometheus is off' });
  return { status: 200, ...exposition, headers: { Vary: 'Accept' } };
}

function config(ports: AdminPorts): Answer {
  const shown = ports.config();
  return shown === null ? adminProblem('CONFIG_HIDDEN') : json(200, shown);
}

function reloadAnswer(result: ReloadAnswer): Answer {
  switch (result.kind) {
    case 'applied':
    case 'unchanged':
      return json(200, result);
    case 'rejected':
      return adminProblem('CONFIG_REJECTED', { issues: result.issues });
    case 'failed':
      return adminProblem('APPLY_FAILED', { detail: result.message });
    case 'stopping':
      return adminProblem('STOPPING');
    default:
      return result satisfies never;
  }
}

function restartAnswer(thread: number, result: RestartAnswer): Answer {
  switch (result.kind) {
    case 'restarted':
    case 'killed':
      return json(200, { thread, ...result });
    case 'unknown':
      return adminProblem('NOT_FOUND', { detail: `there is no thread ${thread}` });
    case 'busy':
      return adminProblem('BUSY');
    case 'stopping':
      return adminProblem('STOPPING');
    default:
      return result satisfies never;
  }
}
