import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { testAuthority } from '../../testkit/src/test-authority.ts';
import { loadTexts, loadYaml } from '../test/fixtures.ts';
import { codeFrame, formatIssue, type IssueCode } from './issue.ts';

const OK = 'services: { s: { endpoints: [http://a] } }\n';

/** A listener with a certificate that is fetched, beside one without TLS. */
const acme = (text: string) =>
  `listeners:\n  a: { address: ":443", tls: { certificates: [{ acme: { ${text} } }] } }\n  b: { address: ":80" }`;

type Row = readonly [text: string, code: IssueCode, line: number, column: number, suggestion?: string];

// Each text has exactly one fault.
const TABLE: readonly Row[] = [
  ['xyzzy: {}', 'UNKNOWN_KEY', 1, 1],
  ['rout: {}', 'UNKNOWN_KEY', 1, 1, 'routes'],
  ['listeners:\n  web:\n    adress: ":1"\n    address: ":1"', 'UNKNOWN_KEY', 3, 5, 'address'],
  ['services:\n  s:\n    endpoints: [http://a]\n    blancer: random', 'UNKNOWN_KEY', 4, 5, 'balancer'],
  [`${OK}routes:\n  r:\n    service: s\n    policies: { rateLimits: 5 }`, 'UNKNOWN_KEY', 5, 17, 'rateLimit'],
  ['- a', 'WRONG_TYPE', 1, 1],
  ['routes: 5', 'WRONG_TYPE', 1, 9],
  ['listeners:\n  web: {}', 'MISSING_KEY', 2, 3],
  ['listeners:\n  web:', 'MISSING_KEY', 2, 3],
  ['listeners: { web: { address: 8080 } }', 'WRONG_TYPE', 1, 30],
  ['listeners: { web: { address: "8080" } }', 'BAD_VALUE', 1, 30, ':8080'],
  ['listeners: { web: { address: "::1" } }', 'BAD_VALUE', 1, 30, '[::1]:8080'],
  ['listeners: { web: { address: "a:99999" } }', 'BAD_VALUE', 1, 30],
  ['listeners: { web: { address: "1.2.3:80" } }', 'BAD_VALUE', 1, 30],
  ['listeners: { web: { address: ":1", trustedProxies: [10.0.0.0/33] } }', 'BAD_VALUE', 1, 53],
  ['listeners: { web: { address: ":1", trustedProxies: 10.0.0.0/8 } }', 'WRONG_TYPE', 1, 52],
  ['listeners: { web: { address: ":1", proxyProtocol: on } }', 'WRONG_TYPE', 1, 51],
  ['listeners: { web: { address: ":1", limits: { bodyBytes: 10MB } } }', 'BAD_VALUE', 1, 57, '10MiB'],
  ['listeners: { web: { address: ":1", limits: { idleTimeout: 75 } } }', 'WRONG_TYPE', 1, 59],
  ['listeners: { web: { address: ":1", limits: { idleTimeout: "75" } } }', 'BAD_VALUE', 1, 59, '75s'],
  ['listeners: { web: { address: ":1", limits: { idleTimeout: 5 sec } } }', 'BAD_VALUE', 1, 59, '5s'],
  ['listeners: { web: { address: ":1", limits: { idleTimeout: 0s } } }', 'OUT_OF_RANGE', 1, 59],
  ['listeners: { web: { address: ":1", limits: { headerCount: 0 } } }', 'OUT_OF_RANGE', 1, 59],
  ['listeners: { web: { address: ":1", limits: { headerCount: 1.5 } } }', 'WRONG_TYPE', 1, 59],
  ['listeners: { a: { address: ":80" }, b: { address: "0.0.0.0:80" } }', 'DUPLICATE_ADDRESS', 1, 51],
  ['listeners: { a: { address: ":9901" } }', 'DUPLICATE_ADDRESS', 1, 1],
  ['listeners: { a: { address: ":80", tls: {} } }', 'MISSING_KEY', 1, 35],
  ['listeners: { a: { address: ":80", tls: { certificates: [] } } }', 'MISSING_KEY', 1, 56],
  ['listeners: { a: { address: ":80", tls: { certificates: [{ acme: {} }] } } }', 'MISSING_KEY', 1, 59],
  [acme('domains: []'), 'MISSING_KEY', 2, 66],
  [acme('domains: ["*.a.test"]'), 'BAD_VALUE', 2, 67],
  [acme('domains: [127.0.0.1]'), 'BAD_VALUE', 2, 67],
  [acme('domains: [localhost]'), 'BAD_VALUE', 2, 67],
  [acme('domains: [a.test, A.test]'), 'DUPLICATE_ENTRY', 2, 66],
  [acme('domains: [a.test], directory: http://a'), 'BAD_VALUE', 2, 87, 'https://a'],
  [acme('domains: [a.test], storage: database'), 'CONFLICT', 2, 85],
  [acme('domains: [a.test], storage: redis'), 'CONFLICT', 2, 85],
  [acme('domains: [a.test], challenge: dns-01'), 'BAD_VALUE', 2, 87],
  [acme('domains: [a.test], eab: { keyId: a }'), 'MISSING_KEY', 2, 76],
  [
    'listeners: { a: { address: ":80", tls: { certificates: [{ acme: { domains: [a.test] } }] } } }',
    'CONFLICT',
    1,
    59,
  ],
  ['services: { s: { endpoints: ["https://a"], tls: { pins: [sha256/a] } } }', 'BAD_VALUE', 1, 58],
  ['services: { s: {} }', 'NO_ENDPOINTS', 1, 13],
  ['services: { "a b": { endpoints: [http://a] } }', 'BAD_VALUE', 1, 13],
  ['services: { s: { endpoints: [localhost:80] } }', 'BAD_VALUE', 1, 30, 'http://localhost:80'],
  ['services: { s: { endpoints: [http://a/b] } }', 'BAD_VALUE', 1, 30],
  ['services: { s: { endpoints: [http://u:p@a] } }', 'BAD_VALUE', 1, 30],
  ['services: { s: { endpoints: [h2c://a] } }', 'BAD_VALUE', 1, 30],
  ['services: { s: { endpoints: [grpc://a], connections: { http2: never } } }', 'CONFLICT', 1, 63],
  ['services: { s: { endpoints: [grpcs://a], health: {} } }', 'CONFLICT', 1, 42],
  ['services: { s: { endpoints: [5] } }', 'WRONG_TYPE', 1, 30],
  ['services: { s: { endpoints: [{ weight: 1 }] } }', 'MISSING_KEY', 1, 30],
  ['services: { s: { endpoints: [{ url: http://a, weight: 1001 }] } }', 'OUT_OF_RANGE', 1, 55],
  ['services: { s: { endpoints: [http://a], balancer: rondom } }', 'BAD_VALUE', 1, 51, 'random'],
  ['services: { s: { endpoints: [http://a], tls: { key: a } } }', 'MISSING_KEY', 1, 41],
  ['services: { s: { endpoints: [http://a], connections: { http2: sometimes } } }', 'BAD_VALUE', 1, 63],
  [`${OK}routes: { r: { match: { path: /a } } }`, 'NO_TARGET', 2, 11],
  [`${OK}routes: { r: { service: s, respond: {} } }`, 'CONFLICT', 2, 11],
  [`${OK}routes: { r: { respond: {}, rewrite: { host: a } } }`, 'CONFLICT', 2, 29],
  [`${OK}routes: { r: { service: s, rewrite: { path: /a, stripPrefix: /b } } }`, 'CONFLICT', 2, 49],
  [`${OK}services2: {}`, 'UNKNOWN_KEY', 2, 1, 'services'],
  [
    'services: { users: { endpoints: [http://a] } }\nroutes: { r: { service: user } }',
    'UNKNOWN_NAME',
    2,
    25,
    'users',
  ],
  [`${OK}routes: { r: { service: s, match: { listeners: [wep] } } }`, 'UNKNOWN_NAME', 2, 49, 'web'],
  [
    `${OK}routes:\n  a: { match: { path: "/{x}" }, service: s }\n  b: { match: { path: "/{y}" }, service: s }`,
    'DUPLICATE_ROUTE',
    4,
    3,
  ],
  [`${OK}routes: { r: { match: { path: a }, service: s } }`, 'BAD_VALUE', 2, 31, '/a'],
  [`${OK}routes: { r: { match: { path: "/{a}/{a}" }, service: s } }`, 'BAD_VALUE', 2, 31],
  [`${OK}routes: { r: { match: { path: "/*/a" }, service: s } }`, 'BAD_VALUE', 2, 31],
  [`${OK}routes: { r: { match: { path: /a//b }, service: s } }`, 'BAD_VALUE', 2, 31],
  [`${OK}routes: { r: { match: { hosts: [a.com:80] }, service: s } }`, 'BAD_VALUE', 2, 33, 'a.com'],
  [`${OK}routes: { r: { match: { methods: [get] }, service: s } }`, 'BAD_VALUE', 2, 35, 'GET'],
  [`${OK}routes: { r: { match: { headers: { x: /(/ } }, service: s } }`, 'BAD_VALUE', 2, 39],
  [`${OK}routes: { r: { match: { headers: { x: 2 } }, service: s } }`, 'WRONG_TYPE', 2, 39],
  [`${OK}routes: { r: { match: { headers: { "x y": a } }, service: s } }`, 'BAD_VALUE', 2, 36],
  [
    `${OK}routes: { r: { service: s, match: { path: "/{id}" }, rewrite: { path: "/{di}" } } }`,
    'UNKNOWN_PARAMETER',
    2,
    71,
    'id',
  ],
  ['routes: { r: { redirect: { to: "/{rest}", status: 300 } } }', 'BAD_VALUE', 1, 51],
  ['routes: { r: { redirect: {} } }', 'MISSING_KEY', 1, 16],
  ['routes: { r: { match: { path: /a }, redirect: { to: "/{rest}" } } }', 'UNKNOWN_PARAMETER', 1, 53],
  ['routes: { r: { respond: { status: 204, body: a } } }', 'CONFLICT', 1, 40],
  ['routes: { r: { respond: { headers: { content-length: "5" } } } }', 'BAD_VALUE', 1, 38],
  ['routes: { r: { respond: { headers: { a: "b\\nc" } } } }', 'BAD_VALUE', 1, 41],
  ['routes: { r: { respond: {} } }\nlisteners: {}', 'NO_LISTENER', 2, 1],
  [`${OK}routes: { r: { service: s, upgrade: [h2c] } }`, 'BAD_VALUE', 2, 38],
  [`${OK}routes: { r: { service: s, policies: { timeout: of } } }`, 'BAD_VALUE', 2, 49],
  [`${OK}routes: { r: { service: s, policies: { errors: { 200: { body: a } } } } }`, 'BAD_VALUE', 2, 50],
  [`${OK}routes: { r: { service: s, policies: { limits: [] } } }`, 'WRONG_TYPE', 2, 48],
  ['admin: { address: ":9901" }', 'ADMIN_EXPOSED', 1, 19, '127.0.0.1:9901'],
  ['admin: no', 'BAD_VALUE', 1, 8],
  ['admin: { tokens: [{ token: t, role: root }] }', 'BAD_VALUE', 1, 37],
  ['admin: { tokens: [{ token: "", role: admin }] }', 'BAD_VALUE', 1, 28],
  ['admin: { tokens: [{ token: t }] }', 'MISSING_KEY', 1, 19],
  ['admin: { certificates: [{ subject: "CN=a", role: admin }] }', 'CONFLICT', 1, 10],
  ['admin: { login: { provider: nobody, roles: { viewer: ["*"] } } }', 'UNKNOWN_NAME', 1, 29],
  ['telemetry: { accessLog: { format: xml } }', 'BAD_VALUE', 1, 35],
  ['telemetry: { metrics: { otlp: collector } }', 'BAD_VALUE', 1, 31],
  ['telemetry: { metrics: { interval: 10ms } }', 'OUT_OF_RANGE', 1, 35],
  ['telemetry: { traces: { otlp: "collector:4317" } }', 'BAD_VALUE', 1, 30],
  ['telemetry: { traces: { otlp: "http://a?b" } }', 'BAD_VALUE', 1, 30],
  ['telemetry: { traces: { otlp: "http://a:b@c" } }', 'BAD_VALUE', 1, 30],
  ['telemetry: { traces: { sample: 101% } }', 'BAD_VALUE', 1, 32],
  ['telemetry: { traces: { sample: 10 } }', 'WRONG_TYPE', 1, 32],
  ['telemetry: { traces: { always: [error] } }', 'BAD_VALUE', 1, 33, 'errors'],
  ['telemetry: { traces: { trust: proxys } }', 'BAD_VALUE', 1, 31, 'proxies'],
  ['telemetry: { traces: { maxPerSecond: 0 } }', 'OUT_OF_RANGE', 1, 38],
  ['telemetry: { traces: { slow: 0s } }', 'OUT_OF_RANGE', 1, 30],
  ['telemetry: { otlp: { compression: zstd } }', 'BAD_VALUE', 1, 35],
  ['telemetry: { otlp: { headers: { Content-Type: a } } }', 'CONFLICT', 1, 33],
  ['telemetry: { otlp: { headers: { "a b": a } } }', 'BAD_VALUE', 1, 33],
  ['runtime: { threads: 0 }', 'OUT_OF_RANGE', 1, 21],
  ['runtime: { threads: "4" }', 'BAD_VALUE', 1, 21],
  ['runtime: { threads: }', 'WRONG_TYPE', 1, 21],
  ['admin: off\nadmin: off', 'DUPLICATE_KEY', 2, 1],
  ['admin: off\n---\nadmin: off', 'SYNTAX', 2, 1],
  ['a: [', 'SYNTAX', 1, 4],
  ['admin: !secret off', 'SYNTAX', 1, 8],
  ['%YAML 1.1\n---\nadmin: off', 'SYNTAX', 1, 1],
  ['admin: *a', 'SYNTAX', 1, 8],
];

