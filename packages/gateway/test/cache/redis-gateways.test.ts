// Gateways that share their cache through a real Redis: their supervisors, threads and sockets.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually, fieldOf, scriptedUpstream, type Message } from '@turnpike/testkit';
import { redisServer, withoutRedis, type RedisServer } from '@turnpike/testkit/redis-server';
import type { Supervisor } from '../../src/threads/supervisor.ts';
import { configFor } from '../limits/redis-fixture.ts';
import { ask, onSite, saying, type Answer } from '../threads/fixture.ts';
import { startCache } from './redis-cache-fixture.ts';

const OPTIONS = { skip: withoutRedis(), timeout: 180_000 };
const PATIENCE_MS = 60_000;
/** The same for all gateways, as behind a balancer. */
const HOST = 'shop.example';

/** Several gateways before one service. */
interface Fleet {
  readonly redis: RedisServer;
  readonly gateways: readonly Supervisor[];
  /** What the service was asked. */
  readonly asked: readonly Asked[];
  get(gateway: number, path: string, headers?: Record<string, string>): Promise<Answer>;
  post(gateway: number, path: string): Promise<Answer>;
}

type Make = (request: Asked, count: number) => string;

/** What the service was asked. */
interface Asked {
  readonly method: string;
  readonly target: string;
  readonly message: Message;
}

/** Starts gateways whose service answers with what `make` says. */
async function withFleet(count: number, make: Make, use: (fleet: Fleet) => Promise<void>): Promise<void> {
  await using redis = await redisServer();
  const asked: Asked[] = [];
  const service = await scriptedUpstream(async (talk) => {
    const message = await talk.whole();
    const [method = '', target = ''] = message.startLine.split(' ');
    const request = { method, target, message };
    asked.push(request);
    await talk.write(make(request, asked.length));
  });
  const sections = {
    services: { shop: { endpoints: [`http://127.0.0.1:${service.port}`] } },
    routes: {
      shop: { match: { path: '/*' }, service: 'shop', policies: { cache: { store: 'redis' } } },
    },
    // Long, so that a busy machine is not taken for a Redis that fails.
    stores: { redis: { url: redis.url, timeout: '5s' } },
    // With several, one of them may still be on its way to Redis.
    runtime: { threads: 1 },
  };
  try {
    await onSite(saying('', sections), async ({ start, directory }) => {
      const gateways: Supervisor[] = [];
      for (let i = 0; i < count; i++)
        gateways.push(await start({ stateDirectory: join(directory, `state${i}`), watch: false }));
      const portOf = (i: number) => gateways[i]?.ports.get('web');
      await use({
        redis,
        gateways,
        asked,
        get: (i, path, headers = {}) => ask(portOf(i), path, { headers: { host: HOST, ...headers } }),
        post: (i, path) => ask(portOf(i), path, { method: 'POST', headers: { host: HOST }, body: 'x' }),
      });
    });
  } finally {
    await service.close();
  }
}

/** A response that stays fresh. */
function fresh(body: string, ...fields: readonly string[]): string {
  const all = ['Cache-Control: max-age=600', `Content-Length: ${body.length}`, ...fields];
  return `HTTP/1.1 200 OK\r\n${all.map((field) => `${field}\r\n`).join('')}\r\n${body}`;
}

const statusOf = ({ headers }: Answer): string => String(headers['cache-status']);

/** Asks until the gateways share: until they have connected, each goes on by itself. */
async function whenShared({ get, gateways }: Fleet): Promise<void> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  for (let i = 0; ; i++) {
    assert.ok(performance.now() < endsAtMs, 'they never shared');
    await get(0, `/warm/${i}`);
    const others = await Promise.all(gateways.slice(1).map((_, n) => get(n + 1, `/warm/${i}`)));
    if (others.every((answer) => /; hit; .*detail=shared/.test(statusOf(answer)))) return;
  }
}

/** Asks all of them until none gives that body any more. */
async function changes({ get, gateways }: Fleet, path: string, old: string): Promise<void> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  for (const gateway of gateways.keys())
    while ((await get(gateway, path)).body === old)
      assert.ok(performance.now() < endsAtMs, 'it is still there');
}

