import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  directoryWith,
  echoService,
  freePorts,
  launch,
  oldSystemNodes,
  root,
  type Running,
  startTurnpike,
  turnpike,
} from './cli-program.ts';

/** The Node.js of the project, and that of the machine if it is too old: then the program has to find the other by itself. */
const NODES = [process.execPath, ...oldSystemNodes()];

const GOOD = `listeners: { web: { address: "127.0.0.1:8080" } }
services:
  users: { endpoints: [http://127.0.0.1:9001] }
routes:
  user:
    match: { path: "/users/{id}", methods: [GET], hosts: [api.example.com] }
    service: users
    rewrite: { path: "/v1/users/{id}" }
    policies: { timeout: 5s }
  all: { match: { path: /* }, service: users }
  old: { match: { path: /old/* }, redirect: { to: "/users/{rest}", status: 308 } }
  health: { match: { path: /health, methods: [GET], headers: { x-probe: "1" } }, respond: { status: 200, body: ok } }
`;
const BAD = `services:
  users: { endpoints: [http://127.0.0.1:9001] }
routes:
  user:
    match: { path: "/users/{id}" }
    servce: users
  other:
    match: { path: /other }
    service: user
`;

/** All that there are, in the order of the help. */
const COMMANDS = [
  'start',
  'proxy',
  'check',
  'explain',
  'test',
  'openapi',
  'tail',
  'debug-token',
  'cache',
  'limits',
  'alerts',
  'get',
  'put',
  'delete',
  'export',
  'diff',
  'apply',
  'revisions',
  'rollback',
  'keys',
  'registry',
  'fleet',
  'rollout',
  'audit',
  'workspaces',
  'tokens',
  'migrate',
  'backup',
  'restore',
  'secrets',
  'rules',
  'dashboard',
  'schema',
  'completion',
  'version',
];

for (const node of NODES) {
  describe(`turnpike on ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`, () => {
    it('tells what it can do', async () => {
      const { code, out, err } = await turnpike(['--help'], { node });
      assert.deepEqual([code, err], [0, '']);
      for (const name of COMMANDS) {
        assert.match(out, new RegExp(`^  ${name} `, 'm'));
      }
      assert.match(out, /Exit codes:\n {2}0 /);
    });

    it('gives the exit code of what it runs', async (context) => {
      const cwd = directoryWith(context, { 'bad.yaml': BAD });
      assert.equal((await turnpike(['check', 'bad.yaml'], { node, cwd })).code, 3);
    });

    it('carries a request as a proxy, and stops on SIGTERM without failing', async (context) => {
      const service = await echoService(context);
      const args = [
        'proxy',
        '127.0.0.1:0',
        `127.0.0.1:${service}`,
        '--threads',
        '2',
        '--host-header',
        'inside',
      ];
      const gateway = startTurnpike(context, args, { node });
      const port = await portOf(gateway);
      const reply = await fetch(`http://127.0.0.1:${port}/a/b?c=d`, { method: 'POST', body: 'hello' });
      const { method, url, body, headers } = (await reply.json()) as {
        method: string;
        url: string;
        body: string;
        headers: Record<string, string>;
      };
      assert.deepEqual([method, url, body, headers['host']], ['POST', '/a/b?c=d', 'hello', 'inside']);
      assert.equal(headers['x-forwarded-for'], '127.0.0.1');
      gateway.child.kill('SIGTERM');
      const { code, out } = await gateway.ended;
      assert.equal(code, 0);
      assert.match(out, /"path":"\/a\/b"/);
    });
  });
}

