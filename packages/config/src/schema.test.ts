import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import Schema from 'typebox/schema';
import { defineConfig } from './define.ts';
import { parseYaml } from './load/yaml.ts';
import { referenceMarkdown } from './reference.ts';
import { documentSchema } from './schema/document.ts';
import { configSchema } from './schema/publish.ts';
import { asJsonSchema } from './schema/typebox.ts';

type Node = Readonly<Record<string, unknown>>;

/** Every property below a schema, with its path. */
function propertiesOf(schema: Node, path = ''): [string, Node][] {
  const children = [
    schema['items'],
    schema['additionalProperties'],
    ...((schema['anyOf'] ?? []) as unknown[]),
  ];
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Node>);
  return [
    ...properties.flatMap(([key, property]): [string, Node][] => [
      [`${path}.${key}`, property],
      ...propertiesOf(property, `${path}.${key}`),
    ]),
    ...children.flatMap((child) =>
      typeof child === 'object' ? propertiesOf(child as Node, `${path}.*`) : [],
    ),
  ];
}

function judge(document: unknown): boolean {
  return Schema.Check(configSchema(), document);
}

describe('configSchema', () => {
  it('has a description for every key, and nothing of ours', () => {
    const schema = configSchema();
    const properties = propertiesOf(schema);
    assert.ok(properties.length > 250);
    for (const [path, property] of properties) assert.ok(property['description'], path);
    assert.doesNotMatch(JSON.stringify(schema), /x-turnpike|"~/);
  });

  it('judges as the loader does', () => {
    const good = defineConfig({
      listeners: { web: { address: ':8080', limits: { bodyBytes: '1MiB' } } },
      services: {
        s: { endpoints: ['http://a', { url: 'http://b', weight: 2 }], timeouts: { connect: '1s' } },
        d: { discovery: { etcd: 'http://e', prefix: '/d/' }, balancer: { hash: ['header:x-user', 'ip'] } },
        k: {
          discovery: { kubernetes: { service: 'k', port: 'http' } },
          balancer: { sticky: 'side' },
          health: { path: '/healthz', statuses: ['200', '204-299'] },
          outlierDetection: 'off',
          circuitBreaker: { failureRate: '50%' },
          subset: 40,
        },
      },
      routes: {
        r: {
          match: { path: '/a' },
          service: 's',
          policies: { timeout: 'off', errors: { '503': { body: '' } } },
        },
      },
      admin: 'off',
      runtime: { threads: 4 },
      lists: { l: { addresses: ['::1'] } },
      consumers: { c: { keys: ['exactly-16-chars'], metadata: { level: 1.5, name: 'c', trusted: true } } },
      identityProviders: {
        p: {
          issuer: 'https://p',
          login: { clientId: 'c', clientSecret: 's', session: { secret: ['${env:NEW}', '${env:OLD}'] } },
        },
      },
      defaults: {
        policies: {
          ipAccess: { deny: ['@l'] },
          authenticate: { with: 'p' },
          authorize: { claims: { a: 'b', c: [1, true] }, mode: 'report' },
          forwardIdentity: 'jwt',
          retry: { on: ['reset', 503], perTry: '1s' },
          hedge: { after: 'p99' },
          fallback: { respond: { body: 'later' } },
          mirror: 'off',
          fault: { delay: { duration: '1s' } },
          rateLimit: [
            { limit: 1, per: '1s' },
            { limit: 1, per: '1s', by: ['ip', 'header:a'], cost: 'size(route)' },
          ],
          concurrency: { limit: 1, by: 'claim:a.b' },
          priority: { plans: { gold: 'high' } },
          validate: { query: { page: { type: 'integer', minimum: 1 } }, body: 'schema.json' },
          cors: { origins: '*', methods: ['GET'] },
          securityHeaders: { 'x-frame-options': 'off', mode: 'report' },
        },
      },
      apis: { a: { openapi: 'a.yaml', service: 's', policies: { validate: { responses: 'report' } } } },
      stores: { redis: { url: ['redis://a', 'redis://b'], sentinel: 'main' }, database: { url: 'sqlite:a' } },
    });
    assert.ok(judge(good));
    assert.ok(judge({ runtime: { threads: '${env:T}' } }));
    for (const bad of [
      { route: {} },
      { routes: { r: { match: { path: 5 } } } },
      { routes: { r: { services: { a: '1' } } } },
      { services: { s: { discovery: { dns: 'a', port: '80' } } } },
      { defaults: { policies: { retry: { on: ['5xx'] } } } },
      { listeners: { web: {} } },
      { services: { s: { timeouts: { connect: '1 s' } } } },
      { services: { s: { endpoints: ['ftp://a'] } } },
      { services: { s: { balancer: { hash: ['tenant'] } } } },
      { telemetry: { accessLog: { fields: { 'a-b': 'c' }, sample: '50%' } } },
      { telemetry: { accessLog: [{ rotate: { keep: -1 } }] } },
      { runtime: { threads: 'four' } },
      { lists: { l: { adresses: [] } } },
      { consumers: { c: { metadata: { level: [] } } } },
      { identityProviders: { p: {} } },
      { identityProviders: { p: { issuer: 'https://p', algorithms: ['HS256'] } } },
      { defaults: { policies: { authenticate: { with: 5 } } } },
      { defaults: { policies: { authorize: { claims: { a: {} } } } } },
      { defaults: { policies: { forwardIdentity: 'on' } } },
      { defaults: { policies: { rateLimit: { limit: 1 } } } },
      { defaults: { policies: { rateLimit: [{ limit: 1.5, per: '1s' }] } } },
      { defaults: { policies: { rateLimit: { limit: 1, per: '1s', by: 'tenant' } } } },
      { defaults: { policies: { concurrency: { limit: 0 } } } },
      { defaults: { policies: { priority: 'urgent' } } },
      { defaults: { policies: { validate: { query: { page: 'integer' } } } } },
      { defaults: { policies: { cors: { origins: 'https://a' } } } },
      { defaults: { policies: { securityHeaders: { mode: 'maybe' } } } },
      { services: { s: { concurrency: 'auto' } } },
      { stores: { redis: { url: 'http://a' } } },
    ]) {
      assert.ok(!judge(bad), JSON.stringify(bad));
    }
  });
});

describe('examples/gateway.example.yaml', () => {
  it('is accepted by the schema for editors as well', async () => {
    const file = new URL('../../../examples/gateway.example.yaml', import.meta.url);
    const { value, faults } = parseYaml(await readFile(file, 'utf8'));
    assert.deepEqual(faults, []);
    assert.ok(judge(value));
  });

  it('shows every key of services and routes that is built', async () => {
    const text = await readFile(new URL('../../../examples/gateway.example.yaml', import.meta.url), 'utf8');
    const rows = referenceMarkdown(asJsonSchema(documentSchema)).matchAll(
      /^\| `(?:services|routes)\.(\S+)` \|.*$/gm,
    );
    const missing = Array.from(rows)
      .map(([, path = '']) => path.split('.').findLast((part) => part !== '*') ?? '')
      .filter((key) => !new RegExp(`(^|[\\s{,])${RegExp.escape(key)}:`, 'm').test(text));
    assert.deepEqual(missing, []);
  });
});

describe('referenceMarkdown', () => {
  it('is what docs/reference/configuration.md says', async () => {
    const page = new URL('../../../docs/reference/configuration.md', import.meta.url);
    const markdown = referenceMarkdown(asJsonSchema(documentSchema));
    assert.equal(await readFile(page, 'utf8'), markdown, 'run: npm run docs');
  });
});
