import assert from 'node:assert/strict';
import { it } from 'node:test';
import { plainSource, readConfig } from '@turnpike/config';
import { explainRequest } from './explain-request.ts';

const REQUEST = { method: 'GET', url: '/', headers: [], listener: undefined };

function targetOf(document: object) {
  const { config, issues } = readConfig([plainSource('a.yaml', document)]);
  assert.ok(config, issues[0]?.message ?? '');
  const { outcome } = explainRequest(config, REQUEST);
  assert.ok(outcome.kind === 'routed');
  return outcome.route.target;
}

/** What is said of a service, as `name about`. */
function factsOf(service: object, runtime: object = {}): readonly string[] {
  const routes = { r: { match: { path: '/' }, service: 's' } };
  const target = targetOf({ services: { s: service }, routes, runtime });
  assert.ok(target.kind === 'service');
  return target.service.facts.map(({ name, about }) => `${name} ${about}`);
}

/** One of them. */
function fact(name: string, service: object, runtime: object = {}): string {
  return factsOf({ endpoints: ['http://a'], ...service }, runtime)
    .filter((text) => text.startsWith(`${name} `))
    .map((text) => text.slice(name.length + 1))
    .join('; ');
}

/** What is said of attempts on a route, as `name about`. */
function attemptsOf(policies: object): readonly string[] {
  const routes = { r: { match: { path: '/' }, service: 's', policies } };
  const target = targetOf({ services: { s: { endpoints: ['http://a'] } }, routes });
  assert.ok(target.kind === 'service');
  return target.attempts.map(({ name, about }) => `${name} ${about}`);
}

it('tells what holds for a service that says nothing', () => {
  assert.deepEqual(factsOf({ endpoints: ['http://a'] }), [
    'balancer adaptive: the endpoint with the least latency × (requests in flight + 1)^1.5 / weight, as all threads know it',
    'balancer who is new or healed gets less than its share for 30s',
    'checks none; only real requests are watched',
    'outliers out for 30s, later 5m at most, after 5 failures in a row, or by its share of failures every 10s; 30% of them at once',
    'panic health is ignored while less than 50% of the weight is healthy',
    'timeouts 1s to connect, 30s until the answer begins, 1m between two pieces of it',
  ]);
});

it('tells where what is known of its gRPC methods comes from', () => {
  const endpoints = ['http://a'];
  assert.equal(
    fact('grpc', { endpoints, grpc: { reflection: true } }),
    'it is asked for its methods by reflection, every 5m',
  );
  assert.equal(
    fact('grpc', { endpoints, grpc: { descriptors: '/d.binpb' } }),
    'its methods are described by /d.binpb',
  );
});

for (const [discovery, expected] of [
  [{ dns: 'orders.internal', port: 9002 }, 'from DNS (A and AAAA): orders.internal:9002'],
  [{ srv: '_orders._tcp.internal' }, 'from DNS (SRV): _orders._tcp.internal'],
  [{ file: '/e.yaml' }, 'from a file, which is watched: /e.yaml'],
  [
    { etcd: ['http://127.0.0.1:2379'], prefix: '/s/', username: 'u', password: 'hidden' },
    'from etcd: http://127.0.0.1:2379/ /s/',
  ],
  [
    { consul: 'http://127.0.0.1:8500/?token=hidden', service: 'pay', tag: ['v2', 'eu'], token: 'hidden' },
    'from Consul: http://127.0.0.1:8500/ pay, with the tags v2 and eu',
  ],
  [
    { kubernetes: { namespace: 'prod', service: 'search', port: 'http' } },
    'from Kubernetes: the cluster prod/search, port http',
  ],
  [{ registry: 'reports' }, 'from instances that register themselves on the admin API: reports'],
] as const) {
  it(`tells where endpoints come from, without secrets: ${Object.keys(discovery)[0]}`, () => {
    assert.equal(fact('endpoints', { endpoints: [], discovery }), expected);
  });
}