describe('turnpike', () => {
  it('suggests the nearest command, and takes a wrong command line for what it is', async () => {
    const { code, err } = await turnpike(['strat']);
    assert.equal(code, 2);
    assert.match(err, /Did you mean start\?/);
    assert.equal((await turnpike(['explain', 'GET'])).code, 2);
    assert.equal((await turnpike([])).code, 2);
  });

  it('says which files it looks for when there is none', async (context) => {
    const { code, err } = await turnpike(['check'], { cwd: directoryWith(context, {}) });
    assert.equal(code, 2);
    assert.match(err, /gateway\.yaml, gateway\.yml, gateway\.json, gateway\.config\.ts/);
  });

  it('explains each command with examples and exit codes', async () => {
    // As the executable does it, but in one process.
    const script = `import { main } from ${JSON.stringify(join(root, 'packages/cli/src/main.ts'))};
      for (const name of ${JSON.stringify(COMMANDS)}) {
        await main([name, '--help']);
        console.log('\\f' + process.exitCode);
      }`;
    const { code, out } = await launch(['--input-type=module', '--eval', script]).ended;
    assert.equal(code, 0);
    const pages = out.matchAll(/([^\f]*)\f(\d+)\n/g).toArray();
    assert.equal(pages.length, COMMANDS.length);
    for (const [i, [, page = '', exitCode]] of pages.entries()) {
      assert.equal(exitCode, '0');
      assert.match(page, new RegExp(`Examples:\\n[^]*turnpike ${COMMANDS[i]}[^]*Exit codes:\\n {2}0 `));
    }
  });
});

describe('turnpike check', () => {
  it('reports every issue with its place and line, and exits with 3', async (context) => {
    const cwd = directoryWith(context, { 'gateway.yaml': BAD });
    const { code, out } = await turnpike(['check'], { cwd });
    assert.equal(code, 3);
    assert.match(out, /^gateway\.yaml:6:5: error: .*did you mean service/m);
    assert.match(out, /^gateway\.yaml:9:14: error: .*did you mean users/m);
    assert.match(out, /^ {2}6 \| {5}servce: users\n +\| +\^/m);
    assert.match(out, /not usable: gateway\.yaml has \d errors\n$/);
    assertPlain(out);
  });

  it('prints JSON for programs', async (context) => {
    const cwd = directoryWith(context, { 'gateway.yaml': BAD });
    const { code, out } = await turnpike(['check', '--json'], { cwd });
    const { ok, issues } = JSON.parse(out) as { ok: boolean; issues: { code: string; line: number }[] };
    assert.deepEqual([code, ok], [3, false]);
    assert.ok(issues.some((issue) => issue.code === 'UNKNOWN_KEY' && issue.line === 6));
  });

  it('warns of routes that want the same requests, and exits with 0', async (context) => {
    const text = `${GOOD}  user-2: { match: { path: "/users/{name}", methods: [GET, PUT], hosts: [api.example.com] }, service: users }\n`;
    const cwd = directoryWith(context, { 'gateway.yaml': text });
    const { code, out } = await turnpike(['check'], { cwd });
    assert.equal(code, 0);
    assert.match(out, /^gateway\.yaml:13:3: warning: routes\.user-2: .*user has them/m);
    assert.match(out, /ok: gateway\.yaml: 1 listener, 5 routes, 1 service, 1 endpoint; no errors, 1 warning/);
  });

  it('counts services whose endpoints come from elsewhere', async (context) => {
    const text = GOOD.replace('{ endpoints: [http://127.0.0.1:9001] }', '{ discovery: { registry: users } }');
    const cwd = directoryWith(context, { 'gateway.yaml': text });
    const { out } = await turnpike(['check'], { cwd });
    assert.equal(out, 'ok: gateway.yaml: 1 listener, 4 routes, 1 service (1 with discovery), no endpoints\n');
  });

  it('accepts the examples', async () => {
    const names = [
      'IDP_SECRET',
      'DPOP_SECRET',
      'WEB_SECRET',
      'SESSION_SECRET',
      'ACME_KEY',
      'REPORTS_PASSWORD',
    ];
    const env = Object.fromEntries(names.map((name) => [name, 'any-text-of-at-least-32-characters']));
    const files = [
      'gateway.example.yaml',
      'quickstart/gateway.yaml',
      'resilience/gateway.yaml',
      'monitoring/gateway.yaml',
    ];
    for (const file of files) {
      const { code, out } = await turnpike(['check', `examples/${file}`], { env });
      assert.equal(code, 0, out);
      assert.match(out, /^ok: /);
    }
  });
});

describe('README.md', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const example = /```yaml\n(# gateway\.yaml\n[^]*?)```/.exec(readme)?.[1] ?? '';

  it('shows a configuration that is accepted', async (context) => {
    const cwd = directoryWith(context, { 'gateway.yaml': example });
    const { code, out } = await turnpike(['check'], { cwd });
    assert.deepEqual([code, out], [0, 'ok: gateway.yaml: 1 listener, 3 routes, 1 service, 2 endpoints\n']);
  });

  it('shows what check says about a mistake in it', async (context) => {
    const text = example.replace('service: users', 'service: user');
    const cwd = directoryWith(context, { 'gateway.yaml': text });
    const { out } = await turnpike(['check', 'gateway.yaml'], { cwd });
    assert.ok(readme.includes(out), out);
  });
});

