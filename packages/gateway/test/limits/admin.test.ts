// Limits on the admin API: what there is, how a key stands, and how it starts afresh.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redisServer, withoutRedis } from '@turnpike/testkit/redis-server';
import type { ConcurrencyState, LimitList, LimitState } from '../../src/admin/limit-port.ts';
import type { Supervisor } from '../../src/main.ts';
import { ask, onSite, saying, until, withSlowService, type Site } from '../threads/fixture.ts';

const THREADS = 3;
const respond = { status: 200, body: 'ok' };
const DAILY = { limit: 5, per: '24h' };

interface Limited {
  readonly site: Site;
  readonly gateway: Supervisor;
  /** The statuses of so many requests, each on a connection of its own. */
  statuses(count: number, path: string, headers?: Record<string, string>): Promise<number[]>;
  state(target: string): Promise<LimitState>;
  remove(target: string, headers?: Record<string, string>): Promise<number>;
}

async function limited(sections: object, use: (limited: Limited) => Promise<void>): Promise<void> {
  const all = { runtime: { threads: THREADS, drainTimeout: '5s' }, ...sections };
  await onSite(saying('', all), async (site) => {
    const gateway = await site.start();
    await use(viewOf(gateway, site));
  });
}

function viewOf(gateway: Supervisor, site: Site): Limited {
  const { adminPort } = gateway;
  return {
    site,
    gateway,
    statuses: async (count, path, headers = {}) => {
      const statuses = [];
      for (let i = 0; i < count; i++)
        statuses.push((await ask(gateway.ports.get('web'), path, { headers })).status);
      return statuses;
    },
    state: async (target) => JSON.parse((await ask(adminPort, `/limits/${target}`)).body),
    remove: async (target, headers = {}) =>
      (await ask(adminPort, `/limits/${target}`, { method: 'DELETE', headers })).status,
  };
}

/** Tests one after the other on one gateway: its start takes longer than all of them. */
const onOneGateway: [name: string, test: (view: Limited) => Promise<void>][] = [];
const onOne = (...test: (typeof onOneGateway)[number]): void => void onOneGateway.push(test);

const times = (count: number, status: number) => Array.from({ length: count }, () => status);

