import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayConfig, MatchConfig } from '@turnpike/config';
import { testAuthority } from '../../../../testkit/src/test-authority.ts';
import { loaderOf } from '../steering-testing.ts';
import { covers, takesFrom } from './reach.ts';
import { risksOf } from './risks.ts';

type Document = Record<string, Record<string, Record<string, unknown>>>;

/** A gateway as it should be. Changed in place by each row. */
const good = () => ({
  services: {
    users: {
      endpoints: ['https://10.0.0.1', 'https://10.0.0.2'],
      tls: { serverName: 'users.internal' },
      health: { path: '/healthz' },
      timeouts: { request: '5s' },
    } as Record<string, unknown>,
    shop: { endpoints: ['http://10.0.1.1'] } as Record<string, unknown>,
  },
  identityProviders: {
    corporate: { issuer: 'https://login', audiences: ['us'] } as Record<string, unknown>,
  },
  consumers: {
    acme: { keys: ['acme-key-of-16-characters'], scopes: ['read'] } as Record<string, unknown>,
  },
  lists: { office: { addresses: ['10.0.0.0/8'] } as Record<string, unknown> },
  defaults: {
    policies: { securityHeaders: {}, authenticate: { with: 'corporate' } } as Record<string, unknown>,
  },
  routes: {
    user: {
      match: { path: '/users/{id}' },
      service: 'users',
      policies: {
        ipAccess: { allow: ['@office'] },
        authorize: { scopes: ['users:read'], claims: { tenant: 'a' } },
        rateLimit: [{ name: 'calls', limit: 100, per: '1m', by: 'identity' }],
        validate: { query: { page: { type: 'integer' } } },
        timeout: '2s',
        cors: { origins: ['https://app.example'] },
        upstreamCredentials: 'off',
      } as Record<string, unknown>,
    } as Record<string, unknown> & { match: Record<string, unknown>; policies: Record<string, unknown> },
    shop: { match: { path: '/shop/*' }, service: 'shop' } as Record<string, unknown>,
    public: {
      match: { path: '/public/*' },
      service: 'shop',
      policies: { authenticate: 'off' },
    } as Record<string, unknown>,
  },
});
type Good = ReturnType<typeof good>;

async function load(document: Good): Promise<{ config: GatewayConfig | null; codes: string[] }> {
  const { config, issues } = await loaderOf(JSON.stringify(document))(['/g.yaml']);
  return { config, codes: issues.filter(({ severity }) => severity === 'error').map(({ code }) => code) };
}

async function risksAfter(change: (document: Good) => void): Promise<string[]> {
  const document = good();
  change(document);
  const [before, after] = [await load(good()), await load(document)];
  assert.ok(before.config, before.codes.join());
  assert.ok(after.config, after.codes.join());
  return risksOf({ before: before.config, after: after.config }).map(
    ({ level, message, objects }) => `${level}: ${message} (${objects.join(', ')})`,
  );
}

