import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthenticateConfig } from '@turnpike/config';
import { headersOf } from '../../core/headers.ts';
import type { Identity } from '../../core/identity.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { concealment } from './concealment.ts';

const CONFIG: AuthenticateConfig = {
  mode: 'on',
  providers: [],
  consumers: true,
  optional: false,
  apiKeyFrom: [
    { in: 'header', name: 'x-api-key' },
    { in: 'query', name: 'key' },
    { in: 'cookie', name: 'key' },
  ],
  forwardCredentials: 'tokens',
};

const SENT = [
  ['Accept', '*/*'],
  ['Authorization', 'Bearer t'],
  ['DPoP', 'p'],
  ['X-Api-Key', 'k'],
  ['X-API-KEY', 'again'],
  ['Cookie', '__Host-s=1; a=2; __Host-s.1=3; key=4; __Host-sx=5'],
] as const;

function identity(method: Identity['method']): Identity {
  return {
    method,
    provider: 'corporate',
    subject: 'a',
    consumer: '',
    clientId: '',
    scopes: [],
    claims: {},
    metadata: {},
    plan: '',
    key: 'corporate:a',
    token: '',
    expiresAtMs: Infinity,
  };
}

/** What the service gets of all that was sent. */
function left(config: Partial<AuthenticateConfig>, method: Identity['method'] | null): string[] {
  const exchange = exchangeFrom({ headers: headersOf(...SENT), query: '?key=4&b=5' });
  exchange.identity = method === null ? null : identity(method);
  concealment({ ...CONFIG, ...config }, ['__Host-s'])(exchange);
  const { names, values } = exchange.headers;
  assert.equal(exchange.query, '?key=4&b=5');
  return [exchange.targetQuery, ...names.map(({ lower }, i) => `${lower}: ${values[i]}`)];
}

const ALL = ['?key=4&b=5', ...SENT.map(([name, value]) => `${name.toLowerCase()}: ${value}`)];

describe('what the service sees of credentials', () => {
  it('are tokens, and no key, proof or session', () => {
    for (const method of ['token', 'session', 'key', 'certificate'] as const)
      assert.deepEqual(left({}, method), [
        '?b=5',
        'accept: */*',
        'authorization: Bearer t',
        'cookie: a=2; __Host-sx=5',
      ]);
  });

  it('are none', () => {
    assert.deepEqual(left({ forwardCredentials: 'none' }, 'token'), [
      '?b=5',
      'accept: */*',
      'cookie: a=2; __Host-sx=5',
    ]);
  });

  it('are all', () => assert.deepEqual(left({ forwardCredentials: 'all' }, 'token'), ALL));

  it('is never a password', () => {
    assert.deepEqual(left({}, 'basic'), ['?b=5', 'accept: */*', 'cookie: a=2; __Host-sx=5']);
  });

  it('is what nobody looked at here: keys where consumers are not known', () => {
    assert.deepEqual(left({ consumers: false }, 'token'), [
      '?key=4&b=5',
      'accept: */*',
      'authorization: Bearer t',
      'x-api-key: k',
      'x-api-key: again',
      'cookie: a=2; key=4; __Host-sx=5',
    ]);
  });

  it('is everything but a dead session, of callers who are nobody', () => {
    assert.deepEqual(left({}, null), [...ALL.slice(0, -1), 'cookie: a=2; key=4; __Host-sx=5']);
  });

  it('is everything under a policy that only reports', () => {
    assert.deepEqual(left({ mode: 'report', forwardCredentials: 'none' }, 'token'), ALL);
  });

  it('is gone from lines that were noted by the parser, and still with those who share the fields', () => {
    const headers = headersOf(...SENT);
    const shared = headers.share();
    assert.match(headers.endToEndLines(), /X-Api-Key/);
    const exchange = exchangeFrom({ headers, query: '?key=4' });
    exchange.identity = identity('key');
    concealment(CONFIG, [])(exchange);
    assert.doesNotMatch(headers.endToEndLines(), /X-Api-Key|again|key=4/i);
    assert.match(shared.endToEndLines(), /X-Api-Key/);
    assert.equal(exchange.targetQuery, '');
  });
});