describe('limits on the admin API', () => {
  const rateLimit = [
    { ...DAILY, name: 'tenant', by: 'header:x-tenant' },
    { ...DAILY, name: 'both', limit: 9, by: ['header:x-tenant', 'route', 'query:q'], algorithm: 'sliding' },
    { name: 'off', mode: 'off', limit: 1, per: '1s' },
  ];
  const routes = {
    a: { match: { path: '/a' }, respond, policies: { rateLimit } },
    ip: { match: { path: '/ip' }, respond, policies: { rateLimit: { ...DAILY, by: 'ip' } } },
    plain: { match: { path: '/plain' }, respond },
  };

  onOne('are listed with how their keys are made', async ({ gateway }) => {
    const list: LimitList = JSON.parse((await ask(gateway.adminPort, '/limits')).body);
    assert.deepEqual(list.concurrency, []);
    const one = {
      route: 'a',
      limit: 'tenant',
      key: 'header x-tenant',
      keyParts: ['header x-tenant'],
      algorithm: 'gcra',
      store: 'local',
      quota: 5,
      quotaFrom: null,
      windowSeconds: 86_400,
      burst: 5,
      mode: 'on',
      percent: 100,
      group: null,
    };
    assert.deepEqual(list.limits, [
      one,
      {
        ...one,
        limit: 'both',
        key: 'header x-tenant and route and query q',
        keyParts: ['header x-tenant', 'query q'],
        algorithm: 'sliding',
        quota: 9,
        burst: null,
      },
      { ...one, route: 'ip', limit: '5/1d', key: 'ip', keyParts: ['ip'] },
    ]);
  });

  onOne(
    'tell how a key stands without counting, and start afresh on all threads',
    async ({ statuses, state, remove }) => {
      const tenant = { 'x-tenant': 'é' };
      const named = 'a/tenant?key=%C3%A9';
      // As a client sends it: bytes of UTF-8.
      const sent = { 'x-tenant': Buffer.from(tenant['x-tenant']).toString('latin1') };
      const fresh = await state(named);
      assert.deepEqual(fresh, {
        route: 'a',
        limit: 'tenant',
        key: ['é'],
        quota: 5,
        remaining: 5,
        resetSeconds: 0,
        limited: false,
        mode: 'on',
        store: 'local',
        degraded: false,
      });
      assert.deepEqual(await statuses(2, '/a?q=1', sent), [200, 200]);
      for (let i = 0; i < 3; i++) assert.equal((await state(named)).remaining, 3);
      assert.equal((await state('a/both?key=%C3%A9&key=1')).remaining, 7);
      assert.equal((await state('a/both?key=%C3%A9&key=2')).remaining, 9);
      assert.deepEqual(await statuses(4, '/a?q=1', sent), [200, 200, 200, 429]);
      const used = await state(named);
      assert.deepEqual([used.limited, used.remaining], [true, 0]);
      assert.ok(used.resetSeconds > 17_000 && used.resetSeconds <= 17_280, `${used.resetSeconds}`);

      assert.equal(await remove(named), 204);
      assert.deepEqual(await state(named), fresh);
      assert.equal(await remove('a/both?key=%C3%A9&key=1'), 204);
      assert.deepEqual(await statuses(6, '/a?q=1', sent), [...times(5, 200), 429]);
    },
  );

  onOne('name addresses as people write them', async ({ gateway, statuses, state, remove }) => {
    const name = `ip/${encodeURIComponent('5/1d')}`;
    assert.deepEqual(await statuses(6, '/ip'), [...times(5, 200), 429]);
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1'])
      assert.equal((await state(`${name}?key=${encodeURIComponent(address)}`)).limited, true, address);
    assert.equal((await state(`${name}?key=2001:db8:0:1::7/64`)).remaining, 5);
    const { status } = await ask(gateway.adminPort, `/limits/${name}?key=nowhere`);
    assert.equal(status, 422);
    assert.equal(await remove(`${name}?key=127.0.0.1`), 204);
    assert.deepEqual(await statuses(1, '/ip'), [200]);
  });

  onOne('say what of a request does not fit', async ({ gateway }) => {
    const statusOf = async (path: string, method = 'GET') =>
      (await ask(gateway.adminPort, path, { method })).status;
    assert.equal(await statusOf('/limits/nobody/tenant?key=a'), 404);
    assert.equal(await statusOf('/limits/plain/tenant?key=a'), 404);
    assert.equal(await statusOf('/limits/a/nothing?key=a'), 404);
    assert.equal(await statusOf('/limits/a/tenant'), 422);
    assert.equal(await statusOf('/limits/a/tenant?key=a&key=b', 'DELETE'), 422);
    assert.equal(await statusOf('/limits/a/tenant?key=a&quota=-1'), 422);
    assert.equal(await statusOf('/concurrency/a?key=a'), 404);
    assert.equal(await statusOf('/limits/a/tenant?key=a', 'PUT'), 405);
  });

  it('answer on the admin API', async (test) => {
    await limited({ routes }, async (view) => {
      for (const [name, run] of onOneGateway) await test.test(name, () => run(view));
    });
  });

  it('may be seen by viewers, and started afresh by editors', async () => {
    const tokens = [
      { token: 'look-at-it-all-day', role: 'viewer' },
      { token: 'change-it-all-day', role: 'editor' },
    ];
    await limited({ routes, admin: { address: '127.0.0.1:0', tokens } }, async ({ gateway, remove }) => {
      const as = (token: string) => ({ authorization: `Bearer ${token}` });
      for (const path of ['/limits', '/limits/a/tenant?key=a']) {
        const status = async (token: string) =>
          (await ask(gateway.adminPort, path, { headers: as(token) })).status;
        assert.deepEqual([await status('look-at-it-all-day'), await status('nobody')], [200, 401]);
      }
      assert.equal(await remove('a/tenant?key=a', as('look-at-it-all-day')), 403);
      assert.equal(await remove('a/tenant?key=a', as('change-it-all-day')), 204);
    });
  });

  it('take what a caller may use from the plan of the consumer, or as they are told', async () => {
    const consumers = { acme: { keys: ['a-key-of-some-length-1'], plan: 'gold' } };
    const policies = {
      authenticate: { with: ['consumers'] },
      rateLimit: { ...DAILY, name: 'plan', by: 'consumer', plans: { gold: 8 } },
    };
    const own = { own: { match: { path: '/own' }, respond, policies } };
    await limited({ routes: own, consumers }, async ({ statuses, state }) => {
      assert.deepEqual(await statuses(2, '/own', { 'x-api-key': 'a-key-of-some-length-1' }), [200, 200]);
      const { quota, remaining } = await state('own/plan?key=acme');
      assert.deepEqual([quota, remaining], [8, 6]);
      assert.equal((await state('own/plan?key=other')).quota, 5);
      assert.equal((await state('own/plan?key=other&plan=gold')).quota, 8);
      assert.equal((await state('own/plan?key=other&plan=constructor')).quota, 5);
      assert.equal((await state('own/plan?key=other&quota=70')).quota, 70);
    });
  });

  it('tell how many requests of a key are under way', async () => {
    const policies = { concurrency: { limit: 2, by: 'header:x-tenant' } };
    const slow = { match: { path: '/slow' }, service: 'slow', policies };
    await withSlowService(async (service) => {
      const sections = { services: { slow: { endpoints: [service.url] } }, routes: { slow } };
      await limited(sections, async ({ gateway, statuses }) => {
        const arrived = service.arrival();
        const answers = statuses(1, '/slow', { 'x-tenant': 'a' });
        const answer = await arrived;
        const path = '/concurrency/slow?key=a';
        const inUse = async (): Promise<ConcurrencyState> =>
          JSON.parse((await ask(gateway.adminPort, path)).body);
        assert.deepEqual(await inUse(), { route: 'slow', key: ['a'], limit: 2, inUse: 1 });
        answer.end();
        await answers;
        await until(async () => (await inUse()).inUse === 0);
      });
    });
  });
});

