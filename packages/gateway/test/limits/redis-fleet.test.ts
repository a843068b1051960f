// Four gateway processes on one Redis.
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { redisServer, withoutRedis, type RedisServer } from '@turnpike/testkit/redis-server';
import type { Quota } from '../../src/core/counters.ts';
import { charge, configFor, startGateway } from './redis-fixture.ts';
import type { Orders, Tally } from './redis-gateway-process.ts';

const GATEWAYS = 4;
const PATIENCE_MS = 60_000;
const PROGRAM = new URL('./redis-gateway-process.ts', import.meta.url);

/** Several gateways that do the same. */
class Fleet implements AsyncDisposable {
  readonly #processes: readonly ChildProcess[];
  readonly #tallies: Tally[] = [];

  /** `timeoutMs` is so long that a busy machine is not taken for a Redis that fails. */
  constructor(redis: RedisServer, orders: Omit<Orders, 'config'>, timeoutMs = 10_000) {
    this.#processes = Array.from({ length: GATEWAYS }, (_, i) => {
      const process = fork(PROGRAM);
      process.on('message', (tally: Tally) => (this.#tallies[i] = tally));
      process.send({ ...orders, config: configFor([redis], { timeoutMs }) });
      return process;
    });
  }

  sum(what: Exclude<keyof Tally, 'isDone'>): number {
    return this.#tallies.reduce((sum, tally) => sum + tally[what], 0);
  }

  /** Waits until they have counted so much more than now. */
  async seesMore(what: Exclude<keyof Tally, 'isDone'>, more: number): Promise<void> {
    const goal = this.sum(what) + more;
    await eventually(() => this.sum(what) >= goal, `${goal} ${what}`, PATIENCE_MS);
  }

  /** Tells them to stop. */
  stop(): void {
    for (const process of this.#processes) process.send('stop');
  }

  /** Waits until all have come to their end, and gives how they ended. */
  async ended(): Promise<(number | null)[]> {
    return Promise.all(
      this.#processes.map(async (process) => {
        if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
        return process.exitCode;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) process.kill('SIGKILL');
    await Promise.all(
      this.#processes.map(async (process) => {
        if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
      }),
    );
  }
}

const WELL = [0, 0, 0, 0];

describe('four gateways on one Redis', { skip: withoutRedis(), timeout: 180_000 }, () => {
  it('let through what the limit allows, to the last unit, and nothing more', async () => {
    const quota: Quota = { limit: 8000, windowMs: 30 * 86_400_000, burst: 8000 };
    await using redis = await redisServer();
    await using fleet = new Fleet(redis, { quota, pace: 'greedy' });
    // Nothing is stuck anywhere: what one of them fetched and did not use, the others get.
    await fleet.seesMore('admitted', 7920);
    fleet.stop();
    assert.deepEqual(await fleet.ended(), WELL);
    const admitted = fleet.sum('admitted');
    assert.ok(admitted <= 8000, `${admitted} were let through`);

    await using another = startGateway(configFor([redis]));
    const left = 8000 - admitted;
    assert.equal(await another.whenAnswered(charge({ quota, cost: left })), true, `${left} were left`);
    assert.equal(await another.whenAnswered(charge({ quota })), false);
  });

  it('never let more through than rate and burst allow, when all of them ask for far more', async () => {
    const quota: Quota = { limit: 1000, windowMs: 1000, burst: 100 };
    await using redis = await redisServer();
    const startMs = performance.now();
    await using fleet = new Fleet(redis, { quota, pace: 'greedy' });
    await fleet.seesMore('admitted', 3000);
    fleet.stop();
    assert.deepEqual(await fleet.ended(), WELL);
    const allowed = quota.burst + performance.now() - startMs;
    assert.ok(fleet.sum('admitted') <= allowed, `${fleet.sum('admitted')} of ${allowed}`);
    assert.ok(fleet.sum('denied') > 0);
  });

  it('ask Redis for less than one request in seven below the limit', async () => {
    const quota: Quota = { limit: 1000, windowMs: 1000, burst: 100 };
    await using redis = await redisServer();
    await using fleet = new Fleet(redis, { quota, pace: { perSecond: 225, requests: 900 } });
    assert.deepEqual(await fleet.ended(), WELL);
    const [, calls] = /cmdstat_evalsha:calls=(\d+)/.exec(await redis.cli('INFO', 'commandstats')) ?? [];
    assert.equal(fleet.sum('asked'), 3600);
    assert.ok(Number(calls) > 0 && Number(calls) <= 0.15 * 3600, `${calls} calls`);
  });

  it('outlive a Redis that is killed, restarted, paused and flushed', async () => {
    const quota: Quota = { limit: 1000, windowMs: 1000, burst: 100 };
    await using redis = await redisServer();
    const startMs = performance.now();
    await using fleet = new Fleet(redis, { quota, pace: 'greedy' }, 50);
    await fleet.seesMore('admitted', 500);

    await redis.kill();
    await fleet.seesMore('unavailable', 20);
    await redis.restart();
    await fleet.seesMore('admitted', 500);

    redis.pause();
    await fleet.seesMore('unavailable', 20);
    redis.resume();
    await fleet.seesMore('admitted', 500);

    await redis.cli('SCRIPT', 'FLUSH');
    await redis.cli('FLUSHALL');
    await fleet.seesMore('admitted', 500);
    fleet.stop();
    assert.deepEqual(await fleet.ended(), WELL);
    // Twice Redis forgot, and all buckets were full again.
    const allowed = 3 * quota.burst + performance.now() - startMs;
    assert.ok(fleet.sum('admitted') <= allowed, `${fleet.sum('admitted')} of ${allowed}`);
  });
});
