import assert from 'node:assert/strict';
import { it } from 'node:test';
import { describeFaults, describeWarnings, type Row } from '../test/faults.ts';
import { loadYaml } from '../test/fixtures.ts';

const SERVICE = 'services: { s: { endpoints: [http://a] } }\n';
const PROVIDER = 'identityProviders: { p: { issuer: https://p.example, audiences: [a] } }\n';
const CLIENT =
  'identityProviders: { p: { issuer: https://p.example, audiences: [a], client: { clientId: c, clientSecret: s } } }\n';
const CONSUMER = 'consumers: { c: { keys: [exactly-16-chars] } }\n';
const LOGIN = 'clientId: c, clientSecret: s, session: { secret: 0123456789-0123456789-0123456789 }';
const PEM = '"-----BEGIN PRIVATE KEY-----\\nA\\n-----END PRIVATE KEY-----"';

/** A provider with something more. */
function provider(text: string, name = 'p'): string {
  return `identityProviders: { ${name}: { issuer: https://p.example, audiences: [a], ${text} } }\n`;
}

/** A provider with a login that a route uses. */
function login(text: string): string {
  return `${provider(`login: { ${LOGIN}, ${text} }`)}routes: { r: { respond: {}, policies: { authenticate: { with: p } } } }`;
}

/** A route with policies, behind what they need. */
function policies(text: string, before = PROVIDER): string {
  return `${SERVICE}${before}routes: { r: { match: { path: "/u/{id}" }, service: s, policies: { ${text} } } }`;
}

