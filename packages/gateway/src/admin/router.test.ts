import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adminRoutes } from './admin-routes.ts';
import type { AdminPorts } from './admin-ports.ts';
import { findRoute } from './router.ts';

const registryDouble: AdminPorts['registry'] = {
  register: () => ({ kind: 'full' }),
  find: () => null,
  heartbeat: () => false,
  deregister: () => false,
  drain: () => false,
  list: () => [],
};

const cacheDouble: AdminPorts['cache'] = {
  stats: () => ({ memories: [], routes: [] }),
  entries: () => null,
  purge: async (selection) => ({ kind: 'hard', by: selection.by, value: '', memories: [] }),
};
const limitsDouble: AdminPorts['limits'] = {
  list: () => ({ limits: [], concurrency: [] }),
  look: async () => ({ fault: 'unknown', detail: '' }),
  reset: async () => null,
  inUse: () => ({ fault: 'unknown', detail: '' }),
};
const ports: AdminPorts = {
  limits: limitsDouble,
  cache: cacheDouble,
  readiness: () => ({ isReady: true, reasons: [] }),
  status: () => ({}),
  metrics: () => null,
  config: () => null,
  services: () => [],
  alerts: { views: [], silences: [], silence: async () => 'away', end: async () => 'unknown' },
  endpoints: () => [],
  jwks: () => ({ keys: [] }),
  registry: registryDouble,
  live: { open: async () => ({ kind: 'full' }), trace: () => null },
  logs: { levels: { level: 'info', components: {} }, change: () => {} },
  certificates: () => [],
  discovery: () => [],
  openApi: async () => null,
  reload: async () => ({ kind: 'unchanged', revision: 1 }),
  restart: async () => ({ kind: 'killed' }),
};
const routes = adminRoutes(ports);

const found = (method: string, target: string) => {
  const routed = findRoute(routes, method, new URL(target, 'http://admin'));
  if (routed.kind === 'refused')
    return `${routed.answer.status} ${routed.answer.headers['Allow'] ?? ''}`.trim();
  const parameters = [...routed.parameters.values()].join(' ');
  return `${routed.route.path}${routed.route.query ?? ''} ${routed.route.role} ${parameters}`.trim();
};

describe('the routes of the admin API', () => {
  const cases: readonly [string, string, string][] = [
    ['GET', '/healthz', '/healthz anyone'],
    ['HEAD', '/healthz', '/healthz anyone'],
    ['GET', '/readyz', '/readyz anyone'],
    ['GET', '/readyz?verbose', '/readyzverbose viewer'],
    ['GET', '/readyz?a=b&verbose=1', '/readyzverbose viewer'],
    ['GET', '/metrics', '/metrics viewer'],
    ['GET', '/config', '/config viewer'],
    ['GET', '/services', '/services viewer'],
    ['GET', '/endpoints', '/endpoints viewer'],
    ['POST', '/reload', '/reload editor'],
    ['POST', '/threads/12/restart', '/threads/{n}/restart admin 12'],
    ['GET', '/reload', '405 POST'],
    ['POST', '/metrics', '405 GET, HEAD'],
    ['POST', '/readyz?verbose', '405 GET, HEAD'],
    ['BREW', '/healthz', '405 GET, HEAD'],
    ['GET', '/log-level', '/log-level viewer'],
    ['PUT', '/log-level', '/log-level editor'],
    ['POST', '/log-level', '405 GET, HEAD, PUT'],
    ['GET', '/registry', '/registry viewer'],
    ['GET', '/discovery', '/discovery viewer'],
    ['PUT', '/registry/users/a', '/registry/{service}/{id} editor users a'],
    ['PUT', '/registry/users/10.0.0.1:80', '/registry/{service}/{id} editor users 10.0.0.1:80'],
    ['DELETE', '/registry/users/%41', '/registry/{service}/{id} editor users A'],
    ['POST', '/registry/users/a/heartbeat', '/registry/{service}/{id}/heartbeat editor users a'],
    ['POST', '/registry/users/a/drain', '/registry/{service}/{id}/drain editor users a'],
    ['POST', '/registry/users/a', '405 PUT, DELETE'],
    ['PUT', '/registry/users/', '404'],
    ['PUT', '/registry/users/%', '404'],
    ['PUT', '/registry/users/a/b/c', '404'],
    ['GET', '/', '404'],
    ['GET', '/healthz/', '404'],
    ['POST', '/threads//restart', '404'],
    ['POST', '/threads/-1/restart', '404'],
    ['POST', '/threads/1e3/restart', '404'],
    ['POST', '/threads/1/restart/more', '404'],
    ['POST', '/threads/restart', '404'],
  ];
  for (const [method, target, expected] of cases) {
    it(`${method} ${target} comes to ${expected}`, () => assert.equal(found(method, target), expected));
  }
});
