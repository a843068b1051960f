// Two regions of a fleet in network namespaces, cut off from each other in every way, and roll-outs meanwhile.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { withoutPostgres } from '@turnpike/testkit/postgres-server';
import { ask, told, until } from '../fleet-world.ts';
import { failuresOf, loadsOn, openWorld, shared, surviveCut, untilSaid, type World } from '../region-cut.ts';
import { withoutRegions } from '../regions.ts';
import type { SteadyLoad } from '../steady-load.ts';

interface RolloutView {
  readonly id: number;
  readonly state: string;
  readonly reason: string;
}

describe('two regions', { skip: withoutPostgres() || withoutRegions(), timeout: 600_000 }, () => {
  let world: World;
  before(async () => {
    world = await openWorld();
  });
  after(() => world?.[Symbol.asyncDispose]());
  let loads: readonly SteadyLoad[] = [];
  // One that fails must not leave them running.
  afterEach(async () => void (await Promise.all(loads.map((load) => load.stop()))));

  for (const how of ['line', 'refusal', 'silence'] as const) {
    it(`serve everybody when they are cut off: ${how}`, async (test) => {
      const report = await surviveCut(world, how);
      test.diagnostic(JSON.stringify(report));
      assert.ok(report.healedMs < 5000, `it took ${report.healedMs} ms to catch up`);
    });
  }

  it('keep the leases of what registered there, and end those of what has gone', async () => {
    const [gateway] = world.b;
    assert.ok(gateway !== undefined);
    world.regions.cut('silence');
    try {
      await told(gateway, 'PUT /registry/users/short', { url: 'http://127.0.0.1:1', ttlSeconds: 5 });
      assert.deepEqual(await instances(), ['here', 'short']);
      await until('the lease has ended', async () => (await instances()).length === 1);
      assert.deepEqual(await instances(), ['here']);
    } finally {
      world.regions.heal('silence');
    }
    async function instances(): Promise<string[]> {
      const { status, text } = await ask(gateway as never, 'GET /registry');
      assert.equal(status, 200);
      return [...text.matchAll(/"id": "([a-z]+)"/g)].map(([, id]) => id ?? '').toSorted();
    }
  });

  it('take a roll-out back when the region that has it is cut off', async (test) => {
    const [first] = world.a;
    assert.ok(first !== undefined);
    await settled('good');
    loads = loadsOn(world.fleet.gateways);
    const rollout = await start('bad', [{ kind: 'zones', zones: ['b'] }], 600_000);
    await untilSaid(world.b, 'bad');
    await until('it is known', async () => {
      const { nodes } = await told<{ nodes: readonly { zone: string; revision: number }[] }>(
        first,
        'GET /v1/fleet',
      );
      return nodes.filter(({ zone }) => zone === 'b').every(({ revision }) => revision === rollout.revision);
    });
    world.regions.cut('line');
    try {
      const tookMs = await until(
        'it is taken back',
        async () => (await look(rollout.id)).state === 'rolled-back',
      );
      const { reason } = await look(rollout.id);
      test.diagnostic(JSON.stringify({ tookMs: Math.round(tookMs), reason }));
      assert.match(reason, /has not been heard of since/);
    } finally {
      world.regions.heal('line');
    }
    await untilSaid(world.fleet.gateways, 'good');
    assert.deepEqual(await failuresOf(loads), []);
  });

  it('let a roll-out go on that leaves the region out, and that takes it when it is back', async () => {
    await settled('old');
    loads = loadsOn(world.fleet.gateways);
    world.regions.cut('line');
    try {
      const rollout = await start('new', [{ kind: 'zones', zones: ['a'] }]);
      await until('it is complete', async () => (await look(rollout.id)).state === 'completed');
      await untilSaid(world.a, 'new');
      await untilSaid(world.b, 'old');
    } finally {
      world.regions.heal('line');
    }
    await untilSaid(world.b, 'new');
    assert.deepEqual(await failuresOf(loads), []);
  });

  it('do not complete a roll-out whose zone nobody is in', async () => {
    await settled('here');
    const rollout = await start('nowhere', [{ kind: 'zones', zones: ['c'] }]);
    const { reason } = await until(
      'it has ended',
      async () => (await look(rollout.id)).state !== 'running',
    ).then(() => look(rollout.id));
    assert.match(reason, /nobody/);
    await untilSaid(world.fleet.gateways, 'here');
  });

  async function settled(body: string): Promise<void> {
    const [first] = world.a;
    assert.ok(first !== undefined);
    await told(first, 'PUT /v1/routes/shared', shared(body));
    await untilSaid(world.fleet.gateways, body);
  }

  async function start(
    body: string,
    steps: readonly object[],
    stepMs = 2000,
  ): Promise<{ id: number; revision: number }> {
    const [first] = world.a;
    assert.ok(first !== undefined);
    const started = await told<{ rollout: { id: number; revision: number } }>(first, 'POST /v1/rollouts', {
      put: { routes: { shared: shared(body) } },
      steps,
      stepMs,
    });
    return started.rollout;
  }

  async function look(id: number): Promise<RolloutView> {
    const [first] = world.a;
    assert.ok(first !== undefined);
    return told<RolloutView>(first, `GET /v1/rollouts/${id}`);
  }
});
