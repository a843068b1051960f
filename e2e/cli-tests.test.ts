// What `turnpike test` and `turnpike check` give to scripts: exit codes, files, and that they leave the network alone.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { directoryWith, startTurnpike, turnpike } from './cli-program.ts';

const GATEWAY = `
listeners: { web: { address: "127.0.0.1:0" } }
services: { users: { endpoints: ["http://127.0.0.1:9001"] } }
routes:
  user: { match: { path: "/users/{id}", methods: [GET] }, service: users }
  ping: { match: { path: /ping }, respond: { status: 200, body: pong } }
admin: off
`;
const PASSES = `cases:
  a user is read: { request: GET /users/1, expect: { route: user, status: 200 } }
  ping: { request: GET /ping, expect: { body: pong } }
`;
const FAILS = `cases: { ping: { request: GET /ping, expect: { body: ping } } }\n`;

function directory(context: TestContext, tests: string, gateway = GATEWAY): string {
  return directoryWith(context, { 'gateway.yaml': gateway, 'a.test.yaml': tests });
}

describe('turnpike test', () => {
  it('ends with 0 when all cases pass', async (context) => {
    const { code, out } = await turnpike(['test', 'a.test.yaml'], { cwd: directory(context, PASSES) });
    assert.equal(code, 0);
    assert.match(out, /^2 cases: 2 passed \(2 requests, \d+ ms\)\n$/);
  });

  it('ends with 6 when one fails', async (context) => {
    const { code, out } = await turnpike(['test', 'a.test.yaml'], { cwd: directory(context, FAILS) });
    assert.equal(code, 6);
    assert.match(out, /a\.test\.yaml:1:54: expect\.body\n {6}expected "ping"\n {6}got {6}"pong"/);
  });

  it('ends with 6 when no case is run, and when too little is covered', async (context) => {
    const cwd = directory(context, PASSES);
    assert.equal((await turnpike(['test', 'a.test.yaml', '--filter', 'none'], { cwd })).code, 6);
    // Nobody tries another method than GET.
    const enough = await turnpike(['test', 'a.test.yaml', '--coverage-min', '66%'], { cwd });
    assert.deepEqual([enough.code, enough.err], [0, '']);
    const little = await turnpike(['test', 'a.test.yaml', '--coverage-min', '67%'], { cwd });
    assert.deepEqual([little.code, little.err], [6, 'a.test.yaml: less than 67 % of the rules is covered\n']);
  });

  it('ends with 3 when a file has errors, and with 2 when the command line has', async (context) => {
    const cwd = directory(context, 'cases: { a: { requst: GET /ping } }');
    const { code, out } = await turnpike(['test', 'a.test.yaml'], { cwd });
    assert.equal(code, 3);
    assert.match(out, /a\.test\.yaml:1:15: error: .*did you mean request\?/);
    assert.equal((await turnpike(['test', 'a.test.yaml', '--coverage-min', 'much'], { cwd })).code, 2);
    assert.equal((await turnpike(['test'], { cwd })).code, 2);
  });

  it('writes JSON and JUnit', async (context) => {
    const cwd = directory(context, FAILS);
    const { out } = await turnpike(['test', 'a.test.yaml', '--json', '--junit', 'results.xml'], { cwd });
    const { failed, suites } = JSON.parse(out) as {
      failed: number;
      suites: { cases: { outcome: string }[] }[];
    };
    assert.deepEqual([failed, suites[0]?.cases[0]?.outcome], [1, 'failed']);
    assert.match(readFileSync(join(cwd, 'results.xml'), 'utf8'), /<failure message="expect\.body: /);
  });

  it('takes another configuration from the command line', async (context) => {
    const cwd = directory(context, PASSES);
    writeFileSync(join(cwd, 'other.yaml'), GATEWAY.replace('pong', 'bang'));
    const { code } = await turnpike(['test', 'a.test.yaml', '--config', 'other.yaml'], { cwd });
    assert.equal(code, 6);
  });

  it('opens no connection and no port, and leaves nothing behind', async (context) => {
    let connections = 0;
    const service = createServer(() => connections++);
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    context.after(() => service.close());
    const { port } = service.address() as AddressInfo;
    // Whoever wanted to listen there could not, and whoever asked the service would be seen.
    const gateway = `
listeners: { web: { address: "127.0.0.1:${port}" } }
services:
  users: { endpoints: ["http://127.0.0.1:${port}"] }
  found: { discovery: { consul: "http://127.0.0.1:${port}", service: found } }
identityProviders: { corporate: { issuer: "http://127.0.0.1:${port}", audiences: [a] } }
lists: { cloud: { url: "http://127.0.0.1:${port}/cloud.txt" } }
stores: { redis: { url: "redis://127.0.0.1:${port}" } }
routes:
  user:
    match: { path: /users }
    service: users
    policies:
      ipAccess: { deny: ["@cloud"] }
      authenticate: { with: [corporate] }
      authorize: { external: { url: "http://127.0.0.1:${port}/" } }
      rateLimit: { limit: 1, per: 1m, by: ip, store: redis }
      forwardIdentity: jwt
  found: { match: { path: /found }, service: found }
`;
    const tests = `cases:
  user:
    request: GET /users
    token: corporate
    steps: [{ expect: { status: 200, upstream: { service: users } } }, { expect: { status: 429 } }]
  found: { request: GET /found, expect: { status: 200, upstream: { service: found, endpoint: "found.offline:80" } } }
`;
    const cwd = directory(context, tests, gateway);
    const { code, out } = await turnpike(['test', 'a.test.yaml'], { cwd });
    assert.equal(code, 0, out);
    assert.equal(connections, 0);
    assert.equal(existsSync(join(cwd, '.turnpike')), false);
  });

  it('runs again when a file changes', async (context) => {
    const cwd = directory(context, FAILS);
    const running = startTurnpike(context, ['test', 'a.test.yaml', '--watch'], { cwd });
    await running.says(/Waiting for a change/);
    writeFileSync(join(cwd, 'gateway.yaml'), GATEWAY.replace('pong', 'ping'));
    await running.says(/1 case: 1 passed/);
    running.child.kill('SIGINT');
    assert.equal((await running.ended).code, 0);
  });
});

describe('turnpike check', () => {
  const RISKY = GATEWAY.replace('methods: [GET]', 'methods: [GET], listeners: [web]').replace(
    'service: users }',
    'service: users, policies: { limits: { bodyBytes: 1KiB } } }',
  );

  it('prints SARIF, with warnings and the place of each', async (context) => {
    const { code, out } = await turnpike(['check', '--format', 'sarif'], {
      cwd: directory(context, PASSES, RISKY),
    });
    assert.equal(code, 0);
    const { version, runs } = JSON.parse(out) as { version: string; runs: { results: object[] }[] };
    assert.equal(version, '2.1.0');
    assert.equal(runs[0]?.results.length, 1);
    assert.match(
      JSON.stringify(runs[0]?.results[0]),
      /"ruleId":"NO_EFFECT".*"uri":"gateway\.yaml".*"startLine":5/,
    );
  });

  it('ends with 3 for warnings too, when it is strict', async (context) => {
    const cwd = directory(context, PASSES, RISKY);
    assert.equal((await turnpike(['check'], { cwd })).code, 0);
    assert.equal((await turnpike(['check', '--strict'], { cwd })).code, 3);
    assert.equal((await turnpike(['check', '--strict'], { cwd: directory(context, PASSES) })).code, 0);
  });
});