/** Revisions that somebody may make on a bad day, and what they are told before they do. */
const BAD_DAYS: readonly (readonly [
  what: string,
  change: (document: Good) => void,
  risks: readonly string[],
])[] = [
  [
    'the wrong upstream',
    ({ services }) => void (services.users['endpoints'] = ['https://10.9.9.9']),
    ['high: 1 service goes to entirely different endpoints (services.users)'],
  ],
  [
    'removed authentication',
    ({ routes }) => void (routes.shop['policies'] = { authenticate: 'off' }),
    ['high: 1 route loses authentication (routes.shop)'],
  ],
  [
    'a default that loses authentication for all that have it',
    ({ defaults, routes }) => {
      delete defaults.policies['authenticate'];
      for (const key of ['authorize', 'rateLimit']) delete routes.user.policies[key];
    },
    [
      'high: 2 routes lose authentication (routes.shop, routes.user)',
      'high: 1 route loses authorisation (routes.user)',
      'medium: 1 route loses a rate limit (routes.user)',
    ],
  ],
  [
    'authentication that only reports',
    ({ defaults }) => void (defaults.policies['authenticate'] = { with: 'corporate', mode: 'report' }),
    ['high: 2 routes only report who should not come in, and let them in (routes.shop, routes.user)'],
  ],
  [
    'authentication that is optional',
    ({ defaults }) => void (defaults.policies['authenticate'] = { with: 'corporate', optional: true }),
    ['high: 2 routes let callers in who prove nothing (routes.shop, routes.user)'],
  ],
  [
    'another way in',
    ({ defaults }) => void (defaults.policies['authenticate'] = { with: ['corporate', 'consumers'] }),
    ['medium: 2 routes accept more ways to prove who one is (routes.shop, routes.user)'],
  ],
  [
    'removed authorisation',
    ({ routes }) => void delete routes.user.policies['authorize'],
    ['high: 1 route loses authorisation (routes.user)'],
  ],
  [
    'a claim less',
    ({ routes }) => void (routes.user.policies['authorize'] = { scopes: ['users:read'] }),
    ['medium: 1 route asks for less, or for something else, of callers (routes.user)'],
  ],
  [
    'all addresses',
    ({ routes }) => void delete routes.user.policies['ipAccess'],
    ['high: 1 route lets all addresses in (routes.user)'],
  ],
  [
    'more addresses',
    ({ routes }) => void (routes.user.policies['ipAccess'] = { allow: ['@office', '192.0.2.0/24'] }),
    ['medium: 1 route lets more addresses in (routes.user)'],
  ],
  [
    'a list that is another',
    ({ lists }) => void (lists.office['addresses'] = ['0.0.0.0/0']),
    ['medium: 1 address list has other addresses (lists.office)'],
  ],
  [
    'no rate limit',
    ({ routes }) => void delete routes.user.policies['rateLimit'],
    ['medium: 1 route loses a rate limit (routes.user)'],
  ],
  [
    'a rate limit that nobody can keep',
    ({ routes }) =>
      void (routes.user.policies['rateLimit'] = [{ name: 'calls', limit: 3, per: '1m', by: 'identity' }]),
    ['medium: 1 route has a rate limit that lets only a fraction through (routes.user)'],
  ],
  [
    'bodies of which nearly all are too large',
    ({ routes }) => void (routes.user.policies['limits'] = { bodyBytes: '10B' }),
    ['medium: 1 route takes only requests a fraction as large (routes.user)'],
  ],
  [
    'scripts of no page',
    ({ routes }) => void (routes.user.policies['cors'] = 'off'),
    ['medium: 1 route closes to scripts of some pages (routes.user)'],
  ],
  [
    'a rate limit that is none',
    ({ routes }) =>
      void (routes.user.policies['rateLimit'] = [{ name: 'calls', limit: 9999, per: '1m', by: 'identity' }]),
    ['medium: 1 route has a rate limit that lets more through (routes.user)'],
  ],
  [
    'no validation',
    ({ routes }) => void (routes.user.policies['validate'] = 'off'),
    ['medium: 1 route does not refuse malformed requests any more (routes.user)'],
  ],
  [
    'pages of everybody',
    ({ routes }) => void (routes.user.policies['cors'] = { origins: ['*'] }),
    ['high: 1 route opens to scripts of every page (routes.user)'],
  ],
  [
    'a timeout with a digit too much',
    ({ routes }) => void (routes.user.policies['timeout'] = '20s'),
    ['medium: 1 route may take several times as long (routes.user)'],
  ],
  [
    'a storm of retries',
    ({ defaults }) => void (defaults.policies['retry'] = { attempts: 5, methods: ['POST'] }),
    [
      'medium: 3 routes may ask their services several times as often (routes.public, routes.shop, routes.user)',
    ],
  ],
  [
    'faults on purpose',
    ({ routes }) => void (routes.user.policies['fault'] = { abort: { percent: 5, status: 503 } }),
    ['high: 1 route fails on purpose (routes.user)'],
  ],
  [
    'removed routes',
    ({ routes }) => {
      delete (routes as Document)['shop'];
      delete (routes as Document)['public'];
    },
    ['high: 2 routes are removed (routes.public, routes.shop)'],
  ],
  [
    'a removed route',
    ({ routes }) => void delete (routes as Document)['public'],
    ['medium: 1 route is removed (routes.public)'],
  ],
  [
    'a narrower match',
    ({ routes }) => void (routes.user.match['methods'] = ['GET']),
    ['medium: 1 route takes fewer requests than before (routes.user)'],
  ],
  [
    'a hole in the wall',
    ({ routes }) =>
      void ((routes as Record<string, unknown>)['hole'] = {
        match: { path: '/users/admin' },
        service: 'users',
        policies: { authenticate: 'off' },
      }),
    [
      'high: 1 route asks who is calling, but some of its requests go to a new one that does not (routes.user)',
      'low: 1 new route lets everybody in (routes.hole)',
      'low: 1 route gives some of its requests to a more specific one (routes.user)',
    ],
  ],
  [
    'a route that takes all of another',
    ({ routes }) =>
      void ((routes as Record<string, unknown>)['taker'] = {
        match: { path: '/shop/*', methods: [], hosts: ['*'], listeners: ['web'] },
        service: 'users',
      }),
    ['low: 1 route gives some of its requests to a more specific one (routes.shop)'],
  ],
  [
    'plain http',
    ({ services }) => void (services.users['endpoints'] = ['http://10.0.0.1', 'http://10.0.0.2']),
    [
      'high: 1 service goes to entirely different endpoints (services.users)',
      'high: 1 service is spoken to without TLS (services.users)',
    ],
  ],
  [
    'another name on the certificate',
    ({ services }) => void delete services.users['tls'],
    ['high: 1 service is verified by others, or less (services.users)'],
  ],
  [
    'fewer endpoints',
    ({ services }) => void (services.users['endpoints'] = ['https://10.0.0.1']),
    ['medium: 1 service loses endpoints (services.users)'],
  ],
  [
    'nobody looks whether it is well',
    ({ services }) => void delete services.users['health'],
    ['medium: 1 service loses checks that notice its failures (services.users)'],
  ],
  [
    'another issuer',
    ({ identityProviders }) => void (identityProviders.corporate['issuer'] = 'https://evil'),
    ['high: 1 identity provider believes another issuer, or other keys (identityProviders.corporate)'],
  ],
  [
    'tokens for others',
    ({ identityProviders }) => void (identityProviders.corporate['audiences'] = []),
    ['high: 1 identity provider accepts tokens that are for others (identityProviders.corporate)'],
  ],
  [
    'proofs that are less safe while Redis is away',
    ({ identityProviders }) => void (identityProviders.corporate['dpopWhenStoreFails'] = 'local'),
    ['medium: 1 identity provider asks for less of tokens (identityProviders.corporate)'],
  ],
  [
    'a consumer who may do more',
    ({ consumers }) => void (consumers.acme['scopes'] = ['read', 'write']),
    ['medium: 1 consumer may do more (consumers.acme)'],
  ],
  [
    'a consumer less',
    ({ consumers }) => void delete (consumers as Document)['acme'],
    ['medium: 1 consumer is removed, and its callers are refused (consumers.acme)'],
  ],
];

