import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthenticateConfig, IdentityProviderConfig, LoginConfig } from '@turnpike/config';
import { manualClock } from '@turnpike/testkit';
import { headersOf } from '../core/headers.ts';
import type { Authentication, Authenticator } from '../core/identity.ts';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { certificate, clientCertField } from './certificate-testing.ts';
import { compileConsumers } from './consumers/compile-consumers.ts';
import { ConsumerDirectory } from './consumers/consumer-directory.ts';
import { consumer, key, outcome, recalled } from './consumers/consumers-testing.ts';
import { consumerIdentity } from './consumers/consumer-identity.ts';
import { ThreadIdentities } from './identities.ts';
import { refused } from './refusals.ts';
import type { Scheme } from './scheme.ts';

const LOGIN: LoginConfig = {
  clientId: 'web',
  authentication: { kind: 'basic', secret: 'secret' },
  scopes: ['openid'],
  callbackPath: '/_auth/callback',
  logoutPath: '/_auth/logout',
  backchannelLogoutPath: null,
  afterLogout: '/',
  publicOrigin: null,
  session: { cookie: '__Host-session', secrets: ['secret'], lifetimeMs: 1, idleMs: 1 },
};

function provider(id: string, login: LoginConfig | null = null): IdentityProviderConfig {
  return {
    id,
    issuer: `https://${id}.example`,
    keys: { kind: 'discovery' },
    audiences: [],
    algorithms: ['RS256'],
    tokenType: 'any',
    clockToleranceMs: 0,
    dpop: 'optional',
    dpopNonce: null,
    dpopWhenStoreFails: 'deny',
    keyLifetimeMs: 1,
    staleKeysMs: 1,
    introspection: null,
    client: null,
    login,
    origin: { file: 'test', line: 1, column: 1 },
  };
}

/** A scheme that knows one caller, by `text` in a field; it names the providers that it was made for. */
function fakeScheme(field: string, text: string, providers: readonly IdentityProviderConfig[]): Scheme {
  const name = providers.map(({ id }) => id).join('+');
  const identity = consumerIdentity(consumer(name), field === 'cookie' ? 'session' : 'token', Infinity);
  const answer = (value: string | undefined): Authentication => {
    if (value === undefined) return { kind: 'anonymous' };
    return value === text ? { kind: 'identified', identity, cookies: [] } : refused('unknown', 'not this');
  };
  return {
    challenges: field === 'cookie' ? [] : ['Bearer', 'DPoP algs="ES256"', 'Bearer'],
    recall: ({ headers }) => (headers.get(field) === text ? identity : null),
    authenticate: ({ headers }) => Promise.resolve(answer(headers.get(field))),
  };
}

const DER = certificate();
const FIELDS = {
  token: ['Authorization', 'Bearer right'],
  dpop: ['authorization', 'DPoP right'],
  wrongToken: ['Authorization', 'bearer wrong'],
  basic: ['Authorization', `Basic ${Buffer.from('u:p').toString('base64')}`],
  wrongBasic: ['Authorization', `Basic ${Buffer.from('u:q').toString('base64')}`],
  foreign: ['Authorization', 'Negotiate YII='],
  noScheme: ['Authorization', ''],
  key: ['X-Api-Key', 'key-of-a'],
  wrongKey: ['X-Api-Key', 'wrong'],
  certificate: ['Client-Cert', clientCertField(DER)],
  wrongCertificate: ['Client-Cert', ':AAAA:'],
  session: ['Cookie', 'right'],
  wrongSession: ['Cookie', 'wrong'],
} as const;

const CONSUMERS = [
  consumer('by-key', { keys: [key('key-of-a')] }),
  consumer('by-basic', { basic: [{ username: 'u', password: 'p' }] }),
  consumer('by-certificate', {
    certificates: [{ subject: 'CN=warehouse,O=Example', san: null, fingerprint: null }],
  }),
];

const CONFIG: AuthenticateConfig = {
  mode: 'on',
  providers: ['corporate', 'partner'],
  consumers: true,
  optional: false,
  apiKeyFrom: [{ in: 'header', name: 'x-api-key' }],
  forwardCredentials: 'tokens',
};

function authenticator(config: Partial<AuthenticateConfig> = {}, consumers = CONSUMERS): Authenticator {
  const clock = manualClock(Date.UTC(2026, 0, 1));
  const identities = new ThreadIdentities({
    providers: [provider('corporate', LOGIN), provider('partner'), provider('other', LOGIN)],
    tokens: {
      scheme: (providers) => {
        const bearer = fakeScheme('authorization', 'Bearer right', providers);
        const dpop = fakeScheme('authorization', 'DPoP right', providers);
        const of = (value: string | undefined) => (value?.startsWith('DPoP') === true ? dpop : bearer);
        return {
          challenges: bearer.challenges,
          recall: (exchange) => of(exchange.headers.get('authorization')).recall(exchange),
          authenticate: (exchange) => of(exchange.headers.get('authorization')).authenticate(exchange),
        };
      },
    },
    sessions: { scheme: (providers) => fakeScheme('cookie', 'right', providers) },
    consumers: new ConsumerDirectory(compileConsumers(consumers), clock),
  });
  return identities.authenticator({ ...CONFIG, ...config });
}

type Sent = readonly (keyof typeof FIELDS)[];

