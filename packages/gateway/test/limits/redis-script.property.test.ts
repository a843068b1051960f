// The script of the buckets in a real Redis, at times that the test chooses.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { redisServer, withoutRedis, type RedisServer } from '@turnpike/testkit/redis-server';
import * as fc from '@turnpike/testkit/fast-check';
import { ALGORITHM_NUMBERS, BUCKET_SCRIPT } from '../../src/stores/redis/bucket-script.ts';
import { openServer, type RedisClient } from '../../src/stores/redis/redis-client.ts';
import { ModelBuckets } from '../../src/stores/redis/redis-testing.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 200);
const START_MS = 1_800_000_000_000;

/** What is asked of one bucket. */
interface Asked {
  readonly key: string;
  readonly algorithm: keyof typeof ALGORITHM_NUMBERS;
  readonly limit: number;
  readonly windowMs: number;
  readonly burst: number;
  readonly returned?: number;
  readonly booked?: number;
  readonly wanted?: number;
}

/** Costs by number of the bucket. */
type Request = readonly (readonly [bucket: number, cost: number])[];

/** A request for one unit of the first bucket. */
const ONE: Request = [[1, 1]];
const TEN_A_SECOND: Asked = { key: 'k', algorithm: 'gcra', limit: 10, windowMs: 1000, burst: 20 };

function argsOf(asked: readonly Asked[], requests: readonly Request[]): string[] {
  const buckets = asked.flatMap(({ algorithm, limit, windowMs, burst, ...rest }) => {
    const { returned = 0, booked = 0, wanted = 0 } = rest;
    return [ALGORITHM_NUMBERS[algorithm], limit, windowMs * 1000, burst, returned, booked, wanted];
  });
  return [...buckets, ...requests.flatMap((request) => [request.length, ...request.flat()])].map(String);
}

