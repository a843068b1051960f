import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadTexts, loadYaml } from '../test/fixtures.ts';
import { formatIssue } from './issue.ts';
import { NO_POLICIES } from './resolve/policies.ts';
import type { GatewayConfig, RouteConfig } from './resolved.ts';

const SECRET = '0123456789-0123456789-0123456789';
const SESSION = `session: { secret: ${SECRET} }`;
const PEM = '-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----';
const HEX = '0123456789abcdef'.repeat(4);

async function configOf(
  texts: string | Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayConfig> {
  const files = typeof texts === 'string' ? { '/g.yaml': texts } : texts;
  const paths = Object.keys(files).filter((name) => name.endsWith('.yaml'));
  const { config, issues } = await loadTexts(files, env, paths);
  assert.ok(config !== null, issues.map(formatIssue).join('\n'));
  return config;
}

async function routeOf(policies: string, before = ''): Promise<RouteConfig> {
  const { routes } = await configOf(`
services: { s: { endpoints: [http://a] } }
${before}
routes: { r: { match: { path: "/{id}" }, service: s, policies: { ${policies} } } }
`);
  const [route] = routes;
  assert.ok(route);
  return route;
}

describe('identityProviders', () => {
  it('needs no more than an issuer', async () => {
    const { identityProviders } = await configOf('identityProviders: { p: { issuer: https://p.example/a } }');
    const [provider] = identityProviders;
    assert.deepEqual(provider, {
      id: 'p',
      issuer: 'https://p.example/a',
      keys: { kind: 'discovery' },
      audiences: [],
      algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
      tokenType: 'any',
      clockToleranceMs: 30_000,
      dpop: 'optional',
      dpopNonce: null,
      dpopWhenStoreFails: 'deny',
      keyLifetimeMs: 600_000,
      staleKeysMs: 86_400_000,
      introspection: null,
      client: null,
      login: null,
      origin: { file: '/g.yaml', line: 1, column: 22 },
    });
  });

  it('resolves what is written in full', async () => {
    const { identityProviders } = await configOf(
      {
        '/conf/g.yaml': `
identityProviders:
  p:
    issuer: https://p.example
    jwks: https://p.example/keys
    audiences: [a]
    algorithms: [ES256]
    tokenType: at+jwt
    clockTolerance: 0s
    dpop: required
    dpopNonce: { secret: 'nonce-secret-of-thirty-two-chars!', lifetime: 2m }
    dpopWhenStoreFails: local
    keyLifetime: 1m
    staleKeys: 0s
    introspection: { clientId: i, clientSecret: "\${env:S}", endpoint: https://p.example/i, cache: 0s }
    client: { clientId: c, clientKey: "\${file:key.pem}", clientKeyId: k-1, endpoint: https://p.example/t }
    login:
      clientId: l
      clientSecret: s
      authentication: post
      scopes: [openid, profile]
      callbackPath: /cb
      logoutPath: /out
      backchannelLogoutPath: /back
      afterLogout: /bye
      publicOrigin: https://App.example.com
      session: { cookie: __Host-app, secret: ["\${env:NEW}", ${SECRET}], lifetime: 30d, idle: 2h }
`,
        '/conf/key.pem': `${PEM}\n`,
      },
      { S: 'secret', NEW: `new-${SECRET}` },
    );
    const [provider] = identityProviders;
    assert.deepEqual(provider, {
      id: 'p',
      issuer: 'https://p.example',
      keys: { kind: 'url', url: 'https://p.example/keys' },
      audiences: ['a'],
      algorithms: ['ES256'],
      tokenType: 'at+jwt',
      clockToleranceMs: 0,
      dpop: 'required',
      dpopNonce: { secret: 'nonce-secret-of-thirty-two-chars!', lifetimeMs: 120_000 },
      dpopWhenStoreFails: 'local',
      keyLifetimeMs: 60_000,
      staleKeysMs: 0,
      introspection: {
        clientId: 'i',
        authentication: { kind: 'basic', secret: 'secret' },
        endpoint: 'https://p.example/i',
        cacheMs: 0,
      },
      client: {
        clientId: 'c',
        authentication: { kind: 'private-key', key: PEM, keyId: 'k-1' },
        endpoint: 'https://p.example/t',
      },
      login: {
        clientId: 'l',
        authentication: { kind: 'post', secret: 's' },
        scopes: ['openid', 'profile'],
        callbackPath: '/cb',
        logoutPath: '/out',
        backchannelLogoutPath: '/back',
        afterLogout: '/bye',
        publicOrigin: 'https://app.example.com',
        session: {
          cookie: '__Host-app',
          secrets: [`new-${SECRET}`, SECRET],
          lifetimeMs: 30 * 86_400_000,
          idleMs: 7_200_000,
        },
      },
      origin: { file: '/conf/g.yaml', line: 3, column: 3 },
    });
  });

  it('finds files of keys and lists beside the file that names them', async () => {
    const { identityProviders, lists } = await configOf({
      '/a/g.yaml': 'identityProviders: { p: { issuer: https://p, jwks: keys/p.json } }',
      '/b/h.yaml': 'lists: { l: { file: l.txt } }',
    });
    assert.deepEqual(identityProviders[0]?.keys, { kind: 'file', path: '/a/keys/p.json' });
    assert.deepEqual(lists[0], {
      id: 'l',
      origin: { file: '/b/h.yaml', line: 1, column: 10 },
      kind: 'file',
      path: '/b/l.txt',
    });
  });
});

describe('consumers', () => {
  it('resolve to their credentials', async () => {
    const { consumers } = await configOf(`
consumers:
  c:
    keys: ["\${env:K:-from-the-default-1}", { key: "sha256:${HEX}", expires: 2027-01-31 }]
    certificates: [{ subject: "CN=c" }, { spiffe: "spiffe://a/b" }, { san: "DNS:c", fingerprint: "${HEX}" }]
    basic: [{ username: u, password: p }]
    scopes: [a, b]
    plan: gold
    metadata: { tier: gold, level: 1.5, trusted: true, zero: "0" }
`);
    assert.deepEqual(consumers, [
      {
        id: 'c',
        keys: [
          { key: 'from-the-default-1', expiresAtMs: null },
          { key: `sha256:${HEX}`, expiresAtMs: Date.UTC(2027, 0, 31) },
        ],
        certificates: [
          { subject: 'CN=c', san: null, fingerprint: null },
          { subject: null, san: 'uri:spiffe://a/b', fingerprint: null },
          { subject: null, san: 'dns:c', fingerprint: HEX },
        ],
        basic: [{ username: 'u', password: 'p' }],
        scopes: ['a', 'b'],
        plan: 'gold',
        metadata: { tier: 'gold', level: 1.5, trusted: true, zero: '0' },
        origin: { file: '/g.yaml', line: 3, column: 3 },
      },
    ]);
  });
});

describe('lists', () => {
  it('are in place, in a file or elsewhere', async () => {
    const { lists } = await configOf(
      'lists: { a: { addresses: ["::1"] }, b: { file: /b.txt }, c: { url: https://c }, d: { url: https://d, refresh: 5m } }',
    );
    assert.deepEqual(
      lists.map(({ id: _id, origin: _origin, ...source }) => source),
      [
        { kind: 'addresses', addresses: [{ address: '::1', prefixLength: 128, family: 'ipv6' }] },
        { kind: 'file', path: '/b.txt' },
        { kind: 'url', url: 'https://c', refreshMs: 3_600_000 },
        { kind: 'url', url: 'https://d', refreshMs: 300_000 },
      ],
    );
  });
});

describe('policies of access', () => {
  const before = `
lists: { office: { addresses: [10.0.0.0/8] } }
consumers: { c: { keys: [exactly-16-chars] } }
identityProviders: { p: { issuer: https://p, audiences: [a], client: { clientId: c, clientSecret: s } } }
`;

  it('have defaults', async () => {
    const { policies } = await routeOf(
      'ipAccess: { deny: ["@office"] }, authenticate: { with: p }, authorize: { external: { url: grpcs://a } }, upstreamCredentials: { clientCredentials: p }',
      before,
    );
    assert.deepEqual(policies.ipAccess, { mode: 'on', allow: null, deny: { blocks: [], lists: ['office'] } });
    assert.deepEqual(policies.authenticate, {
      mode: 'on',
      providers: ['p'],
      consumers: false,
      optional: false,
      apiKeyFrom: [{ in: 'header', name: 'x-api-key' }],
      forwardCredentials: 'tokens',
    });
    assert.deepEqual(policies.authorize, {
      mode: 'on',
      scopes: [],
      anyScope: [],
      claims: [],
      rule: null,
      external: {
        protocol: 'grpc',
        url: 'https://a',
        timeoutMs: 200,
        onFailure: 'deny',
        cacheMs: 0,
        requestHeaders: [],
        upstreamHeaders: [],
        clientHeaders: [],
      },
    });
    assert.deepEqual(policies.upstreamCredentials, {
      mode: 'on',
      grant: 'client-credentials',
      provider: 'p',
      scopes: [],
      audience: null,
    });
    assert.equal(policies.forwardIdentity, 'off');
  });

  it('resolve what is written in full', async () => {
    const { policies } = await routeOf(
      String.raw`
      ipAccess: { allow: [10.0.0.0/8, "@office"], deny: ["::1"], mode: report },
      authenticate: { with: [consumers, p, p], optional: true, apiKeyFrom: [query:key, cookie:Key], forwardCredentials: none, mode: report },
      authorize: {
        scopes: [a], anyScope: [b], rule: "request.method == 'GET'", mode: report,
        claims: { tenant: "{header.X-Tenant}", realm.roles: [staff, 3, true], 'https://a\.b/c.d': "{path.id}" },
        external: { url: "http://127.0.0.1:1/authz", timeout: 1s, onFailure: allow, cache: 30s, requestHeaders: [X-A], upstreamHeaders: [X-B], clientHeaders: [X-C] }
      },
      upstreamCredentials: { tokenExchange: p, scopes: [s], audience: u, mode: report },
      forwardIdentity: headers`,
      before,
    );
    assert.deepEqual(policies.ipAccess, {
      mode: 'report',
      allow: { blocks: [{ address: '10.0.0.0', prefixLength: 8, family: 'ipv4' }], lists: ['office'] },
      deny: { blocks: [{ address: '::1', prefixLength: 128, family: 'ipv6' }], lists: [] },
    });
    assert.deepEqual(policies.authenticate, {
      mode: 'report',
      providers: ['p'],
      consumers: true,
      optional: true,
      apiKeyFrom: [
        { in: 'query', name: 'key' },
        { in: 'cookie', name: 'Key' },
      ],
      forwardCredentials: 'none',
    });
    assert.deepEqual(policies.authorize, {
      mode: 'report',
      scopes: ['a'],
      anyScope: ['b'],
      claims: [
        { path: ['tenant'], values: ['{header.x-tenant}'] },
        { path: ['realm', 'roles'], values: ['staff', 3, true] },
        { path: ['https://a.b/c', 'd'], values: ['{path.id}'] },
      ],
      rule: "request.method == 'GET'",
      external: {
        protocol: 'http',
        url: 'http://127.0.0.1:1/authz',
        timeoutMs: 1000,
        onFailure: 'allow',
        cacheMs: 30_000,
        requestHeaders: ['x-a'],
        upstreamHeaders: ['x-b'],
        clientHeaders: ['x-c'],
      },
    });
    assert.deepEqual(policies.upstreamCredentials, {
      mode: 'report',
      grant: 'token-exchange',
      provider: 'p',
      scopes: ['s'],
      audience: 'u',
    });
    assert.equal(policies.forwardIdentity, 'headers');
  });

  it('are replaced whole by a route, and removed by off in one way or the other', async () => {
    const { routes } = await configOf(`${before}
services: { s: { endpoints: [http://a] } }
defaults:
  policies:
    ipAccess: { allow: [10.0.0.0/8], deny: [10.1.0.0/16] }
    authenticate: { with: p, optional: true }
    forwardIdentity: jwt
routes:
  inherits: { match: { path: /a }, service: s }
  replaces: { match: { path: /b }, service: s, policies: { ipAccess: { deny: ["::1"] }, authenticate: { with: consumers } } }
  removes: { match: { path: /c }, service: s, policies: { ipAccess: { mode: off, deny: ["::1"] }, authenticate: off, forwardIdentity: off } }
`);
    const seen = routes
      .slice(0, 3)
      .map(({ policies }) => [
        policies.ipAccess?.allow?.blocks.length,
        policies.ipAccess?.deny.blocks[0]?.address,
        policies.authenticate?.optional,
        policies.forwardIdentity,
      ]);
    assert.deepEqual(seen, [
      [1, '10.1.0.0', true, 'jwt'],
      [undefined, '::1', false, 'jwt'],
      [undefined, undefined, undefined, 'off'],
    ]);
  });
});

function provider(more = ''): string {
  return `identityProviders: { p: { issuer: https://p, audiences: [a], login: { clientId: c, clientSecret: s, ${SESSION}${more} } } }`;
}

describe('the routes of a login', () => {
  const route = 'routes: { r: { respond: {}, policies: { authenticate: { with: p } } } }';

  it('come after those that are written, with the addresses of the defaults as their only policy', async () => {
    const { routes } = await configOf(`${provider(', backchannelLogoutPath: /back')}
defaults: { policies: { ipAccess: { deny: ["::1"] }, authenticate: { with: p }, timeout: 5s, errors: { 401: { body: no } } } }
routes: { r: { respond: {} } }`);
    const [first, callback, ...others] = routes;
    assert.equal(first?.id, 'r');
    assert.deepEqual(callback, {
      id: 'login/p/callback',
      match: { path: '/_auth/callback', listeners: [], hosts: [], methods: ['GET'], headers: [], query: [] },
      target: { kind: 'login', provider: 'p', step: 'callback' },
      rewrite: null,
      translate: null,
      upgrade: [],
      policies: { ...NO_POLICIES, ipAccess: first.policies.ipAccess },
      origin: { file: '/g.yaml', line: 1, column: 22 },
    });
    assert.deepEqual(
      others.map(({ id, match, target }) => [id, match.path, match.methods, target]),
      [
        [
          'login/p/logout',
          '/_auth/logout',
          ['GET', 'POST'],
          { kind: 'login', provider: 'p', step: 'logout' },
        ],
        [
          'login/p/backchannel-logout',
          '/back',
          ['POST'],
          { kind: 'login', provider: 'p', step: 'backchannel-logout' },
        ],
      ],
    );
  });

  it('win over every path of the hosts that send browsers there', async () => {
    const { routes } = await configOf(`${provider(', publicOrigin: "https://www.example.com"')}
routes:
  app: { match: { path: /*, hosts: [app.example.com, "*.b.example"] }, respond: {}, policies: { authenticate: { with: [p] } } }
  other: { match: { path: /*, hosts: [other.example.com] }, respond: {} }`);
    const login = routes.filter(({ target }) => target.kind === 'login');
    assert.equal(login.length, 2);
    for (const { match } of login)
      assert.deepEqual(match.hosts, ['app.example.com', '*.b.example', 'www.example.com', '*']);
  });

  it('have paths and cookies of their own', async () => {
    const { issues } = await loadYaml(`identityProviders:
  p: { issuer: https://p, audiences: [a], login: { clientId: c, clientSecret: s, ${SESSION} } }
  q: { issuer: https://q, audiences: [a], login: { clientId: c, clientSecret: s, ${SESSION} } }
routes:
  a: { match: { path: /a }, respond: {}, policies: { authenticate: { with: p } } }
  b: { match: { path: /b }, respond: {}, policies: { authenticate: { with: q } } }
`);
    assert.deepEqual(
      issues.map(({ code, pointer }) => [code, pointer]),
      [
        ['CONFLICT', '/identityProviders/q/login/callbackPath'],
        ['CONFLICT', '/identityProviders/q/login/logoutPath'],
        ['CONFLICT', '/identityProviders/q/login/session/cookie'],
      ],
    );
  });

  it('belong to nobody else, and say so', async () => {
    const { issues } = await loadYaml(
      `${provider()}\n${route.replace('{ r:', '{ mine: { match: { path: /_auth/callback }, respond: {} }, r:')}`,
    );
    assert.deepEqual(
      issues.map(({ message }) => message),
      ['routes.mine: its path belongs to the callback of identityProviders.p.login; change one of them'],
    );
  });

  it('are the choice of a route that names two', async () => {
    const { issues } = await loadYaml(`identityProviders:
  p: { issuer: https://p, audiences: [a], login: { clientId: c, clientSecret: s, ${SESSION} } }
  q:
    issuer: https://q
    audiences: [a]
    login: { clientId: c, clientSecret: s, callbackPath: /q, logoutPath: /o, session: { secret: ${SECRET}, cookie: __Host-q } }
routes: { r: { respond: {}, policies: { authenticate: { with: [q, p] } } } }
`);
    assert.deepEqual(
      issues.map(({ code, severity, line }) => [code, severity, line]),
      [['NO_EFFECT', 'warning', 7]],
    );
    assert.match(issues[0]?.message ?? '', /sent to q$/);
  });
});

describe('the route of the published keys', () => {
  it('is there as soon as a route signs', async () => {
    const text = `
services: { s: { endpoints: [http://a] } }
identityProviders: { p: { issuer: https://p, audiences: [a] } }
defaults: { policies: { ipAccess: { deny: ["::1"] } } }
routes: { r: { service: s, policies: { authenticate: { with: p }, forwardIdentity: headers } } }`;
    assert.equal((await configOf(text)).routes.length, 1);
    const [first, keys] = (await configOf(text.replace('headers', 'jwt'))).routes;
    assert.deepEqual(
      [keys?.id, keys?.match.path, keys?.match.methods, keys?.target, keys?.policies.ipAccess],
      [
        'identity/published-keys',
        '/.well-known/turnpike/jwks.json',
        ['GET'],
        { kind: 'published-keys' },
        first?.policies.ipAccess,
      ],
    );
  });
});

describe('secrets', () => {
  it('are in no message, though they stand in the file in plain text', async () => {
    const { issues } = await loadYaml(`
admin: { tokens: [{ token: 73571, role: admin }] }
runtime: { signingKey: hush-signing }
identityProviders:
  p:
    issuer: https://p
    introspection: { clientId: c, clientSecret: 73572 }
    client: { clientId: c, clientKey: hush-client }
    login: { clientId: c, clientSecret: [hush-login], session: { secret: hush-session } }
  q: { issuer: https://q, login: { clientId: c, clientSecret: 73573, session: { secret: [hush-old, 73574] } } }
consumers:
  a: { keys: hush-no-list, basic: [{ username: u, password: $hush$password }] }
  b: { keys: [hush-short, 73575, { key: sha256:hush }], basic: [{ username: u, password: 73576 }] }
  c: { keys: [hush-the-same-for-two] }
  d: { keys: [hush-the-same-for-two] }
`);
    assert.ok(issues.length >= 15, issues.map(formatIssue).join('\n'));
    const printed = JSON.stringify(issues);
    assert.doesNotMatch(printed, /hush|7357/, printed);
  });

  it('may come from references, and are in no message then either', async () => {
    const { issues } = await loadYaml(
      `
identityProviders: { p: { issuer: "\${env:A}", audiences: [a], jwks: "ftp://\${env:B}" } }
consumers: { c: { keys: ["\${env:C}"], certificates: [{ san: "\${env:D}" }] } }
routes:
  r: { respond: {}, policies: { authenticate: { with: "\${env:E}" }, authorize: { rule: "\${env:F} ==", claims: { a: "{\${env:G}}" } }, ipAccess: { deny: ["@\${env:H}"] } } }
`,
      {
        A: 'aaaa.example',
        B: 'bbbb',
        C: 'cccc',
        D: 'dddd.example',
        E: 'eeee',
        F: 'ffff',
        G: 'gggg',
        H: 'hhhh',
      },
    );
    assert.equal(issues.length, 8, issues.map(formatIssue).join('\n'));
    assert.doesNotMatch(JSON.stringify(issues), /aaaa|bbbb|cccc|dddd|eeee|ffff|gggg|hhhh/);
  });
});
