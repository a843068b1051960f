import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import type { Command, Given } from '../../command.ts';
import { Failure, UsageError } from '../../exit-codes.ts';
import type { Output } from '../../output/terminal.ts';
import { applyWith } from './apply.ts';
import { STEERING } from './steering.ts';

type Options = Readonly<Record<string, string | true | readonly string[]>>;

function given(words: readonly string[], options: Options): Given {
  return {
    words,
    has: (option) => options[option] === true,
    text: (option) => (typeof options[option] === 'string' ? options[option] : undefined),
    list: (option) => (Array.isArray(options[option]) ? (options[option] as readonly string[]) : []),
  };
}

function output(): Output & { readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, isTerminal: false, paint: (_, text) => text, print: (...more) => lines.push(...more) };
}

interface Asked {
  readonly line: string;
  readonly body: unknown;
  readonly ifMatch: string | undefined;
}

/** What the admin API answers, by method and path; a number alone is a status without body. */
type Answers = Readonly<Record<string, object | string | number>>;

async function run(
  context: TestContext,
  name: string | Command,
  {
    words = [],
    options = {},
    answers = {},
  }: { words?: readonly string[]; options?: Options; answers?: Answers },
) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    const line = `${request.method} ${request.url}`;
    const sent = await text(request);
    asked.push({ line, body: sent === '' ? null : JSON.parse(sent), ifMatch: request.headers['if-match'] });
    const answer = answers[line];
    if (answer === undefined) return response.writeHead(404).end('{"title":"There is nothing here"}');
    if (typeof answer === 'number') return response.writeHead(answer).end();
    const status = (answer as { status?: unknown }).status;
    response.writeHead(typeof status === 'number' ? status : 200, { etag: '"41"' });
    return response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const [out, err] = [output(), output()];
  const command = typeof name === 'string' ? STEERING.find((one) => one.name === name) : name;
  assert.ok(command);
  const { port } = server.address() as AddressInfo;
  const code = await command.run(given(words, { admin: `127.0.0.1:${port}`, ...options }), { out, err });
  return { code, out: out.lines, err: err.lines, asked };
}

function fileWith(context: TestContext, content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'objects.yaml');
  writeFileSync(file, content);
  return file;
}

const DOCUMENT = 'services: { users: { endpoints: [http://b] } }\n';
const CHANGES = [
  {
    kind: 'services',
    name: 'users',
    workspace: 'default',
    action: 'changed',
    fields: [{ path: '/endpoints', before: ['http://a\u001b[2J'], after: ['http://b'] }],
  },
  { kind: 'routes', name: 'a', workspace: 'team', action: 'removed', fields: [{ path: '', before: {} }] },
];
const RISK = {
  level: 'high',
  code: 'X',
  message: '1 service goes elsewhere',
  objects: ['services.users'],
  count: 1,
};
const PLAN = { revision: null, changes: CHANGES, risks: [RISK], warnings: [{ message: 'odd' }] };
const SHOWN = [
  '~ services.users',
  '    endpoints',
  '      - ["http://a\\u001b[2J"]',
  '      + ["http://b"]',
  '- routes.a (team)',
  '2 objects: 1 changed, 1 removed',
  'high risk 1 service goes elsewhere (services.users)',
  'warning odd',
];
const DRY = 'POST /v1/apply?mode=merge&dryRun=true';