describe('risksOf', () => {
  for (const [what, change, risks] of BAD_DAYS) {
    it(`tells of ${what}`, async () => assert.deepEqual(await risksAfter(change), risks));
  }

  it('tells nothing of what is the same, however it is written', async () => {
    assert.deepEqual(
      await risksAfter(({ routes }) => {
        routes.user.match['hosts'] = [];
        routes.user.policies['timeout'] = '2000ms';
      }),
      [],
    );
  });

  for (const [what, change, code] of [
    [
      'a policy that is broken',
      ({ routes }) => void (routes.user.policies['rateLimit'] = { limit: -1, per: '1m' }),
      'OUT_OF_RANGE',
    ],
    [
      'a rule that is no rule',
      ({ routes }) => void (routes.user.policies['authorize'] = { rule: '1 +' }),
      'BAD_VALUE',
    ],
    ['a service that is missing', ({ routes }) => void (routes.shop['service'] = 'shpo'), 'UNKNOWN_NAME'],
    ['a service without endpoints', ({ services }) => void (services.shop['endpoints'] = []), 'NO_ENDPOINTS'],
    [
      'a provider that is missing',
      ({ identityProviders }) => void delete (identityProviders as Document)['corporate'],
      'UNKNOWN_NAME',
    ],
  ] satisfies readonly (readonly [string, (document: Good) => void, string])[]) {
    it(`leaves ${what} to validation`, async () => {
      const document = good();
      change(document);
      const { config, codes } = await load(document);
      assert.equal(config, null);
      assert.ok(codes.includes(code), codes.join());
    });
  }
});