const ERRORS: Readonly<Record<string, readonly Row[]>> = {
  lists: [
    ['lists: { »"a b": { file: f } }', 'BAD_VALUE'],
    ['lists: { »a: {} }', 'MISSING_KEY'],
    ['lists: { »a: { file: f, url: https://a } }', 'CONFLICT'],
    ['lists: { a: { addresses: [»10.0.0.0/33] } }', 'BAD_VALUE'],
    ['lists: { a: { addresses: »10.0.0.0/8 } }', 'WRONG_TYPE'],
    ['lists: { a: { url: »lists.example.com/a } }', 'BAD_VALUE', 'https://lists.example.com/a'],
    ['lists: { a: { url: https://a, refresh: »1 } }', 'WRONG_TYPE'],
    ['lists: { a: { url: https://a, refresh: »1ms } }', 'OUT_OF_RANGE'],
    ['lists: { a: { file: f, »fiel: f } }', 'UNKNOWN_KEY', 'file'],
  ],
  listeners: [
    ['listeners: { web: { address: ":1", »forwardedClientCert: true } }', 'CONFLICT'],
    ['listeners: { web: { address: ":1", forwardedClientCert: »on } }', 'WRONG_TYPE'],
  ],
  'the signing key': [
    ['runtime: { signingKey: »keys/gateway.pem }', 'BAD_VALUE'],
    ['runtime: { signingKey: »5 }', 'WRONG_TYPE'],
  ],
  'an identity provider': [
    ['identityProviders: { »p: {} }', 'MISSING_KEY'],
    ['identityProviders: { p: { issuer: »p.example } }', 'BAD_VALUE', 'https://p.example'],
    ['identityProviders: { p: { issuer: »"https://p.example?a" } }', 'BAD_VALUE'],
    ['identityProviders: { »consumers: { issuer: https://p.example } }', 'CONFLICT'],
    [provider('jwks: »ftp://a'), 'BAD_VALUE'],
    [provider('algorithms: [»HS256]'), 'BAD_VALUE', 'RS256'],
    [provider('algorithms: [»none]'), 'BAD_VALUE'],
    [provider('algorithms: »[]'), 'BAD_VALUE'],
    [provider('tokenType: »JWT'), 'BAD_VALUE'],
    [provider('clockTolerance: »1h'), 'OUT_OF_RANGE'],
    [provider('dpop: »on'), 'BAD_VALUE'],
    [provider('keyLifetime: »1ms'), 'OUT_OF_RANGE'],
    [provider('»introspection: { clientId: c }'), 'MISSING_KEY'],
    [provider('»client: { clientSecret: s }'), 'MISSING_KEY'],
    [provider('client: { clientId: c, clientSecret: »"" }'), 'BAD_VALUE'],
    [provider('client: { clientId: c, clientKey: »gateway.pem }'), 'BAD_VALUE'],
    [provider('client: { clientId: c, clientSecret: s, authentication: »jwt }'), 'BAD_VALUE'],
    [provider('client: { clientId: c, clientSecret: s, endpoint: »token }'), 'BAD_VALUE'],
    [provider(`client: { clientId: c, clientSecret: s, »clientKey: ${PEM} }`), 'CONFLICT'],
    [provider('client: { clientId: c, clientSecret: s, »clientKeyId: k }'), 'CONFLICT'],
    [provider('dpopNonce: { secret: »short }'), 'BAD_VALUE'],
  ],
  'a login': [
    [provider('»login: { clientId: c, clientSecret: s }'), 'MISSING_KEY'],
    [provider('login: { clientId: c, clientSecret: s, »session: {} }'), 'MISSING_KEY'],
    [provider('login: { clientId: c, clientSecret: s, session: { secret: »short } }'), 'BAD_VALUE'],
    [provider('login: { clientId: c, clientSecret: s, session: { secret: [»short] } }'), 'BAD_VALUE'],
    [provider('login: { clientId: c, clientSecret: s, session: { secret: »5 } }'), 'WRONG_TYPE'],
    [login('callbackPath: »"/{a}"'), 'BAD_VALUE'],
    [login('afterLogout: »//evil.example'), 'BAD_VALUE'],
    [login('publicOrigin: »https://a.example/b'), 'BAD_VALUE', 'https://a.example'],
    [login('scopes: [»a b]'), 'BAD_VALUE'],
    [login('logoutPath: »/_auth/callback'), 'CONFLICT'],
    [login('scopes: []').replace('0123456789-0123456789-0123456789', '»[]'), 'BAD_VALUE'],
    [
      login('scopes: []').replace(
        'routes: {',
        'routes: { »x: { match: { path: /_auth/logout }, respond: {} },',
      ),
      'DUPLICATE_ROUTE',
    ],
  ],
  'a consumer': [
    ['consumers: { c: { keys: [»only-15-letters] } }', 'BAD_VALUE'],
    ['consumers: { c: { keys: »exactly-16-chars } }', 'WRONG_TYPE'],
    ['consumers: { c: { keys: [»1234567890123456] } }', 'WRONG_TYPE'],
    ['consumers: { c: { keys: [»{ key: exactly-16-chars }] } }', 'MISSING_KEY'],
    ['consumers: { c: { keys: [{ key: exactly-16-chars, expires: »tomorrow }] } }', 'BAD_VALUE'],
    ['consumers: { c: { certificates: [»{}] } }', 'MISSING_KEY'],
    ['consumers: { c: { certificates: [{ subject: »warehouse }] } }', 'BAD_VALUE'],
    ['consumers: { c: { certificates: [{ san: »a.example }] } }', 'BAD_VALUE', 'dns:a.example'],
    ['consumers: { c: { certificates: [{ san: dns:a, »spiffe: spiffe://a }] } }', 'CONFLICT'],
    ['consumers: { c: { certificates: [{ fingerprint: »abc }] } }', 'BAD_VALUE'],
    ['consumers: { c: { basic: [»{ username: a }] } }', 'MISSING_KEY'],
    ['consumers: { c: { basic: [{ username: »"a:b", password: p }] } }', 'BAD_VALUE'],
    ['consumers: { c: { basic: [{ username: a, password: »$2b$10$abc }] } }', 'BAD_VALUE'],
    [
      'consumers: { c: { basic: [{ username: a, password: p }, { username: »a, password: q }] } }',
      'DUPLICATE_CREDENTIAL',
    ],
    [CONSUMER.replace(' }\n', ', d: { keys: [»exactly-16-chars] } }'), 'DUPLICATE_CREDENTIAL'],
    [
      'consumers: { a: { certificates: [{ subject: CN=x }] }, b: { certificates: [»{ subject: CN=x }] } }',
      'DUPLICATE_CREDENTIAL',
    ],
    ['consumers: { c: { keys: [exactly-16-chars], scopes: [»a b] } }', 'BAD_VALUE'],
    ['consumers: { c: { keys: [exactly-16-chars], metadata: { a: »[] } } }', 'WRONG_TYPE'],
    ['consumers: { c: { keys: [exactly-16-chars], plan: »5 } }', 'WRONG_TYPE'],
  ],
  ipAccess: [
    [policies('ipAccess: { allow: [»10.0.0] }'), 'BAD_VALUE'],
    [
      policies('ipAccess: { deny: [10.0.0.0/8, »"@ofice"] }', 'lists: { office: { file: f } }\n'),
      'UNKNOWN_NAME',
      '@office',
    ],
    [policies('ipAccess: { allow: [»"@office"] }'), 'UNKNOWN_NAME'],
    [policies('ipAccess: { allow: »[] }'), 'BAD_VALUE'],
    [policies('»ipAccess: { mode: report }'), 'MISSING_KEY'],
    [policies('ipAccess: { deny: [::1], mode: »repot }'), 'BAD_VALUE', 'report'],
    ['defaults: { policies: { ipAccess: { deny: [»"@abusers"] } } }', 'UNKNOWN_NAME'],
  ],
  authenticate: [
    [policies('»authenticate: {}'), 'MISSING_KEY'],
    [policies('authenticate: { with: »q }'), 'UNKNOWN_NAME'],
    [policies('authenticate: { with: [p, »consumer] }'), 'UNKNOWN_NAME', 'consumers'],
    [policies('authenticate: { with: »[] }'), 'BAD_VALUE'],
    [policies('authenticate: { with: »5 }'), 'WRONG_TYPE'],
    [policies('authenticate: { with: p, optional: »yes }'), 'WRONG_TYPE'],
    [policies('authenticate: { with: p, apiKeyFrom: [»x-api-key] }'), 'BAD_VALUE', 'header:x-api-key'],
    [policies('authenticate: { with: p, forwardCredentials: »sometimes }'), 'BAD_VALUE'],
    [
      policies(
        'authenticate: { with: »[p, q] }',
        'identityProviders: { p: { issuer: https://p, audiences: [a] }, q: { issuer: https://p, audiences: [b] } }\n',
      ),
      'CONFLICT',
    ],
    ['defaults: { policies: { authenticate: { with: »p } } }', 'UNKNOWN_NAME'],
  ],
  authorize: [
    [policies('authenticate: { with: p }, »authorize: {}'), 'MISSING_KEY'],
    [policies('»authorize: { scopes: [a] }'), 'CONFLICT'],
    [policies('»authorize: { anyScope: [a] }'), 'CONFLICT'],
    [policies('»authorize: { claims: { a: b } }'), 'CONFLICT'],
    [policies('»authorize: { rule: \'identity.subject == "a"\' }'), 'CONFLICT'],
    [policies('authenticate: { with: p }, authorize: { scopes: [»"a b"] }'), 'BAD_VALUE'],
    [policies('authenticate: { with: p }, authorize: { claims: { a: »{} } }'), 'WRONG_TYPE'],
    [policies('authenticate: { with: p }, authorize: { claims: { a: »[] } }'), 'BAD_VALUE'],
    [policies('authenticate: { with: p }, authorize: { claims: { a: [»"{tenant}"] } }'), 'BAD_VALUE'],
    [
      policies('authenticate: { with: p }, authorize: { claims: { a: »"{path.di}" } }'),
      'UNKNOWN_PARAMETER',
      'id',
    ],
    [
      policies('authenticate: { with: p }, authorize: { claims: { a: [b, »"{path.x}"] } }'),
      'UNKNOWN_PARAMETER',
    ],
    [policies('authenticate: { with: p }, authorize: { claims: { »a..b: c } }'), 'BAD_VALUE'],
    [
      policies("authenticate: { with: p }, authorize: { claims: { »'https://a.b/c': d } }"),
      'BAD_VALUE',
      String.raw`https://a\.b/c`,
    ],
    [policies('authorize: { rule: »"request.method ==" }'), 'BAD_VALUE'],
    [policies('authorize: { rule: »"" }'), 'BAD_VALUE'],
    [policies('authorize: { external: { url: »ftp://a } }'), 'BAD_VALUE'],
    [policies('authorize: { external: { url: https://a, timeout: »200 } }'), 'WRONG_TYPE'],
    [policies('authorize: { external: { url: https://a, onFailure: »ask } }'), 'BAD_VALUE'],
    [
      policies('authorize: { external: { url: https://a, upstreamHeaders: [»Content-Length] } }'),
      'BAD_VALUE',
    ],
    [
      `${SERVICE}${PROVIDER}defaults: { policies: { authorize: { scopes: [a] } } }\nroutes: { »r: { service: s } }`,
      'CONFLICT',
    ],
  ],
  upstreamCredentials: [
    [policies('»upstreamCredentials: {}', CLIENT), 'MISSING_KEY'],
    [
      policies(
        'authenticate: { with: p }, upstreamCredentials: { clientCredentials: p, »tokenExchange: p }',
        CLIENT,
      ),
      'CONFLICT',
    ],
    [policies('upstreamCredentials: { clientCredentials: »q }', CLIENT), 'UNKNOWN_NAME'],
    [policies('upstreamCredentials: { clientCredentials: »p }', PROVIDER), 'CONFLICT'],
    [policies('»upstreamCredentials: { tokenExchange: p }', CLIENT), 'CONFLICT'],
    [
      policies(
        'authenticate: { with: consumers }, »upstreamCredentials: { tokenExchange: p }',
        CLIENT + CONSUMER,
      ),
      'CONFLICT',
    ],
    [
      `${CLIENT}routes: { r: { respond: {}, policies: { »upstreamCredentials: { clientCredentials: p } } } }`,
      'CONFLICT',
    ],
  ],
  forwardIdentity: [
    [
      policies('authenticate: { with: p }, forwardIdentity: jwt').replace(
        'routes: {',
        'routes: { »k: { match: { path: /.well-known/turnpike/jwks.json }, service: s },',
      ),
      'DUPLICATE_ROUTE',
    ],
    [policies('authenticate: { with: p }, forwardIdentity: »jws'), 'BAD_VALUE', 'jwt'],
    [
      `${PROVIDER}routes: { r: { respond: {}, policies: { authenticate: { with: p }, »forwardIdentity: jwt } } }`,
      'CONFLICT',
    ],
  ],
};

