import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { configOf } from '../threads/threads-testing.ts';
import { openOffline, type OfflineGateway } from './offline.ts';
import type { OfflineRequest, OfflineWorld, ServiceAnswer } from './offline-types.ts';
import { offlineKey } from './without-network.ts';

const START_MS = Date.parse('2026-01-01T12:00:00Z');

const OK: ServiceAnswer = {
  kind: 'replies',
  status: 200,
  headers: [['Content-Type', 'text/plain']],
  body: Buffer.from('hello'),
  trailers: null,
  delayMs: 0,
};

async function open(
  t: TestContext,
  document: object,
  world: Partial<OfflineWorld> = {},
): Promise<OfflineGateway> {
  const gateway = await openOffline(configOf(document), {
    world: { service: () => OK, authorizer: () => OK, ...world },
    startMs: START_MS,
    seed: 1,
  });
  t.after(() => gateway.close());
  return gateway;
}

function get(target: string, more: Partial<OfflineRequest> = {}): OfflineRequest {
  return {
    method: 'GET',
    target,
    authority: 'api.example.com',
    headers: [],
    body: Buffer.alloc(0),
    version: '1.1',
    listener: 'web',
    peer: '203.0.113.9',
    clientCertificate: null,
    ...more,
  };
}

const users = { users: { endpoints: ['http://127.0.0.1:9001'] } };
const route = { match: { path: '/users/{id}' }, service: 'users', rewrite: { path: '/v1/users/{id}' } };

describe('a gateway that is offline', () => {
  it('gives the response, what the service got, and what the stages did', async (t) => {
    const gateway = await open(t, { services: users, routes: { user: route } });
    const { response, upstream, trace } = await gateway.handle(get('/users/42?a=1'));
    assert.equal(response.status, 200);
    assert.equal(response.body.toString(), 'hello');
    assert.equal(trace.record.route, 'user');
    assert.deepEqual(
      upstream.map(({ service, endpoint, target, authority }) => [service, endpoint, target, authority]),
      [['users', '127.0.0.1:9001', '/v1/users/42?a=1', 'api.example.com']],
    );
    assert.deepEqual(trace.steps.at(-1)?.stage, 'forward');
  });

  it('refuses what a socket would refuse', async (t) => {
    const gateway = await open(t, { services: users, routes: { user: route } });
    const { response } = await gateway.handle(get('/users/%00'));
    assert.equal(response.status, 400);
    assert.match(response.body.toString(), /bad-path/);
  });

  it('counts against limits until time has passed, and forgets with a restart', async (t) => {
    const limited = { ...route, policies: { rateLimit: { limit: 2, per: '1m', by: 'ip' } } };
    const gateway = await open(t, { services: users, routes: { user: limited } });
    const statuses = async (count: number): Promise<number[]> => {
      const found: number[] = [];
      for (let at = 0; at < count; at++) found.push((await gateway.handle(get('/users/1'))).response.status);
      return found;
    };
    assert.deepEqual(await statuses(3), [200, 200, 429]);
    await gateway.advance(61_000);
    assert.deepEqual(await statuses(3), [200, 200, 429]);
    gateway.restart();
    assert.equal(gateway.nowMs, START_MS);
    assert.deepEqual(await statuses(3), [200, 200, 429]);
  });

  it('lets the clock run while a service is silent', async (t) => {
    const fails: ServiceAnswer = { kind: 'fails', how: 'timeout' };
    const gateway = await open(t, { services: users, routes: { user: route } }, { service: () => fails });
    const { response } = await gateway.handle(get('/users/1'));
    assert.equal(response.status, 504);
    assert.ok(gateway.nowMs >= START_MS + 30_000);
  });

  it('repeats what the route repeats, at a service that refuses connections and one that resets them', async (t) => {
    const answers: ServiceAnswer[] = [{ kind: 'fails', how: 'connect' }, { kind: 'fails', how: 'reset' }, OK];
    const repeated = { ...route, policies: { retry: { attempts: 3, on: ['connect-failure', 'reset'] } } };
    const two = { users: { endpoints: ['http://127.0.0.1:9001', 'http://127.0.0.1:9002'] } };
    const gateway = await open(
      t,
      { services: two, routes: { user: repeated } },
      { service: () => answers.shift() ?? OK },
    );
    const { response, upstream } = await gateway.handle(get('/users/1'));
    assert.equal(response.status, 200);
    assert.equal(upstream.length, 3);
  });

  it('believes tokens of its providers until they expire, and keys of its consumers', async (t) => {
    const document = {
      services: users,
      identityProviders: { corporate: { issuer: 'https://login.example.com', audiences: ['api'] } },
      consumers: { acme: { keys: ['a-key-of-sixteen-characters'] } },
      routes: { user: { ...route, policies: { authenticate: { with: ['corporate', 'consumers'] } } } },
    };
    const gateway = await open(t, document);
    const token = gateway.providers.token('corporate', { sub: 'ada' });
    const bearer = get('/users/1', { headers: [['Authorization', `Bearer ${token}`]] });
    assert.equal((await gateway.handle(bearer)).response.status, 200);
    const key = get('/users/1', { headers: [['X-Api-Key', offlineKey('acme')]] });
    assert.equal((await gateway.handle(key)).response.status, 200);
    assert.equal((await gateway.handle(get('/users/1'))).response.status, 401);
    await gateway.advance(3_600_000);
    assert.equal((await gateway.handle(bearer)).response.status, 401);
  });

  it('gives the second of two equal requests from memory', async (t) => {
    const cached = { ...route, policies: { cache: { defaultTtl: '1m' } } };
    const gateway = await open(t, { services: users, routes: { user: cached } });
    const first = await gateway.handle(get('/users/1'));
    const second = await gateway.handle(get('/users/1'));
    assert.deepEqual([first.trace.record.cache, second.trace.record.cache], ['miss', 'hit']);
    assert.deepEqual([first.upstream.length, second.upstream.length], [1, 0]);
  });

  it('has requests under way at once', async (t) => {
    const narrow = { ...route, policies: { concurrency: { limit: 2, by: 'ip' } } };
    const gateway = await open(t, { services: users, routes: { user: narrow } });
    const given = await Promise.all([1, 2, 3].map(() => gateway.handle(get('/users/1'))));
    assert.deepEqual(
      given.map(({ response }) => response.status),
      [200, 200, 429],
    );
  });

  it('asks the function that stands for a service that authorizes', async (t) => {
    const asked: string[] = [];
    const external = { url: 'http://127.0.0.1:9191/authorize' };
    const guarded = { ...route, policies: { authorize: { external } } };
    const gateway = await open(
      t,
      { services: users, routes: { user: guarded } },
      {
        authorizer: ({ target }) => {
          asked.push(target);
          return { ...OK, status: 403 };
        },
      },
    );
    assert.equal((await gateway.handle(get('/users/1'))).response.status, 403);
    assert.deepEqual(asked, ['/users/1']);
  });
});
