import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadTexts } from '../test/fixtures.ts';
import { formatIssue } from './issue.ts';
import type { GatewayConfig, PoliciesConfig, RateLimitConfig } from './resolved.ts';

const FILES = { '/conf/schema.json': '{}' };

async function configOf(text: string): Promise<GatewayConfig> {
  const { config, issues } = await loadTexts({ ...FILES, '/conf/g.yaml': text }, {}, ['/conf/g.yaml']);
  assert.ok(config !== null, issues.map(formatIssue).join('\n'));
  return config;
}

async function policiesOf(policies: string, defaults = ''): Promise<PoliciesConfig> {
  const { routes } = await configOf(`
services: { s: { endpoints: [http://a] } }
stores: { redis: { url: redis://a } }
consumers: { c: { keys: [exactly-16-chars] } }
defaults: { policies: { ${defaults} } }
routes: { r: { match: { path: "/{id}" }, service: s, policies: { ${policies} } } }
`);
  const [route] = routes;
  assert.ok(route);
  return route.policies;
}

async function limitOf(text: string): Promise<RateLimitConfig> {
  const policies = `authenticate: { with: consumers }, rateLimit: { limit: 100, per: 1m, ${text} }`;
  const { rateLimit } = await policiesOf(policies);
  const [limit] = rateLimit;
  assert.ok(limit);
  return limit;
}

describe('rateLimit', () => {
  it('needs no more than a limit and a time', async () => {
    const { rateLimit } = await policiesOf('rateLimit: { limit: 100, per: 1m }');
    assert.deepEqual(rateLimit, [
      {
        name: '100/1m',
        mode: 'on',
        limit: 100,
        windowMs: 60_000,
        burst: 100,
        limitFrom: null,
        algorithm: 'gcra',
        by: [{ kind: 'ip' }],
        whenKeyMissing: 'shared',
        stage: 'early',
        group: null,
        when: null,
        cost: null,
        responseCost: null,
        percent: 100,
        store: 'local',
        whenStoreFails: 'local',
      },
    ]);
  });

  it('resolves what is written in full', async () => {
    const limit = await limitOf(`name: tenant, burst: 20, by: [header:X-Tenant, route],
      whenKeyMissing: deny, limitFrom: "request.method == 'GET' ? 10 : 5", group: tenants,
      when: request.method != "OPTIONS", cost: 5, responseCost: response.status, percent: 0.5,
      store: redis, whenStoreFails: deny, mode: report`);
    assert.deepEqual(limit, {
      name: 'tenant',
      mode: 'report',
      limit: 100,
      windowMs: 60_000,
      burst: 20,
      limitFrom: { kind: 'rule', rule: "request.method == 'GET' ? 10 : 5" },
      algorithm: 'gcra',
      by: [{ kind: 'header', name: 'x-tenant' }, { kind: 'route' }],
      whenKeyMissing: 'deny',
      stage: 'early',
      group: 'tenants',
      when: 'request.method != "OPTIONS"',
      cost: '5',
      responseCost: 'response.status',
      percent: 0.5,
      store: 'redis',
      whenStoreFails: 'deny',
    });
  });

  it('reads every kind of key', async () => {
    const { by } = await limitOf(`by: [ip, identity, consumer, plan, route, method, host, header:A, cookie:A,
      query:A, path:id, metadata:A, 'claim:org\\.a.id', "rule:request.method"]`);
    const words = ['ip', 'identity', 'consumer', 'plan', 'route', 'method', 'host'];
    assert.deepEqual(by, [
      ...words.map((kind) => ({ kind })),
      { kind: 'header', name: 'a' },
      { kind: 'cookie', name: 'A' },
      { kind: 'query', name: 'A' },
      { kind: 'path', name: 'id' },
      { kind: 'metadata', name: 'A' },
      { kind: 'claim', path: ['org.a', 'id'] },
      { kind: 'rule', rule: 'request.method' },
    ]);
  });

  it('runs after authentication if anything of it asks who is calling', async () => {
    const late = [
      'by: identity',
      'by: [ip, claim:a]',
      'by: metadata:a',
      'by: "rule:identity.subject"',
      'plans: { gold: 5 }',
      'limitFrom: identity.claims.limit',
      'when: identity != null',
      'cost: size(identity.scopes)',
      'responseCost: "identity == null ? 1 : response.status"',
    ];
    for (const text of late) assert.equal((await limitOf(text)).stage, 'late', text);
    const early = ['by: [ip, route]', 'by: []', 'when: \'request.headers["identity"] == "a"\''];
    for (const text of early) assert.equal((await limitOf(text)).stage, 'early', text);
  });

  it('books a cost that names the response afterwards', async () => {
    const booked = await limitOf('cost: "response.header[\'x-tokens\']"');
    assert.deepEqual([booked.cost, booked.responseCost], [null, "response.header['x-tokens']"]);
    const taken = await limitOf('cost: "request.headers[\'response\']"');
    assert.deepEqual([taken.cost, taken.responseCost], ["request.headers['response']", null]);
    assert.equal((await limitOf('cost: 1')).cost, null);
  });

  it('calls limits by what they allow, and no two the same', async () => {
    const { rateLimit } =
      await policiesOf(`rateLimit: [{ limit: 1, per: 1s }, { limit: 1, per: 1s, by: host },
      { limit: 1, per: 1000ms, by: route }, { name: 1/1h, limit: 2, per: 1s }, { limit: 1, per: 60m }]`);
    assert.deepEqual(
      rateLimit.map(({ name }) => name),
      ['1/1s', '1/1s-2', '1/1s-3', '1/1h', '1/1h-2'],
    );
  });

  it('lets the whole limit of a sliding window come at once, and of no limit nothing', async () => {
    assert.equal((await limitOf('algorithm: sliding')).burst, 100);
    const { rateLimit } = await policiesOf('rateLimit: { limit: 0, burst: 5, per: 1m }');
    assert.equal(rateLimit[0]?.burst, 0);
  });

  it('takes limits from plans', async () => {
    const { limitFrom } = await limitOf('plans: { gold: 1000, free: 0 }');
    assert.deepEqual(limitFrom, { kind: 'plan', plans: { gold: 1000, free: 0 } });
  });

  it('is replaced whole by the limits of a route', async () => {
    const defaults = 'rateLimit: { limit: 1, per: 1s }';
    assert.equal((await policiesOf('', defaults)).rateLimit.length, 1);
    assert.deepEqual((await policiesOf('rateLimit: off', defaults)).rateLimit, []);
    const { rateLimit } = await policiesOf('rateLimit: [{ limit: 2, per: 1s, mode: off }]', defaults);
    assert.deepEqual(rateLimit, []);
  });
});

