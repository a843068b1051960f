// Sessions that end at one gateway, and the others that share its Redis.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { redisServer, withoutRedis, type RedisServer } from '@turnpike/testkit/redis-server';
import type { EndedSessions } from '../../src/core/desk.ts';
import { PROVIDER } from '../../src/identity/login/login-testing.ts';
import { SessionFleet } from '../../src/threads/session-fleet.ts';
import { configFor } from '../limits/redis-fixture.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** What of a gateway knows which sessions are over. */
class Gateway implements AsyncDisposable {
  readonly known = new Map<string, EndedSessions>();
  readonly #fleet: SessionFleet;

  constructor(redis: RedisServer, secrets = PROVIDER.login.session.secrets) {
    const login = { ...PROVIDER.login, session: { ...PROVIDER.login.session, secrets } };
    this.#fleet = new SessionFleet({
      log: quiet,
      hear: (ended) => this.known.set(nameOf(ended), ended),
      all: () => [...this.known.values()],
    });
    this.#fleet.use({
      identityProviders: [{ ...PROVIDER, login }],
      stores: { redis: configFor([redis], { timeoutMs: 5000 }), database: null } as never,
    });
  }

  end(session: string | null, subject: string | null = null): EndedSessions {
    const ended = { provider: PROVIDER.id, session, subject, endedAtMs: 1_800_000_000_000 };
    this.known.set(nameOf(ended), ended);
    this.#fleet.tell(ended);
    return ended;
  }

  knows(...names: readonly string[]): Promise<void> {
    return eventually(() => names.every((name) => this.known.has(name)), `it knows of ${names.join(', ')}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#fleet.close();
  }
}

const nameOf = ({ session, subject }: EndedSessions): string => session ?? subject ?? '';

describe('sessions that end', { skip: withoutRedis(), timeout: 120_000 }, () => {
  it('are over at all gateways with the same secret, also at those that start later', async () => {
    await using redis = await redisServer();
    await using one = new Gateway(redis);
    await using other = new Gateway(redis);
    await using stranger = new Gateway(redis, ['x'.repeat(32)]);
    const ends = [one.end('session-of-alice'), one.end(null, 'bob')];
    await other.knows('session-of-alice', 'bob');
    assert.deepEqual([...other.known.values()], ends);
    await using later = new Gateway(redis);
    await later.knows('session-of-alice', 'bob');
    assert.equal(stranger.known.size, 0);
    const stored = await redis.cli('XRANGE', 'turnpike:login:{ended}texts', '-', '+');
    assert.doesNotMatch(stored, /alice|bob/);
    assert.equal(stored.split('corporate ').length - 1, 2, 'each is there once');
  });

  it('are told when Redis is back, with everything that it has lost', async () => {
    await using redis = await redisServer();
    await using one = new Gateway(redis);
    await using other = new Gateway(redis);
    one.end('before');
    await other.knows('before');
    await redis.kill();
    one.end('meanwhile');
    await redis.restart();
    await other.knows('meanwhile');
    await using later = new Gateway(redis);
    await later.knows('before', 'meanwhile');
  });

  it('cannot be said by who only has the store', async () => {
    await using redis = await redisServer();
    await using one = new Gateway(redis);
    await using other = new Gateway(redis);
    one.end('first');
    await other.knows('first');
    const [sealed = ''] =
      /corporate (\S+)/.exec(await redis.cli('XRANGE', 'turnpike:login:{ended}texts', '-', '+'))?.slice(1) ??
      [];
    for (const text of [
      'corporate x',
      'corporate',
      '',
      `another ${sealed}`,
      `corporate ${sealed.slice(0, -2)}AA`,
    ])
      await redis.cli('XADD', 'turnpike:login:{ended}texts', '*', 't', text);
    one.end('last');
    await other.knows('last');
    assert.deepEqual([...other.known.keys()], ['first', 'last']);
  });
});