describe('turnpike diff', () => {
  it('shows what is different, and exits like diff', async (context) => {
    const words = [fileWith(context, DOCUMENT)];
    const different = await run(context, 'diff', { words, answers: { [DRY]: PLAN } });
    assert.deepEqual([different.code, different.out], [1, SHOWN]);
    assert.deepEqual(different.asked[0]?.body, { services: { users: { endpoints: ['http://b'] } } });
    const same = { ...PLAN, changes: [], risks: [], warnings: [] };
    const equal = await run(context, 'diff', { words, answers: { [DRY]: same } });
    assert.deepEqual([equal.code, equal.out], [0, ['no changes']]);
    const asJson = await run(context, 'diff', { words, options: { json: true }, answers: { [DRY]: PLAN } });
    assert.deepEqual(JSON.parse(asJson.out.join('\n')), PLAN);
  });

  it('says what the gateway would refuse, with places', async (context) => {
    const refusal = {
      status: 422,
      code: 'CONFIG_REJECTED',
      title: 'It would have errors',
      errors: [
        { message: 'no', pointer: '/routes/a' },
        { message: 'neither', pointer: '/', file: 'g.yaml', line: 3 },
      ],
    };
    const words = [fileWith(context, DOCUMENT)];
    const { code, err } = await run(context, 'diff', { words, answers: { [DRY]: refusal } });
    assert.deepEqual(
      [code, err],
      [3, ['error: It would have errors', '  /routes/a: no', '  g.yaml:3: neither']],
    );
  });

  it('says the line of what is wrong in a file', async (context) => {
    const errors = [
      {
        message: 'no service',
        pointer: '/services/users/endpoints/1',
        file: 'database:default/services.users',
        line: 1,
      },
      { message: 'not here', pointer: '/admin', file: 'document', line: 1 },
      { message: 'another', pointer: '/routes/other', file: 'database:default/routes.other', line: 1 },
      { message: 'in a file', pointer: '/services/users', file: 'gateway.yaml', line: 9 },
    ];
    const refusal = { status: 422, code: 'CONFIG_REJECTED', title: 'It would have errors', errors };
    const one = fileWith(
      context,
      'services:\n  users:\n    endpoints:\n      - http://a\n      - http://b\n',
    );
    const other = fileWith(context, '# only in files\nadmin: {}\n');
    const expected = [
      'error: It would have errors',
      `  ${one}:5:9: no service`,
      `  ${other}:2:1: not here`,
      '  database:default/routes.other: another',
      '  gateway.yaml:9: in a file',
    ];
    const applied = await run(context, 'apply', { words: [one, other], answers: { [DRY]: refusal } });
    assert.deepEqual([applied.code, applied.err], [3, expected]);
    const rollout = await run(context, 'rollout', {
      words: ['start', one, other],
      options: { step: ['5%'] },
      answers: { 'POST /v1/rollouts?dryRun=true': refusal },
    });
    assert.deepEqual([rollout.code, rollout.err], [3, expected]);
  });

  it('says the line of what is wrong in the file of one object', async (context) => {
    const errors = [{ message: 'no', pointer: '/identityProviders/a~1b/issuer' }];
    const refusal = { status: 422, code: 'CONFIG_REJECTED', title: 'It would have errors', errors };
    const file = fileWith(context, 'kind: oidc\nissuer: x\n');
    const { code, err } = await run(context, 'put', {
      words: ['identityProvider', 'a/b', file],
      answers: { 'PUT /v1/identity-providers/a%2Fb?dryRun=true': refusal },
    });
    assert.deepEqual([code, err], [3, ['error: It would have errors', `  ${file}:2:1: no`]]);
  });

  it('says which file of the gateway has a name', async (context) => {
    const refusal = {
      status: 409,
      code: 'OWNED_BY_FILES',
      title: 'Taken',
      detail: 'services.users',
      file: 'g.yaml',
      line: 3,
    };
    const words = [fileWith(context, DOCUMENT)];
    const refused = run(context, 'apply', { words, answers: { [DRY]: refusal } });
    await assert.rejects(refused, /^Error: Taken: services\.users \(g\.yaml:3\)$/);
  });

  it('refuses files that are no documents', async (context) => {
    const file = fileWith(context, 'services: {');
    await assert.rejects(
      run(context, 'diff', { words: [file] }),
      /objects\.yaml:1:11: this is not valid YAML/,
    );
    const twice = fileWith(context, DOCUMENT);
    await assert.rejects(
      run(context, 'diff', { words: [twice, twice] }),
      /services\.users stands in another file/,
    );
    await assert.rejects(run(context, 'diff', { words: ['/no/such/file'] }), Failure);
  });
});

