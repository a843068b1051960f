import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adminRoutes } from './admin-routes.ts';
import type { AdminPorts } from './admin-ports.ts';
import { findRoute } from './router.ts';

const ports: AdminPorts = {
  readiness: () => ({ isReady: true, reasons: [] }),
  status: () => ({}),
  metrics: () => null,
  config: () => null,
  services: () => [],
  endpoints: () => [],
  jwks: () => ({ keys: [] }),
  reload: async () => ({ kind: 'unchanged', revision: 1 }),
  restart: async () => ({ kind: 'killed' }),
};
const routes = adminRoutes(ports);

const found = (method: string, target: string) => {
  const routed = findRoute(routes, method, new URL(target, 'http://admin'));
  if (routed.kind === 'refused')
    return `${routed.answer.status} ${routed.answer.headers['Allow'] ?? ''}`.trim();
  return `${routed.route.path}${routed.route.query ?? ''} ${routed.route.role} ${routed.number}`;
};

describe('the routes of the admin API', () => {
  const cases: readonly [string, string, string][] = [
    ['GET', '/healthz', '/healthz anyone 0'],
    ['HEAD', '/healthz', '/healthz anyone 0'],
    ['GET', '/readyz', '/readyz anyone 0'],
    ['GET', '/readyz?verbose', '/readyzverbose viewer 0'],
    ['GET', '/readyz?a=b&verbose=1', '/readyzverbose viewer 0'],
    ['GET', '/metrics', '/metrics viewer 0'],
    ['GET', '/config', '/config viewer 0'],
    ['GET', '/services', '/services viewer 0'],
    ['GET', '/endpoints', '/endpoints viewer 0'],
    ['POST', '/reload', '/reload editor 0'],
    ['POST', '/threads/12/restart', '/threads/{n}/restart admin 12'],
    ['GET', '/reload', '405 POST'],
    ['POST', '/metrics', '405 GET, HEAD'],
    ['POST', '/readyz?verbose', '405 GET, HEAD'],
    ['BREW', '/healthz', '405 GET, HEAD'],
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
