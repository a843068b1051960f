import assert from 'node:assert/strict';
import { it } from 'node:test';
import { plainSource, readConfig } from '@turnpike/config';
import { explainRequest } from './explain-request.ts';
import { stagesOf } from './stages.ts';

function configOf(policies: object, service: object = {}) {
  const { config, issues } = readConfig([
    plainSource('a.yaml', {
      services: { s: { endpoints: ['http://a'], ...service } },
      consumers: { c: { keys: ['exactly-16-chars'] } },
      stores: { redis: { url: 'redis://hidden' } },
      routes: { r: { match: { path: '/a/{id}' }, service: 's', policies } },
    }),
  ]);
  assert.ok(config, issues[0]?.message ?? '');
  return config;
}

function textsOf(policies: object): readonly string[] {
  const { routes, listeners } = configOf(policies);
  const [route] = routes;
  assert.ok(route);
  const usual = new Set(['rescue', 'limit-body', 'forward']);
  return stagesOf(route, listeners[0])
    .filter(({ name }) => !usual.has(name))
    .map(({ name, about }) => `${name} ${about}`);
}

it('tells which limits hold before and after it is known who is calling', () => {
  const rateLimit = [
    { limit: 100, per: '1m' },
    { limit: 10, per: '1s', burst: 20, by: ['header:x-tenant', 'route'], store: 'redis', group: 'tenants' },
    { name: 'tokens', limit: 50, per: '1d', by: 'claim:org.id', cost: 'response.status', percent: 10 },
    { limit: 5, per: '1s', by: [], algorithm: 'sliding', when: 'request.method == "PUT"', mode: 'report' },
    { limit: 7, per: '1s', plans: { gold: 70 } },
  ];
  assert.deepEqual(textsOf({ authenticate: { with: 'consumers' }, rateLimit }), [
    'rate-limit 100/1m: 100 in 1m, by ip; 10/1s: 10 in 1s, 20 at once, by header x-tenant and route, in the group tenants, in Redis (without it: local); 5/1s: 5 in 1s, in any such window, by nothing, all together, if request.method == "PUT" (only reports)',
    'authenticate asks who is calling: consumers (keys in header x-api-key)',
    'rate-limit tokens: 50 units in 1d, by claim org.id, for 10% of the keys; 7/1s: 7 in 1s or what the plan (gold) says, by ip',
  ]);
});

it('tells what one request may be', () => {
  const limits = {
    decompressedBytes: '8MiB',
    jsonDepth: 32,
    headerCount: 60,
    queryCount: 20,
    grpcMessageBytes: '4MiB',
  };
  assert.deepEqual(textsOf({ limits }), [
    'limit-head refuses more than 60 header fields or 20 query parameters',
    'limit-content refuses bodies above 8MiB when decompressed and JSON deeper than 32',
    'limit-messages ends gRPC calls with messages above 4MiB',
  ]);
});

it('tells what is well formed', () => {
  assert.deepEqual(
    textsOf({ validate: { openapi: '/a.yaml', responses: 'report', unknownParameters: 'refuse' } }),
    ['validate asks for what /a.yaml describes, refuses other query parameters, looks at responses (report)'],
  );
  const schemas = { path: { id: {} }, query: { q: {} }, headers: { 'x-a': {} }, body: {} };
  assert.deepEqual(textsOf({ validate: { ...schemas, mode: 'report' } }), [
    'validate asks for what the schemas of path id, query q, header x-a, body describe (only reports)',
  ]);
});

it('tells what browsers may do', () => {
  const cors = { origins: ['https://a', 'https://b'], methods: ['GET'], headers: '*', credentials: true };
  assert.deepEqual(textsOf({ cors, securityHeaders: { mode: 'report' } }), [
    'security-headers adds strict-transport-security, x-content-type-options, x-frame-options, referrer-policy, cross-origin-opener-policy, cross-origin-resource-policy, permissions-policy, x-permitted-cross-domain-policies, unless the service does (only reports)',
    'cors pages of https://a and https://b may call it with credentials, with GET, with any headers, preflights last 10m',
  ]);
});

it('tells how much a service is given at once, and who is shed first', () => {
  assert.deepEqual(textsOf({ concurrency: { limit: 20, by: ['route', 'ip'] } }), [
    'concurrency at most 20 at once by route and ip',
  ]);
  const priority = { level: 'low', header: 'x-priority', plans: { gold: 'high' } };
  const config = configOf({ priority, authenticate: { with: 'consumers' } }, { concurrency: 'adaptive' });
  const { outcome } = explainRequest(config, {
    method: 'GET',
    url: '/a/1',
    headers: [],
    listener: undefined,
  });
  assert.ok(outcome.kind === 'routed' && outcome.route.target.kind === 'service');
  assert.equal(
    outcome.route.target.service.facts.find(({ name }) => name === 'limit')?.about,
    'as many at once as it can take, priority low unless the header x-priority of trusted proxies or the plan says another',
  );
});
