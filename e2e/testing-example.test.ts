// Takes every rule out of examples/testing/gateway.yaml, one at a time: a case of its suite must fail, or the file is none any more.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { coverageOf } from '../packages/cli/src/test/coverage.ts';
import { runCase } from '../packages/cli/src/test/run-case.ts';
import { runSuite } from '../packages/cli/src/test/run-suite.ts';
import { openStage, openSuite, type Suite } from '../packages/cli/src/test/suite.ts';
import { directoryWith, root, turnpike } from './cli-program.ts';

const TESTS = join(root, 'examples/testing/gateway.test.yaml');
const GATEWAY = join(root, 'examples/testing/gateway.yaml');

type Value = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** What it has of rules, found in another way than the program does: by the shape of the file. */
function rulesIn(document: Value): Path[] {
  const { defaults, routes } = document as { defaults: { policies: Value }; routes: Record<string, Value> };
  return [
    ...policiesIn(defaults.policies, ['defaults', 'policies']),
    ...Object.entries(routes).flatMap(([id, { match, policies = {}, ...others }]) => [
      ['routes', id],
      ...conditionsIn(match as Value, ['routes', id, 'match']),
      ...Object.keys(others).map((key) => ['routes', id, key]),
      ...policiesIn(policies as Value, ['routes', id, 'policies']),
    ]),
  ];
}

function conditionsIn(match: Value, at: Path): Path[] {
  return Object.entries(match).flatMap(([key, value]) => [
    [...at, key],
    ...(key === 'headers' || key === 'query'
      ? Object.keys(value as Value).map((name) => [...at, key, name])
      : []),
  ]);
}

/** Each policy, and each member or item of it. */
function policiesIn(policies: Value, at: Path): Path[] {
  return Object.entries(policies).flatMap(([policy, value]) => {
    const path = [...at, policy];
    if (Array.isArray(value)) return [path, ...value.map((_, index) => [...path, index])];
    if (typeof value !== 'object' || value === null) return [path];
    return [path, ...Object.keys(value).map((key) => [...path, key])];
  });
}

function without(value: unknown, [part, ...rest]: Path): unknown {
  if (Array.isArray(value))
    return rest.length === 0
      ? value.filter((_, index) => index !== part)
      : value.map((item: unknown, index) => (index === part ? without(item, rest) : item));
  const { [String(part)]: member, ...others } = value as Value;
  return rest.length === 0 ? others : { ...(value as Value), [String(part)]: without(member, rest) };
}

/** How the suite takes it: the name of the first case that fails, or that there is nothing to test. */
async function verdictOn(config: string): Promise<string> {
  const opened = await openSuite(TESTS, [config]);
  if (opened.kind === 'broken') return 'no configuration';
  const { suite } = opened;
  const stage = await openStage(suite, suite.config);
  try {
    for (const [name, testCase] of suite.tests.cases) {
      const { failures } = await runCase(name, testCase, stage);
      if (failures.length > 0) return name;
    }
    return 'all pass';
  } finally {
    stage.gateway.close();
  }
}

async function theSuite(): Promise<Suite> {
  const opened = await openSuite(TESTS, []);
  assert.ok(opened.kind === 'suite');
  return opened.suite;
}

describe('the suite of examples/testing', () => {
  const document = parse(readFileSync(GATEWAY, 'utf8')) as Value;
  let directory = '';
  before(() => (directory = mkdtempSync(join(tmpdir(), 'turnpike-rules-'))));
  after(() => rmSync(directory, { recursive: true }));

  it('passes', async () => {
    const { code, out } = await turnpike(['test', TESTS]);
    assert.equal(code, 0, out);
  });

  it('notices each rule that is taken out', async () => {
    const rules = rulesIn(document);
    assert.ok(rules.length > 100, `${rules.length} rules`);
    const unnoticed: string[] = [];
    const impossible: string[] = [];
    for (const path of rules) {
      const file = join(directory, 'gateway.json');
      writeFileSync(file, JSON.stringify(without(document, path)));
      const verdict = await verdictOn(file);
      const name = path.join('.');
      if (verdict === 'all pass') unnoticed.push(name);
      // Names of routes are in the tests: a route that is gone is a name that is unknown.
      else if (verdict === 'no configuration' && path.length > 2) impossible.push(name);
    }
    assert.deepEqual(unnoticed, []);
    assert.ok(impossible.length < rules.length / 3, impossible.join('\n'));
  });

  it('covers all rules, as the program counts them', async () => {
    const suite = await theSuite();
    const { rules, covered } = await coverageOf(suite, await runSuite(suite, undefined));
    assert.deepEqual(
      rules.filter(({ by }) => by === null).map(({ name }) => name),
      [],
    );
    assert.ok(covered > 60);
  });

  it('leaves open what its cases do not look at', async () => {
    const suite = await theSuite();
    const few = await coverageOf(suite, await runSuite(suite, 'ping'));
    assert.deepEqual(
      few.rules.filter(({ by }) => by === 'ping').map(({ name }) => name),
      ['defaults.policies.securityHeaders', 'routes.ping'],
    );
  });
});

/** One request for each kind of route of the example that has everything. */
const EVERYTHING = `
config: ${join(root, 'examples/gateway.example.yaml')}
env:
  ACME_KEY: acme-0123456789abcdef
  IDP_SECRET: a-secret
  DPOP_SECRET: a-secret-of-thirty-two-characters-and-more
  WEB_SECRET: another-secret
  SESSION_SECRET: 0123456789-0123456789-0123456789
  REPORTS_PASSWORD: a-password
lists: { cloud: [198.51.100.0/24], abusers: [192.0.2.0/24] }
cases:
  HTTP to gRPC:
    request: GET /v1/books/1
    expect: { route: books, status: 200, upstream: { service: library, path: /library.v1.Library/GetBook } }
  gRPC:
    request: { method: POST, path: /library.v1.Library/GetBook, http: "2", headers: { content-type: application/grpc, te: trailers }, bytes: 5B }
    expect: { route: library-web, status: 200, headers: { content-type: application/grpc } }
  Connect:
    request: { path: /library.v1.Library/GetBook, headers: { connect-protocol-version: "1" }, json: {} }
    expect: { route: library-web, status: 200, upstream: { headers: { content-type: "/^application.grpc/" } } }
  SOAP:
    request: GET /prices/ABC
    expect: { route: price, upstream: { method: POST, path: /stock, body: "/GetPrice/" } }
  an operation of GraphQL:
    request: GET /people/7
    expect: { route: person, upstream: { path: /graphql } }
  a tool of MCP:
    request: { path: /mcp, headers: { accept: "application/json, text/event-stream" }, json: { jsonrpc: "2.0", id: 1, method: ping } }
    token: corporate
    expect: { route: tools, refusedBy: none }
  a login that cannot be:
    request: GET /_auth/logout
    expect: { status: 303 }
  a stream of events:
    request: GET /orders/x
    services: { orders: { headers: { content-type: text/event-stream }, body: "data: a" } }
    expect: { status: 200, body: "/data: a/" }
  a cookie that keeps a caller on its side:
    request: GET /shop/a
    expect: { status: 200, headers: { set-cookie: "/^shop-side=/" } }
  an abuser:
    request: { path: /ping, client: 192.0.2.1 }
    expect: { status: 403, refusedBy: ipAccess.deny }
`;

it('every kind of route of the example that has everything can be tested', async (context) => {
  const cwd = directoryWith(context, { 'a.test.yaml': EVERYTHING });
  const { code, out } = await turnpike(['test', 'a.test.yaml'], { cwd });
  assert.equal(code, 0, out);
});
