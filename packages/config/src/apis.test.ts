import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatIssue, type Issue } from './issue.ts';
import { parseYaml } from './load/yaml.ts';
import { readConfig } from './read-config.ts';
import type { GatewayConfig } from './resolved.ts';
import { plainSource } from './source/source.ts';

const BILLING = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'billing', version: '1' },
  paths: {
    '/invoices/{id}': { get: { operationId: 'getInvoice' }, put: {} },
    '/invoices': { post: { operationId: 'addInvoice' } },
  },
});

function read(text: string, document = BILLING): { config: GatewayConfig | null; issues: readonly Issue[] } {
  const { value } = parseYaml(`services: { s: { endpoints: [http://a] } }\n${text}`);
  return readConfig([plainSource('/g.yaml', value)], (_from, path) => `/${path}`, {
    '/billing.yaml': document,
  });
}

function configOf(text: string): GatewayConfig {
  const { config, issues } = read(text);
  assert.ok(config !== null, issues.map(formatIssue).join('\n'));
  return config;
}

function api(text = ''): string {
  return `apis: { billing: { openapi: billing.yaml, service: s, ${text} } }`;
}

function faults(text: string): unknown[] {
  return read(text).issues.map(({ code, severity, pointer }) => [code, severity, pointer]);
}

describe('apis', () => {
  it('make a route of each operation, which asks for what the document says', () => {
    const { routes } = configOf(api('basePath: /billing'));
    assert.deepEqual(
      routes.map(({ id, match }) => [id, match.path, match.methods]),
      [
        ['api/billing/getInvoice', '/billing/invoices/{id}', ['GET', 'HEAD']],
        ['api/billing/put-invoices-id', '/billing/invoices/{id}', ['PUT']],
        ['api/billing/addInvoice', '/billing/invoices', ['POST']],
      ],
    );
    const [first] = routes;
    assert.deepEqual(first?.target, { kind: 'service', service: 's' });
    assert.deepEqual(first.rewrite, { path: null, stripPrefix: '/billing', host: null });
    assert.deepEqual(first.policies.validate, {
      mode: 'on',
      source: { kind: 'openapi', path: '/billing.yaml', basePath: '/billing' },
      responses: 'off',
      unknownParameters: 'allow',
      bodyBytes: 2 ** 20,
    });
  });

  it('leave paths as they are where nothing is in front of them, or where it is part of the service', () => {
    assert.equal(configOf(api()).routes[0]?.rewrite, null);
    assert.equal(configOf(api('basePath: /b, stripBasePath: false')).routes[0]?.rewrite, null);
  });

  it('have policies of their own over the defaults', () => {
    const defaults = 'defaults: { policies: { timeout: 1s, priority: low, validate: { query: {} } } }\n';
    const own = api('policies: { timeout: 2s, validate: { responses: enforce } }');
    const policies = configOf(defaults + own).routes[0]?.policies;
    assert.deepEqual([policies?.timeoutMs, policies?.priority.level], [2000, 'low']);
    assert.equal(policies?.validate?.responses, 'enforce');
    assert.equal(policies.validate.source.kind, 'openapi');
  });

  it('ask for nothing if they are told so, or for something else', () => {
    for (const text of ['validate: false', 'policies: { validate: off }'])
      assert.equal(configOf(api(text)).routes[0]?.policies.validate, null);
    const other = configOf(api('policies: { validate: { query: { q: {} } } }'));
    assert.equal(other.routes[0]?.policies.validate?.source.kind, 'inline');
  });

  it('make no routes of a document that nobody could read', () => {
    assert.deepEqual(configOf('apis: { a: { openapi: gone.yaml, service: s } }').routes, []);
  });

  it('are at fault once, however many operations they have', () => {
    assert.deepEqual(faults(api('policies: { authorize: { scopes: [a] } }')), [
      ['CONFLICT', 'error', '/apis/billing/policies/authorize'],
    ]);
    assert.deepEqual(faults(api('policies: { rateLimit: { limit: 1, per: 1s, by: identity } }')), [
      ['CONFLICT', 'error', '/apis/billing/policies/rateLimit'],
    ]);
    assert.deepEqual(faults(api().replace('service: s', 'service: t')), [
      ['UNKNOWN_NAME', 'error', '/apis/billing/service'],
    ]);
    assert.deepEqual(faults(api('policies: { rateLimit: { limit: 1, per: 1s, by: path:id } }')), []);
  });

  it('clash with routes that want the same requests', () => {
    const route = 'routes: { r: { match: { path: /invoices, methods: [POST] }, service: s } }\n';
    assert.deepEqual(faults(route + api()), [['DUPLICATE_ROUTE', 'error', '/apis/billing']]);
  });

  it('warn of operations that cannot be routes', () => {
    const paths = { '/a/{b}.json': { get: {} }, '/a': { get: {} } };
    const { config, issues } = read(api(), JSON.stringify({ ...JSON.parse(BILLING), paths }));
    assert.deepEqual(
      issues.map(({ code, severity, pointer }) => [code, severity, pointer]),
      [['NO_EFFECT', 'warning', '/apis/billing/openapi']],
    );
    assert.equal(config?.routes.length, 1);
  });
});
