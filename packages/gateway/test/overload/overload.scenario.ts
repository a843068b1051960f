// What the simulations say, over real sockets: `npm run overload`. It takes two minutes, and a machine that is not busy.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goodShare, inWorld } from './overload-world.ts';

const PRIORITIES = ['critical', 'high', 'normal', 'low', 'bulk'];
const WORKERS = 16;
const ONE = { short: { workMs: 20 } };
const WARM_UP = { seconds: 6, load: 0.5 };

describe('an adaptive limit before a real service', () => {
  it('keeps it at work at twice of what it can do, and forgets that within a second', async (t) => {
    await inWorld(t, { workers: WORKERS, routes: ONE }, async ({ run }) => {
      const before = await run(WARM_UP);
      const onset = await run({ seconds: 1, load: 2 });
      const overload = await run({ seconds: 8, load: 2 });
      await run({ seconds: 1, load: 0.5 });
      const after = await run({ seconds: 3, load: 0.5 });
      assert.equal(before.shed, 0);
      assert.ok(onset.goodput >= 0.93 && overload.goodput >= 0.93);
      assert.ok(overload.p99Ms <= 3 * before.p99Ms);
      assert.equal(after.shed, 0);
    });
  });

  it('is back within a second after a spike, which retries do not keep alive', async (t) => {
    const policies = { retry: { attempts: 3, perTry: '200ms', on: ['connect-failure', 'reset', 503] } };
    await inWorld(t, { workers: WORKERS, routes: { short: { workMs: 20, policies } } }, async ({ run }) => {
      await run({ seconds: 6, load: 0.6 });
      assert.ok((await run({ seconds: 4, load: 3 })).goodput >= 0.85);
      await run({ seconds: 1, load: 0.6 });
      const { good, offered, shedShare } = await run({ seconds: 4, load: 0.6 });
      assert.ok(good >= 0.99 * offered && shedShare <= 0.01);
    });
  });

  it('is what keeps it at work: without it nobody gets an answer in time', async (t) => {
    await inWorld(t, { workers: WORKERS, routes: ONE, concurrency: 'off' }, async ({ run }) => {
      await run(WARM_UP);
      assert.ok((await run({ seconds: 8, load: 2 })).goodput <= 0.4);
    });
  });

  it('serves priorities in strict order', async (t) => {
    const routes = Object.fromEntries(
      PRIORITIES.map((priority) => [priority, { workMs: 20, policies: { priority } }]),
    );
    await inWorld(t, { workers: WORKERS, routes }, async ({ run }) => {
      await run(WARM_UP);
      await run({ seconds: 1, load: 2 });
      const { byPath, goodput } = await run({ seconds: 8, load: 2 });
      const [critical = 0, high = 0, normal = 0, low = 0, bulk = 1] = Array.from(byPath.values(), goodShare);
      assert.ok(goodput >= 0.9);
      assert.ok(critical >= 0.99 && high >= 0.9);
      assert.ok(high > normal && normal > low && low >= bulk);
      assert.ok(normal >= 0.2 && low <= 0.2);
    });
  });

  it('does not take another mix of requests for slowness', async (t) => {
    const routes = { short: { workMs: 20 }, long: { workMs: 80 } };
    await inWorld(t, { workers: WORKERS, routes }, async ({ run }) => {
      await run({ seconds: 10, load: 0.5, paths: [...Array<string>(9).fill('/short'), '/long'] });
      const mixed = await run({
        seconds: 10,
        load: 0.5,
        paths: ['/short', ...Array<string>(4).fill('/long')],
      });
      assert.ok(mixed.shedShare <= 0.005);
    });
  });

  it('lets a service that has workers to spare be slower', async (t) => {
    await inWorld(t, { workers: WORKERS, routes: ONE }, async ({ run, replan }) => {
      await run({ seconds: 8, load: 0.7 });
      // As many requests as before, and each takes 2.5 times as long: the service could do ten times as many.
      replan({ workers: 25 * WORKERS, workMs: { '/short': 50 } });
      const noticing = await run({ seconds: 4, load: 0.07 });
      const after = await run({ seconds: 16, load: 0.07 });
      assert.ok((noticing.shed + after.shed) / (noticing.offered + after.offered) <= 0.03);
      assert.ok(after.shedShare <= 0.001);
    });
  });

  it('follows when half of the workers vanish', async (t) => {
    await inWorld(t, { workers: WORKERS, routes: ONE }, async ({ run, replan }) => {
      await run({ seconds: 8, load: 0.9 });
      replan({ workers: WORKERS / 2 });
      const halved = await run({ seconds: 10, load: 1.8 });
      assert.ok(halved.goodput >= 0.93);
    });
  });
});
