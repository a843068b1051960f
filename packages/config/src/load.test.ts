import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadTexts, loadYaml, memoryFiles } from '../test/fixtures.ts';
import { formatIssue } from './issue.ts';
import { createLoader, loadConfig } from './load.ts';

const MINIMAL = `
services: { s: { endpoints: [http://localhost:9001] } }
routes: { r: { match: { path: /a }, service: s } }
`;

describe('loadConfig', () => {
  it('fills in every default', async () => {
    const { config, issues } = await loadYaml(MINIMAL);
    assert.deepEqual(issues, []);
    assert.deepEqual(config?.listeners[0]?.limits, {
      headerBytes: 32_768,
      headerCount: 100,
      targetBytes: 8192,
      bodyBytes: 10_485_760,
      headerTimeoutMs: 10_000,
      bodyTimeoutMs: 30_000,
      idleTimeoutMs: 75_000,
      requestsPerConnection: 10_000,
      http2: { maxConcurrentStreams: 100 },
      connections: 20_000,
      connectionsPerClient: 500,
    });
    assert.deepEqual(config.listeners[0]?.address, { host: '0.0.0.0', port: 8080 });
    assert.deepEqual(config.services[0]?.endpoints, [
      {
        url: 'http://localhost:9001',
        protocol: 'http',
        host: 'localhost',
        port: 9001,
        weight: 1,
        zone: null,
        priority: 0,
      },
    ]);
    assert.deepEqual(config.services[0]?.connections, {
      perEndpoint: 256,
      idleTimeoutMs: 60_000,
      http2: 'auto',
    });
    assert.deepEqual(config.services[0]?.timeouts, { connectMs: 1000, requestMs: 30_000, idleMs: 60_000 });
    assert.deepEqual(config.routes[0], {
      id: 'r',
      match: { path: '/a', listeners: [], hosts: [], methods: [], headers: [], query: [] },
      target: { kind: 'service', service: 's' },
      rewrite: null,
      translate: null,
      upgrade: [],
      policies: {
        ipAccess: null,
        authenticate: null,
        authorize: null,
        upstreamCredentials: null,
        forwardIdentity: 'off',
        rateLimit: [],
        concurrency: null,
        cache: null,
        transform: null,
        compress: null,
        priority: { level: 'normal', header: null, plans: {} },
        validate: null,
        cors: null,
        securityHeaders: null,
        limitsMode: 'on',
        bodyBytes: null,
        decompressedBytes: null,
        graphql: null,
        jsonDepth: null,
        headerCount: null,
        queryCount: null,
        grpcMessageBytes: null,
        timeoutMs: null,
        deadlineHeader: null,
        retry: {
          mode: 'on',
          attempts: 2,
          on: ['connect-failure', 'reset'],
          perTryMs: null,
          budgetPercent: 20,
          bodyBytes: 65_536,
          methods: [],
        },
        hedge: null,
        fallback: null,
        mirror: null,
        fault: null,
        websocket: null,
        eventStream: null,
        plugins: [],
        errors: {},
      },
      origin: { file: '/g.yaml', line: 3, column: 11 },
    });
    assert.deepEqual(config.admin?.address, { host: '127.0.0.1', port: 9901 });
    assert.deepEqual(config.telemetry, {
      accessLog: config.telemetry.accessLog, // access-log.test.ts has its defaults
      log: { level: null, components: {}, format: 'auto' },
      metrics: { prometheus: true, endpoint: null, intervalMs: null },
      traces: null,
      alerts: [],
      otlp: { headers: [], timeoutMs: null, compression: null, authorities: null, resource: [] },
      debug: null,
    });
    assert.deepEqual([config.identityProviders, config.consumers, config.lists], [[], [], []]);
    assert.equal(config.listeners[0]?.forwardedClientCert, false);
    assert.deepEqual(config.runtime, {
      threads: 0,
      zone: null,
      drainTimeoutMs: 30_000,
      selfProtection: true,
      stateDirectory: '/.turnpike',
      signingKey: null,
    });
  });

  it('gives plain frozen data that survives JSON and structured clone', async () => {
    const { config } = await loadYaml(`
${MINIMAL}
  # a comment
telemetry: { accessLog: off }
`);
    assert.ok(config !== null && Object.isFrozen(config.routes[0]?.match.hosts));
    assert.deepEqual(JSON.parse(JSON.stringify(config)), config);
    assert.deepEqual(structuredClone(config), config);
    assert.deepEqual(config.telemetry.accessLog, []);
  });

  it('resolves what is written in full', async () => {
    const { config, issues } = await loadYaml(`
listeners:
  web: { address: "[::1]:0", trustedProxies: [10.0.0.0/8, "::1"], proxyProtocol: true, limits: { bodyBytes: 5 } }
services:
  s:
    endpoints: ["http://[::1]:80/", { url: http://b, weight: 0, zone: z }]
    balancer: random
    connections: { http2: never }
defaults: { policies: { timeout: 2s, limits: { bodyBytes: 1MiB } } }
routes:
  a:
    match: { path: "/u/{id}/*", hosts: ["*.Example.org"], methods: [GET], headers: { X-A: /^v\\d$/ }, query: { q: "*" } }
    service: s
    rewrite: { path: "/v1/{id}/{rest}", host: internal }
    upgrade: [websocket]
    policies: { timeout: off, errors: { 503: { body: no }, 401: { body: "", status: 404, contentType: text/html } } }
  b: { match: { path: /old/* }, redirect: { to: "/new/{rest}", status: 301 } }
  c: { match: { path: /ping }, respond: { body: pong, headers: { content-type: text/plain } } }
telemetry: { accessLog: { to: logs/access.log, fields: {}, sample: 100%, redact: [cookie] }, metrics: { otlp: "" } }
runtime: { threads: 4 }
`);
    assert.deepEqual(issues.map(formatIssue), []);
    const [a, b, c] = config?.routes ?? [];
    assert.deepEqual(config?.listeners[0]?.trustedProxies, [
      { address: '10.0.0.0', prefixLength: 8, family: 'ipv4' },
      { address: '::1', prefixLength: 128, family: 'ipv6' },
    ]);
    assert.equal(config.services[0]?.endpoints[0]?.url, 'http://[::1]:80');
    assert.deepEqual(config.services[0]?.endpoints[1]?.weight, 0);
    assert.deepEqual(a?.match.hosts, ['*.example.org']);
    assert.deepEqual(a.match.headers, [{ name: 'x-a', kind: 'regex', value: '^v\\d$' }]);
    assert.deepEqual(a.match.query, [{ name: 'q', kind: 'present', value: '' }]);
    assert.deepEqual(a.rewrite, { path: '/v1/{id}/{rest}', stripPrefix: null, host: 'internal' });
    const { bodyBytes, timeoutMs, errors } = a.policies;
    assert.deepEqual([bodyBytes, timeoutMs], [1_048_576, null]);
    assert.deepEqual(errors, {
      401: { status: 404, body: '', contentType: 'text/html' },
      503: { status: 503, body: 'no', contentType: 'application/json' },
    });
    assert.equal(b?.policies.timeoutMs, 2000);
    assert.deepEqual(b.target, { kind: 'redirect', to: '/new/{rest}', status: 301 });
    assert.deepEqual(c?.target, {
      kind: 'respond',
      status: 200,
      body: 'pong',
      headers: [['content-type', 'text/plain']],
    });
    assert.deepEqual(config.telemetry.accessLog[0]?.to, { kind: 'file', path: '/logs/access.log' });
    assert.equal(config.runtime.threads, 4);
  });

  it('merges files entry by entry, and names both places of a duplicate', async () => {
    const { issues, config } = await loadTexts({
      '/d/a.yaml':
        'services: { s: { endpoints: [http://a] } }\nroutes:\n  one: { match: { path: /1 }, service: s }\n',
      '/d/b.json': '{ "routes": {\n  "two": { "match": { "path": "/2" }, "service": "s" } } }',
    });
    assert.deepEqual(issues, []);
    assert.deepEqual(
      config?.routes.map(({ id, origin }) => [id, origin.file, origin.line, origin.column]),
      [
        ['one', '/d/a.yaml', 3, 3],
        ['two', '/d/b.json', 2, 3],
      ],
    );
    const clash = await loadTexts({ '/a.yaml': MINIMAL, '/b.yaml': 'routes:\n  r: { service: s }\n' });
    assert.equal(clash.config, null);
    assert.equal(clash.issues[0]?.code, 'DUPLICATE_ENTRY');
    assert.deepEqual([clash.issues[0].file, clash.issues[0].line], ['/b.yaml', 2]);
    assert.match(clash.issues[0].message, /\/a\.yaml:3:11/);
  });

  it('reads a directory by name, and modules in it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'turnpike-'));
    try {
      await writeFile(join(directory, 'a.yaml'), MINIMAL);
      await writeFile(join(directory, 'notes.txt'), '{{{');
      const module = 'export default { routes: { two: { respond: { status: 204 as number } } } };';
      await writeFile(join(directory, 'b.config.ts'), module);
      const { config, issues, files, directories } = await loadConfig([directory], { env: {} });
      assert.deepEqual(issues, []);
      assert.deepEqual(
        config?.routes.map(({ id }) => id),
        ['r', 'two'],
      );
      assert.equal(files.length, 2);
      assert.deepEqual(directories, [directory]);
      assert.equal(config.runtime.stateDirectory, join(directory, '.turnpike'));
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('refuses what a module exports but JSON cannot say', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'turnpike-'));
    try {
      const file = join(directory, 'gateway.config.ts');
      await writeFile(file, 'export const config = { routes: () => ({}) };');
      const { issues } = await loadConfig([file], { env: {} });
      assert.deepEqual(
        issues.map(({ code, line, column }) => [code, line, column]),
        [['SYNTAX', 1, 1]],
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('parses only what has changed', async () => {
    const texts: Record<string, string> = { '/a.yaml': MINIMAL, '/b.yaml': 'admin: off' };
    const load = createLoader({ env: {}, files: memoryFiles(texts) });
    const first = await load(['/a.yaml', '/b.yaml']);
    texts['/b.yaml'] = 'admin: { address: "127.0.0.1:1" }';
    const second = await load(['/a.yaml', '/b.yaml']);
    assert.equal(first.config?.admin, null);
    assert.equal(second.config?.admin?.address.port, 1);
  });

  it('reports a missing file, an empty list and text that is not UTF-8', async () => {
    const files = { ...memoryFiles({ '/x.yaml': '' }), read: async () => new Uint8Array([0xff, 0xfe, 0x61]) };
    for (const [paths, options] of [
      [['/nowhere.yaml'], { files: memoryFiles({}) }],
      [[], {}],
      [['/x.yaml'], { files }],
    ] as const) {
      const { config, issues } = await createLoader({ env: {}, ...options })(paths);
      assert.equal(config, null);
      assert.deepEqual(
        issues.map(({ code }) => code),
        ['UNREADABLE'],
      );
    }
  });
});

describe('references', () => {
  it('fills in variables and files, several in a text, and converts them where a number is wanted', async () => {
    const { config, issues, files } = await loadTexts(
      {
        '/g.yaml': `${MINIMAL}
admin: { address: "0.0.0.0:\${env:PORT}", tokens: [{ token: "a-\${file:t.txt}-\${env:B:-b}", role: admin }] }
runtime: { threads: "\${env:T}" }
telemetry: { metrics: { prometheus: "\${env:P:-false}", otlp: "\${env:NONE:-}" } }
listeners: { web: { address: ":1", limits: { bodyBytes: "\${env:SIZE}" } } }
`,
        '/t.txt': 'secret\n',
      },
      { PORT: '9', T: '3', SIZE: '77' },
      ['/g.yaml'],
    );
    assert.deepEqual(issues.map(formatIssue), []);
    assert.equal(config?.admin?.address.port, 9);
    assert.equal(config.admin.tokens[0]?.token, 'a-secret-b');
    assert.equal(config.runtime.threads, 3);
    assert.equal(config.telemetry.metrics.prometheus, false);
    assert.equal(config.listeners[0]?.limits.bodyBytes, 77);
    assert.deepEqual(files, ['/g.yaml', '/t.txt']);
  });

  it('reports what is missing or malformed at its place, once', async () => {
    const { issues } = await loadYaml(`
admin:
  tokens:
    - { token: "\${env:NOPE}", role: admin }
    - { token: "\${file:nope}", role: admin }
    - { token: "\${secret}", role: admin }
    - { token: "\${env:OPEN", role: admin }
    - { token: "$\${env:PLAIN}", role: admin }
`);
    assert.deepEqual(
      issues.map(({ code, line, column }) => [code, line, column]),
      [
        ['MISSING_REFERENCE', 4, 16],
        ['MISSING_REFERENCE', 5, 16],
        ['BAD_REFERENCE', 6, 16],
        ['BAD_REFERENCE', 7, 16],
      ],
    );
  });

  it('never prints what a reference gave', async () => {
    const secrets = {
      A: 'hunter2',
      B: 'xyz',
      C: 'GETX',
      D: 'https://in.side',
      E: '/re[/',
      F: '9999999',
      G: 'ecs',
    };
    const { issues, secrets: redactor } = await loadYaml(
      `
listeners: { web: { address: "\${env:A}", limits: { headerCount: "\${env:F}", idleTimeout: "\${env:B}" } } }
services: { s: { endpoints: ["\${env:D}"], balancer: "\${env:A}", timeouts: { connect: "1\${env:B}" } } }
routes:
  a:
    match: { path: "\${env:A}", methods: ["\${env:B}"], headers: { x: "\${env:E}" }, hosts: ["\${env:E}"] }
    service: "\${env:B}"
  b: { match: { path: "/{xyz}" }, redirect: { to: "/{\${env:C}}", status: "\${env:F}" } }
telemetry: { accessLog: { format: "\${env:G}" }, metrics: { prometheus: "\${env:B}", otlp: "\${env:A}" } }
runtime: { threads: "\${env:B}" }
`,
      secrets,
    );
    assert.ok(issues.length >= 15, String(issues.length));
    const printed = issues
      .map((issue) => JSON.stringify(issue))
      .join('\n')
      .replaceAll('/{xyz}', '');
    for (const secret of Object.values(secrets))
      assert.ok(!printed.includes(secret), `${secret} in ${printed}`);
    assert.equal(redactor.redact('say hunter2 or xyz'), 'say *** or xyz');
  });
});