describe('limits in Redis on the admin API', { skip: withoutRedis(), timeout: 120_000 }, () => {
  const rateLimit = {
    name: 'shared',
    limit: 40,
    per: '24h',
    by: 'header:x-tenant',
    store: 'redis',
    whenStoreFails: 'deny',
  };
  const sectionsFor = (url: string) => ({
    stores: { redis: { url, timeout: '1s' } },
    routes: { a: { match: { path: '/a' }, respond, policies: { rateLimit } } },
  });
  const KEY = 'a/shared?key=t';
  const SENT = { 'x-tenant': 't' };

  it('start afresh for all gateways, with what these have fetched and were denied', async () => {
    await using redis = await redisServer();
    await limited(sectionsFor(redis.url), async (first) => {
      const second = viewOf(await first.site.start(), first.site);
      for (const { state, statuses } of [first, second]) {
        await until(async () => !(await state(KEY)).degraded);
        await until(async () => (await statuses(1, '/a', { 'x-tenant': 'u' }))[0] === 200);
      }
      // Threads give back what they fetched and do not need, so a denial is not the end: both are asked until nothing is left.
      await until(async () => {
        const denied = [await second.statuses(1, '/a', SENT), await first.statuses(1, '/a', SENT)];
        const { limited, remaining, store } = await first.state(KEY);
        assert.equal(store, 'redis');
        return denied.every(([status]) => status === 429) && limited && remaining === 0;
      });

      assert.equal(await first.remove(KEY), 204);
      assert.equal((await first.state(KEY)).remaining, 40);
      assert.deepEqual(await first.statuses(3, '/a', SENT), [200, 200, 200]);
      await until(async () => (await second.statuses(1, '/a', SENT))[0] === 200);
    });
  });

  it('say so when Redis does not answer', async () => {
    const redis = await redisServer();
    await limited(sectionsFor(redis.url), async ({ state, remove }) => {
      await until(async () => !(await state(KEY)).degraded);
      await redis.kill();
      await until(async () => (await state(KEY)).degraded);
      const { limited, remaining } = await state(KEY);
      assert.deepEqual([limited, remaining], [true, 0]);
      assert.equal(await remove(KEY), 503);
    });
  });
});