describe('the script of the buckets', { skip: withoutRedis(), timeout: 120_000 }, () => {
  let redis: RedisServer;
  let client: RedisClient;

  before(async () => {
    redis = await redisServer();
    const address = { host: '127.0.0.1', port: redis.port, tls: null, login: {} };
    const attempt = { signal: new AbortController().signal, lost: () => {} };
    client = await openServer(address, attempt, () => Promise.resolve());
  });
  after(async () => {
    client?.destroy();
    await redis?.close();
  });

  /** Runs it at a time in ms since 1970; keys live for an hour more, so that a slow machine makes no difference. */
  async function run(atMs: number, asked: readonly Asked[], requests: readonly Request[]): Promise<number[]> {
    const us = Math.round(atMs * 1000);
    const script = BUCKET_SCRIPT.replace(
      "redis.call('TIME')",
      `{'${Math.floor(us / 1e6)}', '${us % 1e6}'}`,
    ).replace('SLACK_MS = 1000', 'SLACK_MS = 3600000');
    assert.ok(!script.includes('TIME'));
    const keys = asked.map(({ key }) => key);
    const command = ['EVAL', script, `${keys.length}`, ...keys, ...argsOf(asked, requests)];
    return (await client.send('', command)) as number[];
  }

  const clear = () => client.send('', ['FLUSHALL']);

  it('decides and counts as the model does, whatever comes', async () => {
    const quota = fc.record({ limit: fc.constantFrom(4, 10, 100), burst: fc.constantFrom(1, 5, 40) });
    const change = fc.record({
      returned: fc.constantFrom(0, 0, 1, 3),
      booked: fc.constantFrom(0, 0, 2, -2, 300),
      wanted: fc.constantFrom(0, 0, 1, 50),
    });
    const step = fc.record({
      afterMs: fc.constantFrom(0, 1, 25, 250, 333, 1000, 2500),
      changes: fc.tuple(change, change, change, change),
      requests: fc.array(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(0, 1, 1, 3)), { maxLength: 3 }),
        { maxLength: 5 },
      ),
    });
    const steps = fc.array(step, { minLength: 1, maxLength: 12 });
    const quotas = fc.tuple(quota, quota, quota, quota);
    const kinds = [
      { key: 'a', algorithm: 'gcra', windowMs: 1000 },
      { key: 'b', algorithm: 'gcra', windowMs: 60_000 },
      { key: 'c', algorithm: 'sliding', windowMs: 1000 },
      { key: 'd', algorithm: 'sliding', windowMs: 10_000 },
    ] as const;
    const keys = kinds.map(({ key }) => key);
    await fc.assert(
      fc.asyncProperty(quotas, steps, async (quotas, steps) => {
        await clear();
        const model = new ModelBuckets();
        let nowMs = START_MS;
        for (const { afterMs, changes, requests } of steps) {
          nowMs += afterMs;
          const asked = kinds.map((kind, i) => ({ ...TEN_A_SECOND, ...kind, ...quotas[i], ...changes[i] }));
          const reply = await run(nowMs, asked, requests);
          const expected = model.run(keys, argsOf(asked, requests), nowMs);
          const charges = requests.flat().length;
          assert.deepEqual(
            reply.slice(0, charges).map((wait) => wait === 0),
            expected.hasRoom,
          );
          assert.deepEqual(
            keys.map((_, i) => reply.slice(charges + 3 * i, charges + 3 * i + 2)),
            expected.buckets.map(({ leased, level }) => [leased, Math.floor(level + 1e-6)]),
          );
        }
      }),
      { numRuns: CASES },
    );
  });

  it('says when there is room, and when there is one unit more', async () => {
    const anyBucket = fc.record({
      key: fc.constant('k'),
      algorithm: fc.constantFrom('gcra', 'sliding'),
      limit: fc.integer({ min: 2, max: 1000 }),
      windowMs: fc.constantFrom(1000, 60_000, 86_400_000),
      booked: fc.integer({ min: 0, max: 1000 }),
      before: fc.integer({ min: 0, max: 1000 }),
      afterMs: fc.integer({ min: 0, max: 50_000 }),
    });
    await fc.assert(
      fc.asyncProperty(anyBucket, async ({ before, afterMs, booked, algorithm, ...rest }) => {
        await clear();
        const asked = { ...rest, algorithm, burst: rest.limit };
        await run(START_MS, [{ ...asked, booked: before % rest.limit }], []);
        const nowMs = START_MS + afterMs;
        const [wait = 0, , level = 0, more = 0] = await run(
          nowMs,
          [{ ...asked, booked: booked % rest.limit }],
          [[[1, 2]]],
        );
        const peek = (us: number) => run(nowMs + us / 1000, [asked], []);
        // Less than a millionth of a unit is not waited for.
        const hardly = 2 + (rest.windowMs * 1000) / 1e6;
        if (more > 0) assert.ok(((await peek(more + 1))[1] ?? 0) > Math.max(0, level));
        if (more > hardly) assert.ok(((await peek(more - hardly))[1] ?? 0) <= Math.max(0, level));
        if (wait > 0) {
          if (wait > hardly) assert.ok(((await peek(wait - hardly))[1] ?? 0) < 2);
          assert.equal((await run(nowMs + (wait + 1) / 1000, [asked], [[[1, 2]]]))[0], 0);
        }
      }),
      { numRuns: CASES },
    );
  });

  it('takes a clock that goes back for a window at most', async () => {
    for (const algorithm of ['gcra', 'sliding'] as const) {
      await clear();
      const asked = { ...TEN_A_SECOND, algorithm, burst: 10 };
      await run(START_MS, [{ ...asked, booked: 10 }], []);
      const [wait = 0] = await run(START_MS - 3_600_000, [asked], [ONE]);
      assert.ok(wait <= 2_000_000 + 1, `${wait} µs`);
    }
  });

  it('is not confused by what somebody else has written under its keys', async () => {
    for (const value of ['', 'x', '1 2', 'a b c', '-5']) {
      await client.send('', ['SET', 'k', value]);
      assert.equal((await run(START_MS, [TEN_A_SECOND], [ONE]))[0], 0, value);
      await client.send('', ['SET', 'k', value]);
      assert.equal((await run(START_MS, [{ ...TEN_A_SECOND, algorithm: 'sliding' }], [ONE]))[0], 0, value);
    }
  });

  it('lets every key expire, as soon as it says nothing any more', async () => {
    await clear();
    const gcra = { ...TEN_A_SECOND, windowMs: 60_000 };
    const asked = [gcra, { ...gcra, key: 's', algorithm: 'sliding' }] as const;
    const call = (asked: readonly Asked[], requests: readonly Request[]) =>
      client.send('', ['EVAL', BUCKET_SCRIPT, '2', 'k', 's', ...argsOf(asked, requests)]);
    const lifeMs = async (key: string) => Number(await client.send('', ['PTTL', key]));
    const both: Request = [
      [1, 5],
      [2, 5],
    ];
    await call(asked, [both]);
    const [ofGcra, ofSliding] = [await lifeMs('k'), await lifeMs('s')];
    assert.ok(ofGcra > 0 && ofGcra <= 31_001, `${ofGcra} ms`);
    assert.ok(ofSliding > 0 && ofSliding <= 121_001, `${ofSliding} ms`);

    const noMore = asked.map((bucket) => ({ ...bucket, returned: 5 }));
    await call(noMore, []);
    assert.deepEqual(await client.send('', ['KEYS', '*']), [], 'to these all came back');
    await call(asked, []);
    await call(asked, [[[1, 100]]]);
    assert.deepEqual(await client.send('', ['KEYS', '*']), [], 'of these nothing was used');
  });
});