const WARNINGS: readonly Row[] = [
  ['identityProviders: { p: { issuer: »http://p.example } }', 'INSECURE'],
  ['identityProviders: { p: { issuer: https://p.example, jwks: »http://p.example/keys } }', 'INSECURE'],
  [provider('client: { clientId: c, clientSecret: s, endpoint: »http://p.example/token }'), 'INSECURE'],
  [provider('introspection: { clientId: c, clientSecret: s, endpoint: »http://p.example/i }'), 'INSECURE'],
  ['lists: { a: { url: »http://lists.example.com } }', 'INSECURE'],
  [policies('authorize: { external: { url: »grpc://authz.example:9191 } }'), 'INSECURE'],
  [login('publicOrigin: »http://app.example.com'), 'INSECURE'],
  [login('scopes: []').replace('session: {', 'session: { cookie: »session,'), 'INSECURE'],
  [
    'identityProviders: { »p: { issuer: https://p.example } }\nroutes: { r: { respond: {}, policies: { authenticate: { with: p } } } }',
    'INSECURE',
  ],
  [login('scopes: []').replace('audiences: [a]', 'audiences: »[a, c]'), 'INSECURE'],
  [provider(`»login: { ${LOGIN} }`), 'NO_EFFECT'],
  ['consumers: { »c: {} }', 'NO_EFFECT'],
  [policies('authenticate: { with: »[p, consumers] }'), 'NO_EFFECT'],
  [policies('»forwardIdentity: headers'), 'NO_EFFECT'],
];