async function met(authenticator: Authenticator, ...sent: Sent): Promise<string> {
  const exchange = exchangeFrom({
    headers: headersOf(...sent.map((name) => FIELDS[name])),
    fromTrustedProxy: true,
    arrival: {
      listener: 'web',
      scheme: 'https',
      port: 443,
      bodyBytes: 0,
      forwardedClientCert: true,
      forwardsClientCert: false,
    },
  });
  const before = recalled(authenticator.recall(exchange));
  const found = outcome(await authenticator.authenticate(exchange));
  // What is recalled is never anything else than what would be found, before it was looked for and after.
  assert.ok(before === null || before === found);
  assert.equal(recalled(authenticator.recall(exchange)), /[ ]|anonymous/.test(found) ? null : found);
  return found;
}

const UNKNOWN = 'UNAUTHENTICATED unknown';

describe('the credentials of a request', () => {
  const everything: readonly (readonly [Sent, string])[] = [
    [[], 'anonymous'],
    [['token'], 'corporate+partner'],
    [['dpop'], 'corporate+partner'],
    [['basic'], 'by-basic'],
    [['key'], 'by-key'],
    [['certificate'], 'by-certificate'],
    [['session'], 'corporate'],
    [['session', 'certificate', 'key', 'token'], 'corporate+partner'],
    [['session', 'certificate', 'key', 'basic'], 'by-basic'],
    [['session', 'certificate', 'key'], 'by-key'],
    [['session', 'certificate'], 'by-certificate'],
    [['wrongToken', 'key', 'certificate', 'session'], UNKNOWN],
    [['wrongBasic', 'key', 'certificate', 'session'], UNKNOWN],
    [['wrongKey', 'certificate', 'session'], UNKNOWN],
    [['wrongCertificate', 'session'], 'UNAUTHENTICATED malformed'],
    [['wrongSession'], UNKNOWN],
    [['foreign'], 'anonymous'],
    [['foreign', 'key'], 'by-key'],
    [['noScheme', 'session'], 'corporate'],
  ];
  for (const [sent, expected] of everything) {
    it(`${sent.join(', ') || 'nothing'}: ${expected}`, async () =>
      assert.equal(await met(authenticator(), ...sent), expected));
  }

  it('are the same again: nothing but what was proven is recalled', async () => {
    const route = authenticator();
    for (let i = 0; i < 2; i++) {
      for (const [sent, expected] of everything) assert.equal(await met(route, ...sent), expected);
    }
  });

  it('are of no use on a route that does not take them', async () => {
    const tokensOnly = authenticator({ providers: ['partner'], consumers: false });
    assert.equal(await met(tokensOnly, 'token', 'key', 'certificate'), 'partner');
    assert.equal(await met(tokensOnly, 'key', 'certificate', 'session'), 'anonymous');
    assert.equal(await met(tokensOnly, 'basic'), 'anonymous');
    const consumersOnly = authenticator({ providers: [] });
    assert.equal(await met(consumersOnly, 'token', 'key'), 'by-key');
    assert.equal(await met(consumersOnly, 'token'), 'anonymous');
    assert.equal(await met(consumersOnly, 'session'), 'anonymous');
    assert.equal(await met(consumersOnly, 'basic'), 'by-basic');
  });

  it('may be a key in the Authorization field', async () => {
    const config = { apiKeyFrom: [{ in: 'header', name: 'authorization' }] } as const;
    const route = authenticator(config, [
      consumer('a', { keys: [key('Negotiate YII='), key('Bearer right')] }),
    ]);
    assert.equal(await met(route, 'foreign'), 'a');
    assert.equal(await met(route, 'token'), 'corporate+partner');
    assert.equal(await met(route, 'basic'), UNKNOWN);
  });

  it('are not a certificate where no consumer has one', async () => {
    const route = authenticator({}, [consumer('a', { keys: [key('key-of-a')] })]);
    assert.equal(await met(route, 'certificate', 'session'), 'corporate');
  });

  it('are not a password where no consumer has one', async () => {
    assert.equal(await met(authenticator({}, []), 'basic'), 'anonymous');
  });
});

describe('an authenticator', () => {
  const table: readonly (readonly [Partial<AuthenticateConfig>, typeof CONSUMERS, readonly string[]])[] = [
    [
      {},
      CONSUMERS,
      [
        'Bearer',
        'DPoP algs="ES256"',
        'Basic realm="turnpike", charset="UTF-8"',
        'ApiKey realm="turnpike", in="header", name="x-api-key"',
      ],
    ],
    [{}, [], ['Bearer', 'DPoP algs="ES256"', 'ApiKey realm="turnpike", in="header", name="x-api-key"']],
    [{ consumers: false }, CONSUMERS, ['Bearer', 'DPoP algs="ES256"']],
    [{ providers: [] }, [], ['ApiKey realm="turnpike", in="header", name="x-api-key"']],
  ];
  for (const [config, consumers, challenges] of table) {
    it(`challenges with ${challenges.join(' | ')}`, () =>
      assert.deepEqual(authenticator(config, consumers).challenges, challenges));
  }

  it('names the cookies of the sessions that it knows', () => {
    assert.deepEqual(authenticator().sessionCookies, ['__Host-session']);
    assert.deepEqual(authenticator({ providers: ['partner'] }).sessionCookies, []);
  });

  it('is not made for a provider that there is not', () => {
    assert.throws(() => authenticator({ providers: ['nobody'] }), /no identity provider nobody/);
  });
});