describe('concurrency', () => {
  it('counts by who is calling where that is known, and otherwise by address', async () => {
    const own = 'concurrency: { limit: 20 }';
    const { concurrency } = await policiesOf(own);
    assert.deepEqual(concurrency, {
      mode: 'on',
      limit: 20,
      by: [{ kind: 'ip' }],
      whenKeyMissing: 'shared',
    });
    const known = await policiesOf('authenticate: { with: consumers }', own);
    assert.deepEqual(known.concurrency?.by, [{ kind: 'identity' }]);
  });

  it('takes a number, adaptive or off for a service', async () => {
    const { services } = await configOf(`services:
  a: { endpoints: [http://a], concurrency: 20 }
  b: { endpoints: [http://a], concurrency: adaptive }
  c: { endpoints: [http://a], concurrency: off }`);
    assert.deepEqual(
      services.map(({ concurrency }) => concurrency),
      [{ kind: 'fixed', limit: 20 }, { kind: 'adaptive' }, { kind: 'off' }],
    );
  });
});

describe('priority', () => {
  it('is a level, or one that depends on the caller', async () => {
    const written = [
      ['priority: high', { level: 'high', header: null, plans: {} }],
      ['priority: off', { level: 'normal', header: null, plans: {} }],
      [
        'priority: { header: X-Priority, plans: { gold: critical } }',
        { level: 'normal', header: 'x-priority', plans: { gold: 'critical' } },
      ],
    ] as const;
    for (const [text, priority] of written)
      assert.deepEqual((await policiesOf(text, 'priority: low')).priority, priority);
    assert.equal((await policiesOf('', 'priority: low')).priority.level, 'low');
  });
});

describe('limits', () => {
  it('are those of the listener unless a route says otherwise', async () => {
    const policies = await policiesOf(
      'limits: { bodyBytes: 1MiB, decompressedBytes: 8MiB, jsonDepth: 20, headerCount: 50, queryCount: 0, grpcMessageBytes: 4MiB, mode: report }',
    );
    const { limitsMode, bodyBytes, decompressedBytes, jsonDepth, headerCount, queryCount } = policies;
    assert.equal(policies.grpcMessageBytes, 2 ** 22);
    assert.deepEqual(
      [limitsMode, bodyBytes, decompressedBytes, jsonDepth, headerCount, queryCount],
      ['report', 2 ** 20, 2 ** 23, 20, 50, 0],
    );
    assert.equal((await policiesOf('limits: { bodyBytes: 1, mode: off }')).bodyBytes, null);
  });
});

