import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type PoliciesConfig, plainSource, readConfig } from '@turnpike/config';
import { stagesOf } from './stages.ts';

const document = {
  services: { s: { endpoints: ['http://a'] } },
  lists: { office: { addresses: ['10.0.0.0/8'] } },
  consumers: { c: { keys: ['exactly-16-chars'] } },
  identityProviders: {
    corporate: {
      issuer: 'https://corporate.example',
      audiences: ['a'],
      client: { clientId: 'gateway', clientSecret: 'hidden' },
      login: {
        clientId: 'web',
        clientSecret: 'hidden',
        session: { secret: 'hidden-0123456789-0123456789-0123456789' },
      },
    },
  },
};

function textsOf(policies: object, id = 'r'): Record<string, string> {
  const routes = { r: { match: { path: '/a' }, service: 's', policies } };
  const { config, issues } = readConfig([plainSource('a.yaml', { ...document, routes })]);
  const route = config?.routes.find((one) => one.id === id);
  assert.ok(route, issues[0]?.message ?? '');
  return Object.fromEntries(stagesOf(route, config?.listeners[0]).map(({ name, about }) => [name, about]));
}

it('tells what policies of access do on a route', () => {
  const texts = textsOf({
    ipAccess: { allow: ['10.0.0.0/8', '::1', '@office'], deny: ['10.1.0.0/16'] },
    authenticate: {
      with: ['corporate', 'consumers'],
      apiKeyFrom: ['header:X-Key', 'query:key'],
      optional: true,
    },
    authorize: {
      scopes: ['a', 'b'],
      anyScope: ['c'],
      claims: { tenant: 't', 'realm.roles': 'r' },
      rule: 'request.method == "GET"',
      external: { url: 'grpc://127.0.0.1:9191' },
    },
    upstreamCredentials: { clientCredentials: 'corporate', scopes: ['users'] },
    forwardIdentity: 'jwt',
  });
  const { rescue: _rescue, 'limit-body': _limit, forward: _forward, ...access } = texts;
  assert.deepEqual(access, {
    'ip-access': 'lets in only 10.0.0.0/8 and ::1 and @office, turns away 10.1.0.0/16',
    authenticate:
      'asks who is calling: corporate or consumers (keys in header x-key or query key); callers without credentials pass',
    authorize:
      'asks for all scopes of a, b; one scope of c; the claims tenant, realm.roles; the rule request.method == "GET"; the word of grpc://127.0.0.1:9191 within 200ms (without it: deny)',
    'upstream-credentials': 'sends a token of corporate for the gateway itself, scopes users',
    'forward-identity': 'tells the service who is calling, in a signed token',
  });
});

it('tells which of them only report', () => {
  const texts = textsOf({
    ipAccess: { deny: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'], mode: 'report' },
    authenticate: { with: 'corporate', mode: 'report' },
    authorize: { scopes: ['a'], mode: 'report' },
    upstreamCredentials: { tokenExchange: 'corporate', audience: 'users', mode: 'report' },
  } satisfies Partial<Record<keyof PoliciesConfig, object>>);
  assert.equal(texts['ip-access'], 'turns away 4 blocks (only reports)');
  assert.equal(texts['authenticate'], 'asks who is calling: corporate (only reports)');
  assert.equal(texts['authorize'], 'asks for all scopes of a (only reports)');
  assert.equal(
    texts['upstream-credentials'],
    'sends a token of corporate in exchange for that of the caller, audience users (only reports)',
  );
});

it('leaves out what a route does not have', () => {
  const names = Object.keys(textsOf({ ipAccess: 'off', authenticate: { with: 'corporate', mode: 'off' } }));
  assert.deepEqual(names, ['rescue', 'limit-body', 'forward']);
});

it('tells of the routes of a login', () => {
  const texts = textsOf({ authenticate: { with: 'corporate' } }, 'login/corporate/callback');
  assert.equal(texts['login'], 'callback of the identity provider corporate');
});
