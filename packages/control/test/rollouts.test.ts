// Roll-outs over a fleet of gateways that share a real database. Their load is told, everything else is as it is.
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { FleetNode, NodeLoad, Rollout, Selection } from '../src/domain/fleet.ts';
import type { Clock, Log } from '../src/domain/ports.ts';
import type { Store } from '../src/domain/store.ts';
import { openDatabase } from '../src/db/open-store.ts';
import {
  commit,
  type Databases,
  draftOf,
  onBothDatabases,
  routes,
  settingsOf,
  startRollout,
} from '../src/db/store-testing.ts';
import { type Membership, membership } from '../src/publish/membership.ts';
import { RolloutGuard } from '../src/publish/rollout-guard.ts';
import { rolloutTarget } from '../src/publish/rollout-target.ts';

const QUIET: Log = {
  debug() {},
  info() {},
  warn() {},
  error: (message, fields) => assert.fail(`${message} ${JSON.stringify(fields)}`),
};
const LOAD: NodeLoad = { requests: 1000, errors: 1, p50Ms: 5, p99Ms: 20, inFlight: 1, cpu: 0.1 };
const STEP_MS = 60_000;
const ALL = { limit: 100, after: null };

/** Time that runs as it does, with jumps; whoever waits for it waits for moments only. */
function hastyClock(): Clock & { jump(ms: number): void } {
  let offsetMs = 0;
  return {
    epoch: () => Date.now() + offsetMs,
    jump: (ms) => (offsetMs += ms),
    after(ms, run) {
      const timer = setTimeout(run, Math.min(ms, 15));
      return () => clearTimeout(timer);
    },
  };
}

interface Gateway {
  readonly store: Store;
  revision: number;
  /** The most it ever had. */
  taken: Set<number>;
  readonly reports: Membership;
  readonly guard: RolloutGuard;
}

interface Fleet {
  readonly clock: ReturnType<typeof hastyClock>;
  readonly gateways: readonly Gateway[];
  /** Revisions that do harm, and what harm that is. */
  readonly harm: Map<number, Partial<FleetNode>>;
  readonly store: Store;
  readonly url: string;
  /** Lets time pass: on the clocks of the gateways, and on that of the database. */
  pass(ms: number): Promise<void>;
  start(steps: readonly Selection[]): Promise<Rollout>;
  ended(): Promise<Rollout>;
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
}