describe('validate', () => {
  it('names a document beside the file that names it', async () => {
    const { validate } = await policiesOf(
      'validate: { body: schema.json, query: { page: { type: integer } } }',
    );
    assert.deepEqual(validate, {
      mode: 'on',
      source: {
        kind: 'inline',
        schemas: {
          path: {},
          query: { page: '{"type":"integer"}' },
          headers: {},
          body: { kind: 'document', value: '/conf/schema.json' },
        },
      },
      responses: 'off',
      unknownParameters: 'allow',
      bodyBytes: 2 ** 20,
    });
  });

  it('keeps schemas as they are', async () => {
    const schema =
      '{ $defs: { "constructor": { const: null } }, properties: { __proto__: { $ref: "#/$defs/constructor" } } }';
    const { validate } = await policiesOf(`validate: { body: ${schema}, headers: { X-A: { enum: [a] } } }`);
    assert.ok(validate?.source.kind === 'inline');
    assert.deepEqual(validate.source.schemas.headers, { 'x-a': '{"enum":["a"]}' });
    assert.deepEqual(validate.source.schemas.body, {
      kind: 'text',
      value:
        '{"$defs":{"constructor":{"const":null}},"properties":{"__proto__":{"$ref":"#/$defs/constructor"}}}',
    });
  });
});

describe('cors', () => {
  it('needs no more than origins', async () => {
    const { cors } = await policiesOf('cors: { origins: "*" }');
    assert.deepEqual(cors, {
      mode: 'on',
      origins: ['*'],
      methods: [],
      headers: [],
      exposeHeaders: [],
      credentials: false,
      maxAgeMs: 600_000,
      privateNetwork: false,
    });
  });

  it('spells origins as browsers do', async () => {
    const { cors } = await policiesOf(
      'cors: { origins: ["HTTPS://App.example.com:443", "http://a:8080", "https://*.b.example", "null"], headers: "*" }',
    );
    assert.deepEqual(cors?.origins, [
      'https://app.example.com',
      'http://a:8080',
      'https://*.b.example',
      'null',
    ]);
    assert.deepEqual(cors.headers, ['*']);
  });
});

describe('securityHeaders', () => {
  it('is a sensible set, in which a route may change something', async () => {
    const { securityHeaders: set } = await policiesOf('securityHeaders: on');
    assert.equal(set?.mode, 'on');
    assert.equal(set.headers['x-frame-options'], 'DENY');
    const { securityHeaders: own } = await policiesOf(
      'securityHeaders: { X-Frame-Options: off, Content-Security-Policy: "default-src \'self\'", mode: report }',
    );
    const { 'x-frame-options': _frame, ...rest } = set.headers;
    assert.deepEqual(own, {
      mode: 'report',
      headers: { ...rest, 'content-security-policy': "default-src 'self'" },
    });
    assert.equal((await policiesOf('securityHeaders: { mode: off }')).securityHeaders, null);
  });
});

describe('stores.redis', () => {
  it('needs no more than an address', async () => {
    const { stores } = await configOf('stores: { redis: { url: redis://a } }');
    assert.deepEqual(stores.redis, {
      mode: 'single',
      urls: ['redis://a'],
      master: null,
      authorities: null,
      keyPrefix: 'turnpike:',
      timeoutMs: 50,
    });
    assert.equal((await configOf('{}')).stores.redis, null);
  });

  it('is a cluster, or a master that sentinels know', async () => {
    const cluster = await configOf('stores: { redis: { url: [redis://a, redis://b], cluster: true } }');
    assert.deepEqual([cluster.stores.redis?.mode, cluster.stores.redis?.urls.length], ['cluster', 2]);
    const sentinel = await configOf(
      'stores: { redis: { url: redis://a:26379, sentinel: main, timeout: 1s } }',
    );
    const { mode, master, timeoutMs } = sentinel.stores.redis ?? {};
    assert.deepEqual([mode, master, timeoutMs], ['sentinel', 'main', 1000]);
  });

  it('is vouched for by authorities in a file beside the configuration', async () => {
    const { stores } = await configOf('stores: { redis: { url: rediss://a, authorities: tls/ca.pem } }');
    assert.equal(stores.redis?.authorities, '/conf/tls/ca.pem');
  });
});
