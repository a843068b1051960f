import assert from 'node:assert/strict';
import { it } from 'node:test';
import { plainSource, readConfig } from '@turnpike/config';
import { explainRequest } from './explain-request.ts';
import { stagesOf } from './stages.ts';

function configOf(route: object, service: object = {}) {
  const { config, issues } = readConfig([
    plainSource('a.yaml', {
      services: { s: { endpoints: ['http://a'], ...service }, other: { endpoints: ['http://b'] } },
      listeners: { web: { address: ':80', trustedProxies: ['10.0.0.0/8'] } },
      routes: { r: { match: { path: '/' }, ...route } },
    }),
  ]);
  assert.ok(config, issues[0]?.message ?? '');
  return config;
}

function textsOf(route: object): readonly string[] {
  const { routes, listeners } = configOf(route);
  const [first] = routes;
  assert.ok(first);
  return stagesOf(first, listeners[0])
    .filter(({ name }) => ['fallback', 'mirror', 'fault', 'split'].includes(name))
    .map(({ name, about }) => `${name} ${about}`);
}

it('tells what happens when a service fails, and what is done to it', () => {
  const policies = {
    fallback: { service: 'other' },
    mirror: { service: 'other', percent: 10, mode: 'report' },
    fault: { delay: { percent: 1, duration: '200ms' }, abort: { percent: 0.1, status: 503 } },
  };
  assert.deepEqual(textsOf({ service: 's', policies }), [
    'fallback the service other answers when the service of the route does not',
    'mirror copies 10% of the requests with bodies up to 64KiB to the service other (only reports)',
    'fault makes 1% of the requests wait for 200ms, and answers 0.1% with 503',
  ]);
  assert.deepEqual(textsOf({ service: 's', policies: { fallback: { respond: { status: 200 } } } }), [
    'fallback answers 200 itself when the service of the route does not',
  ]);
  assert.deepEqual(textsOf({ respond: { status: 200 } }), []);
});

it('tells how services share a route', () => {
  const split = { sticky: 'side', override: 'header:x-side' };
  assert.deepEqual(textsOf({ services: { s: 90, other: 10 }, split }), [
    'split among the services s (90) and other (10), callers stay by the cookie side, trusted proxies choose in x-side',
  ]);
});

it('tells when a service is not asked', () => {
  const circuitBreaker = { failureRate: '50%', minimumRequests: 20, window: '10s', openFor: '5s' };
  for (const [service, expected] of [
    [{ circuitBreaker }, 'not asked for 5s, later 1m at most, when 50% of 20 requests or more in 10s fail'],
    [{}, undefined],
  ] as const) {
    const config = configOf({ service: 's' }, service);
    const { outcome } = explainRequest(config, { method: 'GET', url: '/', headers: [], listener: 'web' });
    assert.ok(outcome.kind === 'routed' && outcome.route.target.kind === 'service');
    const { facts } = outcome.route.target.service;
    assert.equal(facts.find(({ name }) => name === 'breaker')?.about, expected);
  }
});