describe('turnpike explain', () => {
  it('shows route, rejected candidates, stages and what the service gets, without colours in a pipe', async (context) => {
    const cwd = directoryWith(context, { 'gateway.yaml': GOOD });
    const { code, out } = await turnpike(['explain', 'GET', 'http://API.example.com/./users/%34%32?x=1'], {
      cwd,
    });
    assert.equal(code, 0);
    assertPlain(out);
    assert.match(out, /request +GET \/users\/42\?x=1/);
    assert.match(out, /route +user +\/users\/\{id\} +gateway\.yaml:5/);
    assert.match(out, /\{id\} = 42/);
    assert.match(out, /\. +all .*less specific/);
    assert.match(out, /rescue[^]*timeout +.*5s[^]*limit-body[^]*rewrite[^]*forward/);
    assert.match(out, /upstream +GET \/v1\/users\/42\?x=1 HTTP\/1\.1/);
    assert.match(
      out,
      /users +gateway\.yaml:3\nbalancer +adaptive: [^]*\nendpoints +http:\/\/127\.0\.0\.1:9001 +weight 1/,
    );
  });

  it('says why a route was passed over', async (context) => {
    const cwd = directoryWith(context, { 'gateway.yaml': GOOD });
    const { out } = await turnpike(['explain', 'POST', '/health'], { cwd });
    assert.match(out, /- +health .*does not fit: header x-probe, method/);
    const fitting = await turnpike(['explain', 'GET', '/health', '-H', 'X-Probe: 1', '--json'], { cwd });
    const report = JSON.parse(fitting.out) as { outcome: { route: { id: string } } };
    assert.equal(report.outcome.route.id, 'health');
  });

  it('fills in where a redirect leads', async (context) => {
    const cwd = directoryWith(context, { 'gateway.yaml': GOOD });
    const { out } = await turnpike(['explain', 'GET', '/old/7?a=b'], { cwd });
    assert.match(out, /redirect +308 to \/users\/7\?a=b/);
  });

  it('exits with 4 for what the gateway answers with an error', async (context) => {
    const cwd = directoryWith(context, { 'gateway.yaml': GOOD.replace(/^ {2}all: .*\n/m, '') });
    const outcomes = [
      [['GET', '/nothing'], /404 NO_ROUTE/],
      [['POST', 'http://api.example.com/users/1'], /405 METHOD_NOT_ALLOWED[^]*Allow: GET, HEAD/],
      [['GET', '/a%2Fb'], /400 BAD_PATH encoded slash/],
      [['GET', 'http://a..b/'], /400 BAD_HOST/],
    ] as const;
    for (const [request, answer] of outcomes) {
      const { code, out } = await turnpike(['explain', ...request], { cwd });
      assert.equal(code, 4);
      assert.match(out, answer);
    }
  });
});

describe('turnpike schema', () => {
  it('prints a JSON Schema, or writes it', async (context) => {
    const { out } = await turnpike(['schema']);
    assert.equal((JSON.parse(out) as { title: string }).title, 'Turnpike configuration');
    const cwd = directoryWith(context, {});
    assert.equal((await turnpike(['schema', '--out', 'a.json'], { cwd })).code, 0);
    assert.equal(readFileSync(join(cwd, 'a.json'), 'utf8'), out);
    assert.equal((await turnpike(['schema', '--out', 'no/such/a.json'], { cwd })).code, 1);
  });
});

