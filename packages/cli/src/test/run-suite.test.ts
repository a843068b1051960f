import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { testAuthority } from '../../../testkit/src/test-authority.ts';
import { coverageOf } from './coverage.ts';
import { runSuite } from './run-suite.ts';
import { suiteOf } from './suites-testing.ts';

/** What of the cases is not as it must be, as `line what: expected, got`. */
async function failuresOf(context: TestContext, tests: string, filter?: string): Promise<string[]> {
  const done = await runSuite(await suiteOf(context, tests), filter);
  return done.flatMap(({ result }) =>
    result.failures.map(({ line, what, which, expected, got }) =>
      [`${line} ${what}: ${expected}, ${got}`, which].filter((part) => part !== '').join('; '),
    ),
  );
}

/** A case that must pass. */
const PASSES: readonly (readonly [name: string, tests: string])[] = [
  [
    'knows the caller by a signed token',
    '{ request: GET /users/1, token: { provider: corporate, claims: { sub: ada } }, expect: { identity: ada } }',
  ],
  [
    'knows the caller by an opaque token',
    '{ request: GET /users/1, token: { provider: corporate, claims: { sub: bob }, opaque: true }, expect: { identity: bob } }',
  ],
  [
    'refuses a forged token',
    '{ request: GET /users/1, token: { provider: corporate, forged: true }, expect: { status: 401, refusedBy: authenticate } }',
  ],
  [
    'leaves a claim out',
    '{ request: GET /users/1, token: { provider: corporate, claims: { aud: null } }, expect: { status: 401 } }',
  ],
  [
    'sends the key where the route looks',
    '{ request: GET /queried?a=1, as: acme, expect: { status: 200, identity: acme, upstream: { query: { a: "1" }, withoutQuery: [key] } } }',
  ],
  [
    'sends the key where it is told to',
    '{ request: GET /users/1, as: { consumer: acme, in: "header:x-api-key" }, expect: { identity: acme } }',
  ],
  [
    'fills lists that would be fetched',
    '{ request: { path: /cloud, client: 198.51.100.1 }, expect: { status: 200 } }',
  ],
  [
    'turns away who is not in them',
    '{ request: GET /cloud, expect: { status: 403, refusedBy: ipAccess.allow } }',
  ],
  [
    'comes in at the listener that it is told',
    '{ request: { path: /inside, listener: internal }, expect: { route: inside } }',
  ],
  ['comes in at the first listener', '{ request: GET /inside, expect: { route: none } }'],
  [
    'takes the word of trusted proxies',
    '{ request: { path: /cloud, client: 10.0.0.1, headers: { x-forwarded-for: 198.51.100.1 } }, expect: { status: 200 } }',
  ],
  [
    'sends JSON',
    '{ request: { method: PUT, path: /users/1, json: { a: 1 } }, expect: { upstream: { json: { a: 1 }, headers: { content-type: application/json } } } }',
  ],
  [
    'tells what only reports',
    '{ request: GET /users/1, repeat: 2, steps: [{ repeat: 2, expect: { reported: [] } }, { expect: { status: 200, reported: [rateLimit] } }] }',
  ],
  [
    'refuses what a socket would refuse',
    '{ request: GET /users/%2e%2e/%2e%2e/x, expect: { status: 400, code: BAD_PATH } }',
  ],
  [
    'refuses two hosts',
    '{ request: { path: /users/1, headers: { host: [a, b] } }, expect: { status: 400 } }',
  ],
  [
    'echoes what a service got',
    '{ request: GET /users/1?a=b, expect: { json: { service: users, target: /users/1?a=b } } }',
  ],
  [
    'answers as the step says, then as the case, then as the file',
    '{ services: { users: { body: case } }, steps: [{ request: GET /users/1, services: { users: { body: step } }, expect: { body: step } }, { request: GET /users/1, expect: { body: case } }, { request: GET /inside, expect: { route: none } }] }',
  ],
  [
    'resets',
    '{ request: { method: POST, path: /users/1 }, services: { users: { fails: reset } }, expect: { code: UPSTREAM_RESET } }',
  ],
  ['counts statuses', '{ request: GET /users/1, atOnce: 3, expect: { statuses: { 200: 3 } } }'],
  ['skips what is skipped', '{ skip: later, request: GET /users/1, expect: { status: 500 } }'],
];