describe('gateways with a cache in Redis', OPTIONS, () => {
  it('answer with what another one has asked for, and say so', async () => {
    await withFleet(
      2,
      (_, n) => fresh(`body ${n} ${'x'.repeat(50_000)}`, 'X-A: b', 'Cache-Tag: shoes'),
      async (fleet) => {
        await whenShared(fleet);
        const before = fleet.asked.length;
        const first = await fleet.get(0, '/a?b=c');
        const second = await fleet.get(1, '/a?b=c');
        assert.match(statusOf(first), /fwd=uri-miss; .*stored$/);
        assert.match(statusOf(second), /; hit; ttl=\d+; detail=shared$/);
        assert.equal(second.body, first.body);
        assert.equal(second.headers['x-a'], 'b');
        assert.equal(fleet.asked.length, before + 1);
      },
    );
  });

  it('keep what varies apart', async () => {
    const make: Make = ({ message }) =>
      fresh(fieldOf(message, 'accept-language') ?? 'none', 'Vary: Accept-Language');
    await withFleet(2, make, async (fleet) => {
      await whenShared(fleet);
      const before = fleet.asked.length;
      for (const gateway of [0, 1, 0, 1])
        for (const language of ['de', 'en', 'fr'])
          assert.equal((await fleet.get(gateway, '/', { 'accept-language': language })).body, language);
      assert.equal(fleet.asked.length, before + 3);
    });
  });

  it('forget in all of them what was changed through one', async () => {
    let state = 1;
    const make: Make = ({ method }) =>
      method === 'POST' ? 'HTTP/1.1 204 No Content\r\n\r\n' : fresh(`state ${state}`);
    await withFleet(2, make, async (fleet) => {
      await whenShared(fleet);
      for (let round = 0; round < 5; round++) {
        const path = `/things/${round}`;
        const old = `state ${state}`;
        for (const gateway of [0, 1, 0, 1]) assert.equal((await fleet.get(gateway, path)).body, old);
        state++;
        await fleet.post(0, path);
        // Here at once, elsewhere within a second.
        assert.equal((await fleet.get(0, path)).body, `state ${state}`);
        let body = old;
        const endsAtMs = performance.now() + PATIENCE_MS;
        while (body === old && performance.now() < endsAtMs) ({ body } = await fleet.get(1, path));
        assert.equal(body, `state ${state}`);
      }
    });
  });

  it('ask once for what many want from three of them', async () => {
    const make: Make = (_, n) => fresh(`body ${n}`);
    await withFleet(3, make, async (fleet) => {
      await whenShared(fleet);
      for (let round = 0; round < 3; round++) {
        const before = fleet.asked.length;
        const wishes = Array.from({ length: 60 }, (_, i) => fleet.get(i % 3, `/many/${round}`));
        const bodies = new Set((await Promise.all(wishes)).map(({ body }) => body));
        assert.equal(bodies.size, 1);
        assert.equal(fleet.asked.length, before + 1);
      }
    });
  });

  it('ask only whether it is still the same, for what another one has', async () => {
    const make: Make = ({ message, target }, n) => {
      if (target.startsWith('/warm')) return fresh('warm');
      const fields = 'Cache-Control: max-age=0, stale-if-error=600\r\nETag: "v"\r\n';
      return fieldOf(message, 'if-none-match') === '"v"'
        ? `HTTP/1.1 304 Not Modified\r\n${fields}\r\n`
        : `HTTP/1.1 200 OK\r\n${fields}Content-Length: 6\r\n\r\nbody ${n % 10}`;
    };
    await withFleet(2, make, async (fleet) => {
      await whenShared(fleet);
      const { body } = await fleet.get(0, '/');
      for (const gateway of [1, 0, 1, 1, 0]) {
        const before = fleet.asked.length;
        const answer = await fleet.get(gateway, '/');
        assert.equal(answer.body, body);
        assert.match(statusOf(answer), /fwd=stale; fwd-status=304/);
        assert.equal(fleet.asked.length, before + 1);
      }
    });
  });

  it('hear of what is purged for all, hard or softly', async () => {
    const make: Make = (_, n) =>
      fresh(`body ${n}`, 'Cache-Tag: shoes').replace('600', '600, stale-while-revalidate=600');
    await withFleet(2, make, async (fleet) => {
      await whenShared(fleet);
      await using other = startCache(configFor([fleet.redis], { timeoutMs: 60_000 }));
      await other.whenCurrent();
      const first = await fleet.get(0, '/');
      assert.equal((await fleet.get(1, '/')).body, first.body);
      await other.fleet.purge(['t shoes'], 'hard');
      await changes(fleet, '/', first.body);
      const { body } = await fleet.get(0, '/');
      assert.equal((await fleet.get(1, '/')).body, body);
      // Only the first one has it in memory.
      const left = await fleet.get(0, '/left');
      await other.fleet.purge(['t shoes'], 'soft');
      const stale = await fleet.get(1, '/left');
      assert.equal(stale.body, left.body);
      assert.match(statusOf(stale), /; hit; ttl=(0|-\d+); detail=shared/);
      await changes(fleet, '/left', left.body);
    });
  });

  it('know of each other what is not stored, and nobody waits for that', async () => {
    const make: Make = ({ target }, n) =>
      target.startsWith('/warm')
        ? fresh('warm')
        : `HTTP/1.1 200 OK\r\nCache-Control: private\r\nContent-Length: ${`${n}`.length}\r\n\r\n${n}`;
    await withFleet(2, make, async (fleet) => {
      await whenShared(fleet);
      assert.match(statusOf(await fleet.get(0, '/')), /fwd=uri-miss; detail=private/);
      assert.match(statusOf(await fleet.get(1, '/')), /fwd=bypass; detail=hit-for-miss/);
    });
  });

  it('serve while Redis is killed and restarted, and share again afterwards', async () => {
    await withFleet(
      2,
      (_, n) => fresh(`body ${n}`),
      async (fleet) => {
        await whenShared(fleet);
        const statuses: number[] = [];
        const stop = new AbortController();
        const traffic = [0, 1, 0, 1].map(async (gateway, lane) => {
          for (let i = 0; !stop.signal.aborted; i++)
            statuses.push((await fleet.get(gateway, `/t/${lane}/${i}`)).status);
        });
        for (let life = 0; life < 3; life++) {
          const seen = statuses.length;
          await fleet.redis.kill();
          await eventually(() => statuses.length > seen + 40, 'it goes on without Redis', PATIENCE_MS);
          await fleet.redis.restart();
          await whenShared(fleet);
        }
        stop.abort();
        await Promise.all(traffic);
        assert.deepEqual(new Set(statuses), new Set([200]));
      },
    );
  });
});