describe('turnpike apply', () => {
  const DONE = 'POST /v1/apply?mode=replace&workspace=team&message=why';
  const answers = {
    'POST /v1/apply?mode=replace&workspace=team&dryRun=true': PLAN,
    [DONE]: { ...PLAN, revision: 42 },
  };
  const options = { replace: true, workspace: 'team', message: 'why' } as const;

  it('does what it has shown, and only that', async (context) => {
    const words = [fileWith(context, DOCUMENT)];
    const { code, out, asked } = await run(context, 'apply', {
      words,
      options: { ...options, yes: true },
      answers,
    });
    assert.deepEqual([code, out], [0, [...SHOWN, 'done: revision 42']]);
    assert.deepEqual([asked[1]?.line, asked[1]?.ifMatch], [DONE, '"41"']);
  });

  it('wants somebody to agree where a risk is high', async (context) => {
    const words = [fileWith(context, DOCUMENT)];
    const questions: string[] = [];
    const asking = (answer: boolean) =>
      applyWith(() => async (question) => {
        questions.push(question);
        return answer;
      });
    const agreed = await run(context, asking(true), { words, options, answers });
    assert.equal(agreed.out.at(-1), 'done: revision 42');
    for (const command of [asking(false), applyWith(() => null)]) {
      await assert.rejects(run(context, command, { words, options, answers }), /^Error: nothing was changed/);
    }
    assert.equal(questions.length, 2);
  });

  it('changes nothing in a dry run, or when there is nothing to change', async (context) => {
    const words = [fileWith(context, DOCUMENT)];
    const dry = await run(context, 'apply', { words, options: { ...options, 'dry-run': true }, answers });
    assert.deepEqual([dry.out, dry.asked.length], [SHOWN, 1]);
  });
});

const OBJECT = {
  kind: 'routes',
  name: 'a',
  workspace: 'default',
  owner: 'database',
  document: { match: { path: '/a' }, service: 's' },
  revision: 7,
  origin: null,
  status: { state: 'quarantined', reason: 'there is no service s' },
};
const REVISION = {
  number: 7,
  at: 0,
  author: 'ci',
  address: '::1',
  origin: 'api',
  message: 'why',
  risks: [RISK],
  changeCount: 2,
  changes: CHANGES,
};
const KEY = {
  id: 'tp_1',
  label: 'job',
  createdAt: 0,
  createdBy: 'ci',
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: 60_000,
};
const TOKEN = { ...KEY, id: 'tpa_1', name: 'ci', role: null, workspaces: { team: 'editor' } };
const ROLLOUT = {
  id: 3,
  revision: 7,
  base: 6,
  steps: [{ kind: 'percent', percent: 5 }],
  step: 0,
  state: 'running',
  reason: '',
  startedAt: 0,
  startedBy: 'ci',
};
const NODE = {
  name: 'gw-1',
  zone: 'eu',
  version: '1',
  revision: 6,
  heartbeatAgeMs: 1500,
  quarantined: ['routes.a'],
  problem: 'no room',
  load: { requests: 100, errors: 1, p99Ms: 5, cpu: 0.5 },
};
const INSTANCE = {
  service: 'users',
  id: 'users-1',
  endpoint: { host: '2001:db8::1', port: 8080, weight: 5, zone: 'eu-1', priority: 0, isDraining: true },
  leaseSeconds: 30,
  metadata: {},
  registeredAtMs: 0,
  expiresInSeconds: 12,
};
const ENTRY = {
  at: 0,
  author: 'ci',
  address: '::1',
  action: 'object.put',
  target: 'routes.a',
  outcome: 'done',
  revision: 7,
  detail: 'a\u009b2J',
};
const page = (...items: object[]) => ({ items, next: null });

interface Row {
  readonly line: string;
  readonly options?: Options;
  readonly answers: Answers;
  /** What it asks the admin API for, the last. */
  readonly body?: object;
  readonly out: RegExp;
}