function match(path: string, more: Partial<MatchConfig> = {}): MatchConfig {
  return { path, listeners: [], hosts: [], methods: [], headers: [], query: [], ...more };
}

describe('reach of routes', () => {
  const cases: readonly (readonly [a: MatchConfig, b: MatchConfig, covers: boolean, takes: boolean])[] = [
    [match('/*'), match('/a/b'), true, false],
    [match('/a/b'), match('/*'), false, true],
    [match('/a/{x}'), match('/a/b'), true, false],
    [match('/a/b'), match('/a/{x}'), false, true],
    [match('/a/{x}'), match('/a/{y}'), true, false],
    [match('/a'), match('/b'), false, false],
    [match('/a/{x}/c'), match('/a/b/{y}'), false, false],
    [match('/a', { methods: ['GET'] }), match('/a'), false, true],
    [match('/a', { methods: ['GET'] }), match('/a', { methods: ['PUT'] }), false, false],
    [match('/*', { hosts: ['a.b'] }), match('/a'), false, true],
    [match('/*', { hosts: ['*.b'] }), match('/a', { hosts: ['a.b'] }), true, false],
    [match('/*', { hosts: ['*.b'] }), match('/*', { hosts: ['a.b', '*.c.b'] }), true, false],
    [match('/a', { headers: [{ name: 'x', kind: 'present', value: '' }] }), match('/a'), false, true],
  ];
  for (const [a, b, isCovered, isTaken] of cases) {
    it(`${JSON.stringify(a)} beside ${JSON.stringify(b)}`, () => {
      assert.deepEqual([covers(a, b), takesFrom(a, b)], [isCovered, isTaken]);
    });
  }
});

describe('risks of certificates', () => {
  const DAY_MS = 86_400_000;
  const authority = testAuthority();
  const pairOf = (names: readonly string[], days = 90) => {
    const notAfter = new Date(Date.now() + days * DAY_MS);
    const { cert: certificate, key } = authority.issue({ names, notAfter });
    return { certificate, key };
  };
  const of = async (certificates: object): Promise<GatewayConfig> => {
    const listeners = { web: { address: ':1', tls: {} } };
    const stores = { database: { url: 'sqlite:./a.db' } };
    const { config } = await loaderOf(JSON.stringify({ listeners, stores, certificates }))(['/g.yaml']);
    assert.ok(config);
    return config;
  };
  const told = async (before: object, after: object): Promise<string[]> =>
    risksOf({ before: await of(before), after: await of(after) }).map(
      ({ level, code, objects }) => `${level} ${code} ${objects.join()}`,
    );
  const [shop, wild] = [pairOf(['shop.test', 'www.shop.test']), pairOf(['*.shop.test', 'shop.test'])];

  it('are names that none has any more', async () => {
    assert.deepEqual(await told({ shop }, {}), ['high CERTIFICATE_MISSING certificates.shop']);
    assert.deepEqual(await told({ shop }, { shop: pairOf(['shop.test']) }), [
      'high CERTIFICATE_MISSING certificates.shop',
    ]);
    assert.deepEqual(await told({ shop }, { shop: pairOf(['shop.test', 'www.shop.test']) }), []);
  });

  it('are names that another one takes, by a wildcard too', async () => {
    assert.deepEqual(await told({ shop }, { wild }), ['medium CERTIFICATE_TAKEN_OVER certificates.shop']);
    assert.deepEqual(await told({ shop }, { shop, a: wild }), [
      'medium CERTIFICATE_TAKEN_OVER certificates.shop',
    ]);
    assert.deepEqual(await told({ shop }, { shop, wild }), []);
  });

  it('are new ones that end soon; an old one that does is no risk of a change', async () => {
    const soon = pairOf(['soon.test'], 20);
    assert.deepEqual(await told({ shop }, { shop, soon }), ['medium CERTIFICATE_EXPIRES certificates.soon']);
    assert.deepEqual(await told({ soon }, { soon, shop }), []);
  });
});