/** Gateways that follow the database as fast as they can. `guards`: how many of them watch roll-outs. */
async function fleetOf(
  t: TestContext,
  { create, open }: Databases,
  size: number,
  guards = size,
): Promise<Fleet> {
  const url = await create();
  const clock = hastyClock();
  const harm = new Map<number, Partial<FleetNode>>();
  const over = new AbortController();
  const loops: Promise<void>[] = [];
  const first = open(url, { clock });
  await commit(first, routes({ a: { path: '/good' }, gone: { path: '/gone' } }));

  const gateways = Array.from({ length: size }, (_, at): Gateway => {
    const store = open(url, { clock, pollMs: 15 });
    const self = { id: `id-${at}`, name: `gw${at}`, zone: at === 0 ? 'one' : 'other' };
    const describe = () => {
      const about = { version: '1', startedAt: 1, quarantined: [], load: LOAD };
      return { ...self, ...about, revision: gateway.revision, ...harm.get(gateway.revision) };
    };
    const reports = membership({ fleet: store.fleet, clock, log: QUIET, describe });
    const guard = new RolloutGuard({ store, clock, log: QUIET, name: self.name });
    const gateway: Gateway = { store, revision: 1, taken: new Set([1]), reports, guard };
    if (at < guards) guard.start();
    const target = rolloutTarget(store, { self, clock });
    loops.push(
      (async () => {
        while (!over.signal.aborted) {
          gateway.revision = await target(await store.revisions.head());
          gateway.taken.add(gateway.revision);
          reports.changed();
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      })(),
    );
    return gateway;
  });
  t.after(async () => {
    over.abort();
    await Promise.all(loops);
    await Promise.all(gateways.map(({ reports }) => reports.close()));
    await Promise.all(gateways.map(({ guard }) => guard.close()));
    await Promise.all([first, ...gateways.map(({ store }) => store)].map((store) => store.close()));
  });

  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const endsAt = Date.now() + 60_000;
    while (!(await holds())) {
      assert.ok(Date.now() < endsAt, `${what}: not in time`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  await until('all are there', async () => (await first.fleet.nodes()).length === size);
  return {
    clock,
    gateways,
    harm,
    url,
    store: first,
    until,
    async pass(ms) {
      clock.jump(ms);
      const db = openDatabase(settingsOf(url));
      await db.write((tx) =>
        tx
          .updateTable('rollouts')
          .set((eb) => ({ started_at: eb('started_at', '-', ms), stepped_at: eb('stepped_at', '-', ms) }))
          .execute(),
      );
      await db.close();
    },
    async start(steps) {
      const changes = routes({ a: { path: '/new' }, b: { path: '/b' }, gone: null });
      return startRollout(first, { steps, stepMs: STEP_MS }, changes);
    },
    async ended() {
      await until('the roll-out has ended', async () => (await first.fleet.rollout()) === null);
      const [last] = (await first.fleet.rollouts(ALL)).items;
      assert.ok(last !== undefined);
      return last;
    },
  };
}

const STEPS: readonly Selection[] = [
  { kind: 'percent', percent: 5 },
  { kind: 'percent', percent: 50 },
];

/** How many have a revision. */
function countAt({ gateways }: Fleet, revision: number): number {
  return gateways.filter((gateway) => gateway.revision === revision).length;
}

async function pathsAt(store: Store, revision: number) {
  const objects = await store.objects.at(revision);
  return Object.fromEntries(objects.map(({ name, document }) => [name, document['path']]));
}

onBothDatabases('a roll-out', (databases) => {
  it('goes to one gateway, to more, and to all when nothing goes wrong', async (t) => {
    const fleet = await fleetOf(t, databases, 4);
    await fleet.start(STEPS);
    await fleet.until('one has it', () => countAt(fleet, 2) >= 1);
    assert.ok(countAt(fleet, 2) < 4);
    const early = fleet.gateways.filter(({ revision }) => revision === 2);
    await fleet.pass(STEP_MS);
    await fleet.until('it has stepped', async () => (await fleet.store.fleet.rollout())?.step === 1);
    assert.ok(early.every(({ revision }) => revision === 2));
    await fleet.until('some have it', () => countAt(fleet, 2) >= early.length);
    assert.ok(
      early.every(({ taken }) => taken.size === 2),
      'nobody goes back in between',
    );
    await fleet.pass(STEP_MS);
    assert.equal((await fleet.ended()).state, 'completed');
    await fleet.until('all have it', () => countAt(fleet, 2) === 4);
    assert.equal(await fleet.store.revisions.head(), 2);
  });

  const HARMS: readonly [string, Partial<FleetNode>, RegExp][] = [
    ['errors', { load: { ...LOAD, errors: 80 } }, /8\.0 % of requests fail/],
    ['slowness', { load: { ...LOAD, p99Ms: 200 } }, /takes 200 ms where it is in use, elsewhere 20 ms/],
    ['an object that does not fit', { quarantined: ['routes.b'] }, /routes\.b/],
    ['a reload that fails', { problem: 'the threads do not take it' }, /the threads do not take it/],
  ];
  for (const [name, harm, reason] of HARMS) {
    it(`is halted and taken back after ${name}, and the others never had it`, async (t) => {
      const fleet = await fleetOf(t, databases, 4);
      fleet.harm.set(2, harm);
      await fleet.start([{ kind: 'zones', zones: ['one'] }, ...STEPS]);
      await fleet.until('one has it', () => countAt(fleet, 2) === 1);
      // It has to be seen twice, with seconds in between.
      if (name === 'slowness')
        for (let at = 0; at < 20; at++) setTimeout(() => fleet.clock.jump(500), at * 30);
      const ended = await fleet.ended();
      assert.equal(ended.state, 'rolled-back');
      assert.match(ended.reason, reason);
      await fleet.until('all have what was before', () => countAt(fleet, 3) === 4);
      assert.equal(await fleet.store.revisions.head(), 3);
      assert.deepEqual(await pathsAt(fleet.store, 3), { a: '/good', gone: '/gone' });
      const halt = await fleet.store.revisions.find(3);
      assert.equal(halt?.origin, 'halt');
      assert.match(halt.message, reason);
      assert.deepEqual(
        fleet.gateways.map(({ taken }) => taken.has(2)),
        [true, false, false, false],
      );
      await fleet.until('it is on record', async () => {
        const { items } = await fleet.store.audit.list({ workspaces: null, action: 'rollout.halt' }, ALL);
        return items.length === 1;
      });
    });
  }

  it('is halted when a gateway that took it is not heard of any more', async (t) => {
    const fleet = await fleetOf(t, databases, 3);
    await fleet.start([{ kind: 'zones', zones: ['one'] }]);
    await fleet.until('one has it', async () =>
      (await fleet.store.fleet.nodes()).some(({ revision }) => revision === 2),
    );
    await fleet.gateways[0]?.reports.close();
    const db = openDatabase(settingsOf(fleet.url));
    await db.write(async (tx) => {
      const { heartbeat_at: at } = await tx
        .selectFrom('nodes')
        .select('heartbeat_at')
        .where('id', '=', 'id-0')
        .executeTakeFirstOrThrow();
      // It took it, and then was silent for eleven seconds.
      await tx
        .updateTable('nodes')
        .set({ heartbeat_at: at - 11_000 })
        .where('id', '=', 'id-0')
        .execute();
      await tx
        .updateTable('rollouts')
        .set({ started_at: at - 12_000 })
        .execute();
    });
    await db.close();
    assert.match((await fleet.ended()).reason, /gw0 took it and has not been heard of since/);
  });

  for (const skewMs of [60_000, -60_000]) {
    it(`is the same for gateways whose clocks differ by ${skewMs} ms`, async (t) => {
      const fleet = await fleetOf(t, databases, 2);
      const other = databases.open(fleet.url, {
        clock: { ...fleet.clock, epoch: () => fleet.clock.epoch() + skewMs },
      });
      t.after(() => other.close());
      const { id } = await fleet.start([{ kind: 'zones', zones: ['one'] }]);
      const [here, there] = [await fleet.store.fleet.rollout(), await other.fleet.rollout()];
      assert.ok(here !== null && there !== null);
      assert.ok(Math.abs(there.startedAt - skewMs - here.startedAt) < 10_000);
      const steppedAt = fleet.clock.epoch() + skewMs;
      assert.ok(await other.fleet.advance({ id, step: 0, state: 'running' }, { steppedAt }));
      const now = await fleet.store.fleet.rollout();
      assert.ok(now !== null && Math.abs(now.steppedAt - fleet.clock.epoch()) < 10_000);
    });
  }

  it('is taken back when nobody is in its step', async (t) => {
    const fleet = await fleetOf(t, databases, 2);
    await fleet.start([{ kind: 'zones', zones: ['nowhere'] }]);
    await fleet.pass(STEP_MS);
    const ended = await fleet.ended();
    assert.equal(ended.state, 'rolled-back');
    assert.match(ended.reason, /nobody is in step 1/);
    await fleet.until('all have what was before', () => countAt(fleet, 3) === 2);
    assert.ok(fleet.gateways.every(({ taken }) => !taken.has(2)));
  });

  it('stays where it is while it is paused, and is judged again when it goes on', async (t) => {
    const fleet = await fleetOf(t, databases, 3);
    const rollout = await fleet.start([{ kind: 'zones', zones: ['one'] }]);
    await fleet.until('one has it', () => countAt(fleet, 2) === 1);
    assert.ok(await fleet.store.fleet.advance(rollout, { state: 'paused', reason: 'by ada' }));
    fleet.harm.set(2, { problem: 'broken' });
    await fleet.pass(10 * STEP_MS);
    const reports = async () => (await fleet.store.fleet.nodes()).some(({ problem }) => problem === 'broken');
    await fleet.until('it is told', reports);
    for (let look = 0; look < 10; look++) {
      assert.equal((await fleet.store.fleet.rollout())?.state, 'paused');
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    assert.deepEqual([countAt(fleet, 1), countAt(fleet, 2)], [2, 1]);
    await fleet.store.fleet.advance({ ...rollout, state: 'paused' }, { state: 'running', reason: '' });
    assert.equal((await fleet.ended()).state, 'rolled-back');
  });

  it('waits for a gateway that was to take it and has not yet', async (t) => {
    const fleet = await fleetOf(t, databases, 3);
    // It is there and does not move.
    const { version, startedAt, load } = { version: '1', startedAt: 1, load: LOAD };
    const slow = { id: 'slow', name: 'slow', zone: 'one', version, startedAt, load, revision: 1 };
    await fleet.store.fleet.report({ ...slow, quarantined: [] });
    await fleet.start([{ kind: 'zones', zones: ['one'] }]);
    await fleet.until('one has it', () => countAt(fleet, 2) === 1);
    await fleet.pass(2 * STEP_MS);
    for (let look = 0; look < 10; look++) {
      assert.equal((await fleet.store.fleet.rollout())?.step, 0);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await fleet.store.fleet.report({ ...slow, quarantined: [], revision: 2 });
    assert.equal((await fleet.ended()).state, 'completed');
  });

  it('stands in the way of every other change, but not of what takes it back', async (t) => {
    const fleet = await fleetOf(t, databases, 2, 0);
    const rollout = await fleet.start([{ kind: 'zones', zones: ['one'] }]);
    const { revisions, fleet: members } = fleet.store;
    const other = await revisions.commit(draftOf(2, routes({ x: {} })));
    assert.deepEqual(other, { kind: 'stale' });
    const plan = { steps: STEPS, stepMs: STEP_MS };
    for (const origin of ['api', 'rollback'] as const) {
      const second = await revisions.commit(draftOf(2, routes({ x: {} }), { origin, rollout: plan }));
      assert.deepEqual(second, { kind: 'stale' });
    }
    assert.equal(await revisions.head(), 2);
    const back = await revisions.commit(draftOf(2, routes({ a: { path: '/good' } }), { origin: 'rollback' }));
    assert.equal(back.kind, 'committed');
    await fleet.until('both stay until it ends', () => countAt(fleet, 3) === 0);
    assert.ok(await members.advance(rollout, { state: 'rolled-back' }));
    assert.ok(!(await members.advance(rollout, { state: 'completed' })));
    await fleet.until('then both go to the newest', () => countAt(fleet, 3) === 2);
    assert.equal((await revisions.commit(draftOf(3, routes({ x: {} })))).kind, 'committed');
  });

  it('ends when somebody has taken it back and could not say so', async (t) => {
    const fleet = await fleetOf(t, databases, 2);
    await fleet.start([{ kind: 'zones', zones: ['one'] }]);
    const before = { a: { path: '/good' }, b: null, gone: { path: '/gone' } };
    await fleet.store.revisions.commit(draftOf(2, routes(before), { origin: 'rollback' }));
    assert.equal((await fleet.ended()).state, 'rolled-back');
    await fleet.until('all have it', () => countAt(fleet, 3) === 2);
  });

  it('ends when its revision never comes: an older program announced it, and died', async (t) => {
    const fleet = await fleetOf(t, databases, 2);
    const { id } = await fleet.start(STEPS);
    await fleet.store.fleet.advance({ id, step: 0, state: 'running' }, { state: 'paused' });
    const db = openDatabase(settingsOf(fleet.url));
    await db.write((tx) =>
      tx.updateTable('rollouts').set({ revision: 3, base: 2, state: 'running' }).execute(),
    );
    await db.close();
    await fleet.pass(20_000);
    assert.match((await fleet.ended()).reason, /never committed/);
    await fleet.until('all have what is there', () => countAt(fleet, 2) === 2);
  });
});