const ROWS: readonly Row[] = [
  {
    line: 'get route',
    options: { search: 'a' },
    answers: { 'GET /v1/routes?q=a&limit=100': page(OBJECT) },
    out: /^NAME +WORKSPACE +FROM +STATE +WHY\na +default +revision 7 +quarantined +there is no service s$/,
  },
  {
    line: 'get identityProviders',
    answers: { 'GET /v1/identity-providers?limit=100': page() },
    out: /^there are no identity-providers$/,
  },
  {
    line: 'get routes a/b',
    answers: { 'GET /v1/routes/a%2Fb': OBJECT },
    out: /^# quarantined: there is no service s\nmatch:\n {2}path: \/a\nservice: s$/,
  },
  {
    line: 'delete routes a',
    options: { yes: true },
    answers: { 'DELETE /v1/routes/a?dryRun=true': PLAN, 'DELETE /v1/routes/a': { ...PLAN, revision: 8 } },
    out: /done: revision 8$/,
  },
  {
    line: 'rollback 6',
    options: { yes: true },
    answers: {
      'POST /v1/revisions/6/rollback?dryRun=true': PLAN,
      'POST /v1/revisions/6/rollback': { ...PLAN, revision: 8 },
    },
    out: /done: revision 8$/,
  },
  { line: 'export', answers: { 'GET /v1/export': 'services: {}\n' }, out: /^services: \{\}$/ },
  {
    line: 'revisions',
    answers: { 'GET /v1/revisions?limit=100': page(REVISION) },
    out: /\n7 +1970-01-01T00:00:00Z +ci \(::1\) +2 +1 high +why$/,
  },
  {
    line: 'revisions 7',
    answers: { 'GET /v1/revisions/7': REVISION },
    out: /^revision 7\n1970-01-01T00:00:00Z by ci from ::1 \(api\): why\n~ services.users\n/,
  },
  {
    line: 'revisions 6',
    options: { to: '7' },
    answers: { 'GET /v1/revisions/6/diff?to=7': { changes: CHANGES } },
    out: /^~ services.users\n/,
  },
  {
    line: 'keys acme list',
    answers: { 'GET /v1/consumers/acme/keys?limit=100': page(KEY) },
    out: /\ntp_1 +job +1970-01-01T00:00:00Z by ci +- +1970-01-01T00:01:00Z$/,
  },
  {
    line: 'keys acme create',
    options: { label: 'job', expires: '90d' },
    answers: { 'POST /v1/consumers/acme/keys': { ...KEY, key: 'tp_1_secret' } },
    body: { label: 'job', expiresIn: '90d' },
    out: /^tp_1_secret$/,
  },
  {
    line: 'keys acme rotate tp_1',
    options: { overlap: '1h' },
    answers: { 'POST /v1/consumers/acme/keys/tp_1/rotate': { ...KEY, key: 'tp_2_secret' } },
    body: { overlap: '1h' },
    out: /^tp_2_secret$/,
  },
  {
    line: 'keys acme revoke tp_1',
    answers: { 'DELETE /v1/consumers/acme/keys/tp_1': KEY },
    out: /^revoked: tp_1$/,
  },
  {
    line: 'registry list users',
    answers: { 'GET /registry': [INSTANCE, { ...INSTANCE, service: 'other' }] },
    out: /^SERVICE .*\nusers +users-1 +\[2001:db8::1\]:8080 +5 +eu-1 +draining +12s$/,
  },
  {
    line: 'registry register users users-1 http://10.0.0.1:8080',
    options: { weight: '5', zone: 'eu-1', lease: '1m' },
    answers: { 'PUT /registry/users/users-1': { service: 'users', id: 'users-1', leaseSeconds: 60 } },
    body: { url: 'http://10.0.0.1:8080', weight: 5, zone: 'eu-1', ttlSeconds: 60 },
    out: /^registered: users-1 of users, for 60s$/,
  },
  {
    line: 'registry heartbeat users users-1',
    answers: { 'POST /registry/users/users-1/heartbeat': 204 },
    out: /^heard of: users-1 of users$/,
  },
  {
    line: 'registry drain users users-1',
    answers: { 'POST /registry/users/users-1/drain': 204 },
    out: /^draining: users-1 of users$/,
  },
  {
    line: 'registry deregister users users-1',
    answers: { 'DELETE /registry/users/users-1': 204 },
    out: /^gone: users-1 of users$/,
  },
  {
    line: 'fleet',
    answers: { 'GET /v1/fleet': { now: 0, head: 7, nodes: [NODE] } },
    out: /\ngw-1 +eu +1 +6 of 7 +1s ago +10\.0 +1 +5\.0 ms +0\.50 +routes\.a +no room$/,
  },
  {
    line: 'rollout list',
    answers: { 'GET /v1/rollouts?limit=100': page(ROLLOUT, { ...ROLLOUT, state: 'completed' }) },
    out: /\n3 .* running +1 of 2: 5% +1970-01-01T00:00:00Z by ci\n3 +6 → 7 +completed +2 of 2: everybody .*$/,
  },
  {
    line: 'rollout start',
    options: { step: ['5%', 'zone=a,b', 'node=x'], 'step-time': '2m', revision: '6', yes: true },
    answers: {
      'POST /v1/rollouts?dryRun=true': PLAN,
      'POST /v1/rollouts': { ...PLAN, revision: 8, rollout: ROLLOUT },
    },
    body: {
      steps: [
        { kind: 'percent', percent: 5 },
        { kind: 'zones', zones: ['a', 'b'] },
        { kind: 'nodes', nodes: ['x'] },
      ],
      stepMs: 120_000,
      revision: 6,
    },
    out: /on its way: roll-out 3/,
  },
  {
    line: 'rollout roll-back 3',
    answers: { 'POST /v1/rollouts/3/roll-back': { ...ROLLOUT, state: 'rolled-back' } },
    out: /^roll-out 3 is rolled-back$/,
  },
  {
    line: 'audit',
    options: { action: 'object.put' },
    answers: { 'GET /v1/audit?action=object.put&limit=100': page(ENTRY) },
    out: /\n1970-01-01T00:00:00Z +ci \(::1\) +object\.put +routes\.a +done +7 +a\?2J$/,
  },
  {
    line: 'workspaces put team',
    options: { host: ['*.team.example'], path: ['/team/'] },
    answers: { 'PUT /v1/workspaces/team': { name: 'team' } },
    body: { hosts: ['*.team.example'], paths: ['/team/'], description: '' },
    out: /^done: team$/,
  },
  {
    line: 'workspaces list',
    answers: {
      'GET /v1/workspaces?limit=100': page({ name: 'team', description: 'x', hosts: [], paths: ['/a/'] }),
    },
    out: /\nteam +any +\/a\/ +x$/,
  },
  { line: 'workspaces delete team', answers: { 'DELETE /v1/workspaces/team': 204 }, out: /^gone: team$/ },
  {
    line: 'tokens create ci',
    options: { in: ['team=editor'] },
    answers: { 'POST /v1/tokens': { ...TOKEN, token: 'tpa_1_secret' } },
    body: { name: 'ci', role: null, workspaces: { team: 'editor' } },
    out: /^tpa_1_secret$/,
  },
  {
    line: 'tokens list',
    answers: { 'GET /v1/tokens?limit=100': page(TOKEN) },
    out: /\ntpa_1 +ci +editor in team +1970/,
  },
  { line: 'tokens delete tpa_1', answers: { 'DELETE /v1/tokens/tpa_1': 204 }, out: /^gone: tpa_1$/ },
];