describe('turnpike completion', () => {
  it('completes commands, options and choices in bash', async (context) => {
    const { out } = await turnpike(['completion', 'bash']);
    const cwd = directoryWith(context, { 'turnpike.bash': out });
    const complete = (...words: string[]): string[] => {
      const script = `source turnpike.bash; COMP_WORDS=(turnpike ${words.map((word) => `'${word}'`).join(' ')})
        COMP_CWORD=${words.length}; _turnpike; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8' });
      assert.equal(stderr, '');
      return stdout.trim().split('\n');
    };
    assert.deepEqual(complete('st'), ['start']);
    assert.deepEqual(complete('proxy', '--balancer', 'r'), ['round-robin', 'random']);
    assert.deepEqual(complete('start', '--la'), ['--last-good']);
    assert.deepEqual(complete('check', 'turn'), ['turnpike.bash']);
  });

  it('has scripts for zsh and fish, and for no other', async () => {
    assert.match((await turnpike(['completion', 'zsh'])).out, /^#compdef turnpike[^]*explain\) _arguments/);
    assert.match((await turnpike(['completion', 'fish'])).out, /-a explain -d 'say what/);
    assert.equal((await turnpike(['completion', 'tcsh'])).code, 2);
  });
});

describe('turnpike start', () => {
  it('shows what is wrong with a configuration, and exits with 3', async (context) => {
    const { code, out, err } = await turnpike(['start'], {
      cwd: directoryWith(context, { 'gateway.yaml': BAD }),
    });
    assert.deepEqual([code, out], [3, '']);
    assert.match(err, /gateway\.yaml:6:5: error: [^]*The configuration cannot be used: \d errors/);
  });

  it('takes over a changed configuration, on SIGHUP too', async (context) => {
    const [port = 0] = await freePorts(1);
    const text = (body: string): string =>
      JSON.stringify({
        listeners: { web: { address: `127.0.0.1:${port}` } },
        routes: { r: { match: { path: '/' }, respond: { status: 200, body } } },
        admin: 'off',
        runtime: { threads: 2 },
      });
    const cwd = directoryWith(context, { 'gateway.json': text('one') });
    const gateway = startTurnpike(context, ['start', '--no-watch', '--log-level', 'debug'], { cwd });
    await portOf(gateway);
    const get = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();
    assert.equal(await get(), 'one');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(cwd, 'gateway.json'), text('two'));
    gateway.child.kill('SIGHUP');
    await gateway.says(/configuration applied/);
    assert.equal(await get(), 'two');
  });

  it('says that an address is taken, also by another gateway, and exits with 1', async (context) => {
    const gateway = startTurnpike(context, ['proxy', '127.0.0.1:0', ':1', '--threads', '1']);
    const port = await portOf(gateway);
    const { code, err } = await turnpike(['proxy', `127.0.0.1:${port}`, ':1']);
    assert.equal(code, 1);
    assert.match(err, /error: the gateway cannot start: port \d+ is in use/);
  });

  it('sends nothing to a target that its checks find ill', async (context) => {
    const [well, gone] = [await echoService(context), await freePorts(1)];
    const args = ['127.0.0.1:0', `:${well}`, `:${gone[0]}`, '--threads', '1', '--health', '/healthz'];
    const gateway = startTurnpike(context, ['proxy', ...args]);
    await gateway.says(new RegExp(`"url":"http://127.0.0.1:${gone[0]}",.*"message":"endpoint down"`));
    const reply = await fetch(`http://127.0.0.1:${await portOf(gateway)}/`);
    assert.equal(reply.status, 200);
  });

  it('stops once for a signal that comes twice at once, as with Ctrl-C through a launcher', async (context) => {
    const service = await echoService(context);
    const gateway = startTurnpike(context, ['proxy', '127.0.0.1:0', `:${service}`, '--threads', '1']);
    await portOf(gateway);
    gateway.child.kill('SIGINT');
    gateway.child.kill('SIGINT');
    assert.equal((await gateway.ended).code, 0);
  });

  it('ends at once when it is told to a second time', async (context: TestContext) => {
    const service = await echoService(context);
    const gateway = startTurnpike(context, ['proxy', '127.0.0.1:0', `:${service}`, '--threads', '1']);
    await portOf(gateway);
    gateway.child.kill('SIGTERM');
    await gateway.says(/stopping/);
    await new Promise((resolve) => setTimeout(resolve, 400));
    gateway.child.kill('SIGTERM');
    assert.equal((await gateway.ended).code, 143);
  });
});

async function portOf(gateway: Running): Promise<number> {
  return Number((await gateway.says(/"ports":\{"web":(\d+)\}/))[1]);
}

function assertPlain(text: string): void {
  // oxlint-disable-next-line no-control-regex -- that is what must not be there
  assert.doesNotMatch(text, /\u001b/);
}