describe('issues', () => {
  for (const [text, code, line, column, suggestion] of TABLE) {
    it(`${code} at ${line}:${column} for ${JSON.stringify(text.replace(OK, '…'))}`, async () => {
      const { config, issues } = await loadYaml(text);
      assert.equal(config, null);
      const [first] = issues;
      assert.deepEqual(
        issues.map((issue) => [issue.code, issue.line, issue.column]),
        [[code, line, column]],
        issues.map(formatIssue).join('\n'),
      );
      assert.equal(first?.suggestion, suggestion, first?.message ?? '');
    });
  }

  it('reports every fault, in order of reading', async () => {
    const { issues } = await loadYaml(
      'routes:\n  a: { service: x, policies: { timeout: 5 } }\n  b: { servce: y }\nlisteners: { w: { address: 1 } }',
    );
    assert.deepEqual(
      issues.map(({ code, line }) => [code, line]),
      [
        ['UNKNOWN_NAME', 2],
        ['WRONG_TYPE', 2],
        ['UNKNOWN_KEY', 3],
        ['WRONG_TYPE', 4],
      ],
    );
  });

  it('has the same places in JSON as in YAML', async () => {
    const text =
      '{ "listeners": { "web": {\n  "address": 5, "limit": {} } },\n "routes": { "r": { "service": "x" } } }';
    const places = async (file: string): Promise<unknown> => {
      const { issues } = await loadTexts({ [file]: text });
      return issues.map(({ code, line, column, pointer }) => [code, line, column, pointer]);
    };
    const inJson = await places('/g.json');
    assert.deepEqual(inJson, await places('/g.yaml'));
    assert.deepEqual(inJson, [
      ['WRONG_TYPE', 2, 14, '/listeners/web/address'],
      ['UNKNOWN_KEY', 2, 17, '/listeners/web/limit'],
      ['UNKNOWN_NAME', 3, 32, '/routes/r/service'],
    ]);
  });

  it('shows the line with a caret', () => {
    assert.equal(codeFrame('a: 1\n\tb: 2\n', { line: 2, column: 5 }), '2 | \tb: 2\n  | \t   ^');
  });

  it('accepts all of the contract', async () => {
    const text = await readFile(new URL('../test/gateway.example.yaml', import.meta.url), 'utf8');
    const names = ['IDP_SECRET', 'WEB_SECRET', 'SESSION_SECRET', 'ACME_KEY', 'ADMIN_TOKEN'];
    const env = Object.fromEntries(names.map((name) => [name, `${name}-of-at-least-32-characters`]));
    const api = JSON.stringify({ openapi: '3.1.0', info: { title: 'a', version: '1' }, paths: {} });
    const { cert, key } = testAuthority().issue({ names: ['a.test'] });
    const files = {
      '/certs/example.pem': cert,
      '/certs/example.key': key,
      '/certs/clients-ca.pem': cert,
      '/certs/internal-ca.pem': cert,
      '/certs/gw.pem': cert,
      '/certs/gw.key': key,
      // A set of one file, `a`.
      '/protos/greeter.binpb': '\n\u0003\n\u0001a',
      '/operations/a.graphql': '{ a }',
      '/plugins/tenant.ts': 'export default null;',
      '/schemas/users.openapi.yaml': api,
      '/schemas/billing.openapi.yaml': api,
    };
    const { issues } = await loadTexts({ ...files, '/g.yaml': text }, env, ['/g.yaml']);
    const errors = issues.filter(({ severity }) => severity === 'error');
    assert.deepEqual(errors.map(formatIssue), []);
  });
});