describe('commands that steer', () => {
  for (const { line, options = {}, answers, body, out } of ROWS) {
    it(`turnpike ${line} ${JSON.stringify(options)}`, async (context) => {
      const [name = '', ...words] = line.split(' ');
      const done = await run(context, name, { words, options, answers });
      assert.equal(done.code, 0);
      assert.match(done.out.join('\n'), out);
      if (body !== undefined) assert.deepEqual(done.asked.at(-1)?.body, body);
    });
  }

  it('ask page after page, for as many as are wanted', async (context) => {
    const { out, err, asked } = await run(context, 'get', {
      words: ['routes'],
      options: { limit: '2', json: true },
      answers: {
        'GET /v1/routes?limit=2': { items: [OBJECT], next: 'a' },
        'GET /v1/routes?limit=1&after=a': { items: [OBJECT], next: 'b' },
      },
    });
    assert.equal((JSON.parse(out.join('\n')) as unknown[]).length, 2);
    assert.deepEqual(err, ['There is more: --limit 20']);
    assert.equal(asked.length, 2);
  });

  for (const [line, options, expected] of [
    ['get pages', {}, /there is no kind "pages"/],
    ['get routes a b', {}, /one name at most/],
    ['get routes', { limit: 'x' }, /--limit must be/],
    ['rollback zero', {}, /is no number of a revision/],
    ['revisions', { to: '3' }, /--to needs a number/],
    ['keys acme forget', {}, /there is no action "forget"; there are list, create, rotate, revoke/],
    ['keys acme constructor', {}, /there is no action "constructor"/],
    ['keys acme rotate', {}, /rotate takes ID/],
    ['keys acme list', { label: 'a' }, /list does not take --label/],
    ['tokens create', {}, /create takes NAME/],
    ['tokens create ci', { in: ['team'] }, /is no role in a workspace/],
    ['tokens create ci', { role: 'root' }, /--role is one of/],
    ['rollout start', { step: ['5'], revision: '1' }, /"5" is no step/],
    ['rollout start', { revision: '1' }, /needs a --step/],
    ['rollout start', { step: ['5%'] }, /takes documents, or --revision/],
    ['rollout start', { step: ['5%'], revision: '1', 'step-time': 'soon' }, /--step-time is a duration/],
  ] satisfies readonly (readonly [string, Options, RegExp])[]) {
    it(`refuse ${line} ${JSON.stringify(options)}`, async (context) => {
      const [name = '', ...words] = line.split(' ');
      await assert.rejects(
        run(context, name, { words, options }),
        (error) => error instanceof UsageError && expected.test(error.message),
      );
    });
  }
});