it('tells what binds callers, and never the key that signs their cookies', () => {
  const sticky = { sticky: 'lb', secret: 'hidden-0123456789-0123456789-0123', lifetime: '1h' };
  const target = targetOf({
    services: { s: { endpoints: ['http://a'], balancer: sticky, slowStart: '0s' } },
    routes: { r: { match: { path: '/' }, service: 's' } },
  });
  assert.ok(!JSON.stringify(target).includes('hidden'));
  assert.equal(
    fact('balancer', { balancer: sticky, slowStart: '0s' }),
    'sticky: the endpoint that the signed cookie lb names for 1h; without one as with adaptive',
  );
  assert.equal(
    fact('balancer', { balancer: { hash: ['header:X-User', 'ip'], boundedLoad: 1.5 }, slowStart: '0s' }),
    'hash: one endpoint for each header x-user, else ip; it has at most 1.5 times its share at once, the rest moves on',
  );
});

it('tells what narrows the choice', () => {
  const endpoints = ['http://a', { url: 'http://b', priority: 2 }];
  assert.equal(
    fact('balancer', { endpoints, balancer: 'random', subset: 7, slowStart: '5s' }, { zone: 'eu-1' }),
    'random: any endpoint, as often as its weight says; endpoints of the zone eu-1 are preferred; priorities 0, 2: the next helps when less than 71% of the one before is healthy; this gateway uses 7 of them at most; who is new or healed gets less than its share for 5s',
  );
  assert.doesNotMatch(fact('balancer', { balancer: { hash: ['ip'] } }, { zone: 'eu-1' }), /zone/);
});

for (const [health, expected] of [
  [
    { path: '/healthz', host: 'a.internal', statuses: ['200', '400-404'], port: 81, unhealthyAfter: 1 },
    'GET /healthz at a.internal on port 81 every 5s, 200 or 400-404 within 1s; down after 1 failure, up after 2 successes in a row',
  ],
  [
    { type: 'tcp', interval: '1m' },
    'a TCP connection every 1m, accepted within 1s; down after 3 failures in a row, up after 2 successes in a row',
  ],
  [
    { type: 'grpc', service: 'a.B' },
    'grpc.health.v1 for a.B every 5s, SERVING within 1s; down after 3 failures in a row, up after 2 successes in a row',
  ],
] as const) {
  it(`tells how endpoints are asked: ${'type' in health ? health.type : 'http'}`, () => {
    assert.equal(fact('checks', { health }), expected);
  });
}

it('tells what is switched off', () => {
  assert.equal(
    fact('outliers', { outlierDetection: 'off' }),
    'off: failures of real requests put no endpoint out',
  );
  assert.equal(fact('panic', { panicThreshold: '0%' }), 'never: 503 when no endpoint is healthy');
  assert.deepEqual(attemptsOf({ retry: 'off' }), [
    'retry none, but when no connection came about',
    'deadline what callers say in grpc-timeout, connect-timeout-ms',
  ]);
});

it('tells what is tried again, and for how long', () => {
  const retry = { attempts: 3, on: ['reset', 503], perTry: '1s', methods: ['POST'], mode: 'report' };
  const hedge = { after: '50ms', budget: '2%' };
  assert.deepEqual(attemptsOf({ retry, hedge, timeout: '5s', deadline: { header: 'X-Wait' } }), [
    'retry 3 attempts at most, after reset, 503, or 1s without an answer, if the method is idempotent or POST, with bodies up to 64KiB, while at most 20% of the requests are retries (only reports)',
    'hedge a second attempt after 50ms, with at most 2% of the requests',
    'deadline 5s, or less: what callers say in grpc-timeout, connect-timeout-ms, x-wait',
  ]);
  assert.match(
    attemptsOf({ hedge: {} })[1] ?? '',
    /^hedge a second attempt after the time in which 95% of its requests are answered/,
  );
});

it('tells of each side of a split', () => {
  const target = targetOf({
    services: { a: { endpoints: ['http://a'] }, b: { discovery: { registry: 'b' }, circuitBreaker: {} } },
    routes: { r: { match: { path: '/' }, services: { a: 95, b: 5 }, rewrite: { host: 'in.side' } } },
  });
  assert.ok(target.kind === 'split');
  assert.equal(target.host, 'in.side');
  assert.deepEqual(
    target.sides.map(({ weight, service }) => [weight, service.id, service.facts.map(({ name }) => name)]),
    [
      [95, 'a', ['balancer', 'balancer', 'checks', 'outliers', 'panic', 'timeouts']],
      [5, 'b', ['breaker', 'balancer', 'balancer', 'checks', 'outliers', 'panic', 'timeouts', 'endpoints']],
    ],
  );
});