describe('a case', () => {
  for (const [name, text] of PASSES)
    it(name, async (context) => {
      const tests = `lists: { cloud: [198.51.100.0/24] }\ncases: { a: ${text} }`;
      assert.deepEqual(await failuresOf(context, tests), []);
    });

  it('says what is not as it must be, where it is written, and for which of several', async (context) => {
    const tests = `cases:
  a:
    request: GET /users/1
    steps:
      - expect:
          status: 201
          route: cloud
          headers: { content-type: text/plain, x-none: "*" }
          withoutHeaders: [date]
          body: hello
          upstream: [{ path: /users/2, host: localhost }]
      - repeat: 2
        expect: { json: { service: orders }, attempts: 1 }
  b:
    request: GET /none
    expect: { upstream: { service: users }, refusedBy: authenticate }
`;
    assert.deepEqual(
      (await failuresOf(context, tests)).map((line) => line.replace(/"\{.*…; /, '…; ')),
      [
        '8 expect.route: cloud, user; step 1',
        '7 expect.status: 201, 200; step 1',
        '9 expect.headers.content-type: "text/plain", "application/json"; step 1',
        '9 expect.headers.x-none: "*", nothing; step 1',
        '10 expect.withoutHeaders.0: no date, "Thu, 01 Jan 2026 12:00:00 GMT"; step 1',
        '11 expect.body: "hello", …; step 1',
        '12 expect.upstream.0.path: "/users/2", "/users/1"; step 1',
        '14 expect.json.service: "orders", "users"; step 2, request 1 of 2',
        '14 expect.json.service: "orders", "users"; step 2, request 2 of 2',
        '17 expect.refusedBy: authenticate, match',
        '17 expect.upstream: a request, nothing',
      ],
    );
  });

  it('is run alone by a part of its name, or an expression', async (context) => {
    const tests = 'cases: { one: { request: GET / }, two: { request: GET / } }';
    const names = async (filter: string) =>
      (await runSuite(await suiteOf(context, tests), filter)).map(({ result }) => result.name);
    assert.deepEqual(await names('tw'), ['two']);
    assert.deepEqual(await names('/^o/'), ['one']);
  });
});

describe('a client certificate', () => {
  it('says who is calling, as if TLS had verified it', async (context) => {
    const gateway = `
services: { users: { endpoints: [http://127.0.0.1:9001] } }
consumers: { depot: { certificates: [{ subject: CN=depot }] } }
routes: { a: { match: { path: / }, service: users, policies: { authenticate: { with: consumers } } } }
`;
    // On a moment when it is good, whenever that is.
    const tests = `now: ${new Date().toISOString()}
cases:
  depot: { request: { path: /, certificate: depot.pem }, expect: { identity: depot } }
  others: { request: { path: /, certificate: other.pem }, expect: { status: 401 } }
`;
    const suite = await suiteOf(context, tests, gateway);
    const authority = testAuthority();
    for (const commonName of ['depot', 'other'])
      writeFileSync(
        join(dirname(suite.read.file), `${commonName}.pem`),
        authority.issue({ commonName }).cert,
      );
    const done = await runSuite(suite, undefined);
    assert.deepEqual(
      done.flatMap(({ result }) => result.failures),
      [],
    );
  });
});

describe('a file with names that its configuration does not have', () => {
  const FAULTS: readonly (readonly [text: string, message: RegExp])[] = [
    ['{ expect: { route: usr } }', /2: there is no route "usr"; did you mean user\?/],
    ['{ as: acne }', /there is no consumer "acne"; did you mean acme\?/],
    ['{ token: corporat }', /there is no identity provider "corporat"; did you mean corporate\?/],
    ['{ request: { listener: wbe } }', /there is no listener "wbe"; did you mean web\?/],
    ['{ services: { user: {} } }', /there is no service "user"; did you mean users\?/],
    ['{ expect: { code: NOROUTE } }', /there is no code of a problem "NOROUTE"; did you mean NO_ROUTE\?/],
    ['{ expect: { upstream: [{ service: user }] } }', /there is no service "user"/],
    ['{ authorizers: { http://127.0.0.1/: {} } }', /there is no service that authorizes at/],
  ];
  for (const [text, message] of FAULTS)
    it(`is refused: ${text}`, async (context) => {
      await assert.rejects(suiteOf(context, `cases: { a: ${text} }`), ({ message: found }: Error) => {
        assert.match(found, message);
        return true;
      });
    });
});

describe('coverage', () => {
  it('is of rules without which a case fails', async (context) => {
    const suite = await suiteOf(
      context,
      `lists: { cloud: [198.51.100.0/24] }
cases:
  outside: { request: GET /cloud, expect: { status: 403 } }
  inside: { request: { path: /inside, listener: internal }, expect: { route: inside } }
  goes through and looks at nothing: { request: GET /users/1 }
`,
    );
    const { rules, covered } = await coverageOf(suite, await runSuite(suite, undefined));
    assert.deepEqual(
      rules.map(({ name, by }) => `${name}: ${by}`),
      [
        'routes.user: null',
        'routes.user.policies.authenticate: null',
        'routes.user.policies.rateLimit: null',
        'routes.cloud: outside',
        'routes.cloud.policies.ipAccess: outside',
        'routes.queried: null',
        'routes.queried.policies.authenticate: null',
        'routes.inside: inside',
        'routes.inside.match.listeners: null',
      ],
    );
    assert.equal(covered, 3);
  });

  it('of a split is where requests went', async (context) => {
    const gateway = `
listeners: { web: { address: "127.0.0.1:0", trustedProxies: [10.0.0.0/8] } }
services: { a: { endpoints: [http://127.0.0.1:9001] }, b: { endpoints: [http://127.0.0.1:9002] } }
routes: { both: { match: { path: / }, services: { a: 50, b: 50 }, split: { override: header:x-side } } }
`;
    const suite = await suiteOf(
      context,
      'cases: { b: { request: { path: /, client: 10.0.0.1, headers: { x-side: b } }, expect: { route: both } } }',
      gateway,
    );
    const { rules } = await coverageOf(suite, await runSuite(suite, undefined));
    assert.deepEqual(
      rules.map(({ name, by }) => [name, by]),
      [
        ['routes.both', 'b'],
        ['routes.both.services.a', null],
        ['routes.both.services.b', 'b'],
      ],
    );
  });
});