/** None of them has a fault. */
const FINE: readonly string[] = [
  'identityProviders: { p: { issuer: http://localhost:9000 } }',
  'identityProviders: { p: { issuer: http://p.example, jwks: keys.json } }',
  'identityProviders: { p: { issuer: https://p, audiences: [a] }, q: { issuer: https://p, audiences: [b] } }',
  'consumers: { c: { keys: [exactly-16-chars, exactly-16-chars] } }',
  'consumers: { a: { certificates: [{ subject: CN=x }] }, b: { certificates: [{ subject: CN=x, san: dns:b }] } }',
  'listeners: { web: { address: ":1", trustedProxies: [::1], forwardedClientCert: true } }',
  policies(
    'ipAccess: off, authenticate: off, authorize: off, upstreamCredentials: off, forwardIdentity: off',
  ),
  policies('authorize: { rule: \'request.method == "identity"\' }'),
  policies('authorize: { external: { url: http://127.0.0.1:1 } }'),
  policies('authorize: { mode: off, scopes: [a] }'),
  policies(
    String.raw`authenticate: { with: p }, authorize: { claims: { 'https://a\.b/c': d, n: 5, b: true } }`,
  ),
  `${SERVICE}${PROVIDER}defaults: { policies: { authenticate: { with: p }, forwardIdentity: jwt } }
routes: { a: { service: s, policies: { authenticate: off } }, b: { respond: {}, match: { path: /b } } }`,
  login('scopes: []').replace(
    'routes: {',
    'routes: { x: { match: { path: /_auth/callback, methods: [POST] }, respond: {} },',
  ),
];

describeFaults(ERRORS);
describeWarnings(WARNINGS, FINE);

it('lets warnings not stand in the way of a configuration', async () => {
  const { config } = await loadYaml('identityProviders: { p: { issuer: http://p.example } }');
  assert.ok(config !== null);
});
