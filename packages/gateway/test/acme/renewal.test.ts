import assert from 'node:assert/strict';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually, manualClock } from '@turnpike/testkit';
import { withoutAcmeServer } from '../../../testkit/src/acme-server.ts';
import { redisServer, withoutRedis } from '../../../testkit/src/redis-server.ts';
import type { AcmeStorage } from '../../src/acme/acme-storage.ts';
import { storageNames } from '../../src/acme/certificate-plan.ts';
import { folderStorage } from '../../src/acme/folder-storage.ts';
import { systemClock } from '../../src/core/ports.ts';
import { AcmeStorages } from '../../src/threads/acme-storages.ts';
import { keeperWorld as world } from './keeper-world.ts';

const DAY_MS = 86_400_000;
const LONG_MS = 30_000;

describe('a certificate that is fetched', { skip: withoutAcmeServer() }, () => {
  it('is renewed after two thirds of its life, and its files are for nobody else', async (t) => {
    const { keeper, storage, folder, orders } = await world(t);
    const first = keeper({ storage });
    await first.keeper.begin();
    assert.equal(first.keeper.status.state, 'missing');
    first.keeper.run();
    await eventually(() => first.used.length === 1, 'a certificate', LONG_MS);
    const [{ validity }] = first.used as [(typeof first.used)[0]];
    assert.equal(first.keeper.status.state, 'valid');
    const names = (await readdir(folder)).filter((one) =>
      /^(account|certificate|attempts)-[\da-f]+$/.test(one),
    );
    assert.equal(names.length, 3);
    for (const name of names) {
      const { mode } = await stat(join(folder, name));
      assert.equal(mode & 0o077, 0, name);
    }
    first.clock.advance((validity.toMs - validity.fromMs) * 0.6);
    await eventually(() => first.shown.length > 0, 'a look');
    assert.equal(orders(), 1);
    first.clock.advance((validity.toMs - validity.fromMs) * 0.07);
    await eventually(() => first.used.length === 2, 'another certificate', LONG_MS);
    assert.equal(orders(), 2);
    assert.notEqual(first.used[0]?.key, first.used[1]?.key);
  });

  it('outlasts restarts, which order nothing', async (t) => {
    const { keeper, storage, orders } = await world(t);
    const first = keeper({ storage });
    first.keeper.run();
    await eventually(() => first.used.length === 1, 'a certificate', LONG_MS);
    await first.keeper.close();
    const second = keeper({ storage });
    await second.keeper.begin();
    assert.equal(second.used[0]?.certificate, first.used[0]?.certificate);
    assert.equal(orders(), 1);
  });

  it('is ordered once by gateways that share a folder, and all of them show the proof', async (t) => {
    const { keeper, folder, orders } = await world(t);
    const all = Array.from({ length: 3 }, () =>
      keeper({ storage: folderStorage(folder, systemClock, 'shared'), haste: 100 }),
    );
    for (const one of all) one.keeper.run();
    await eventually(() => all.every(({ used }) => used.length === 1), 'certificates', LONG_MS);
    assert.equal(new Set(all.map(({ used }) => used[0]?.key)).size, 1);
    assert.equal(orders(), 1);
    for (const { shown } of all) assert.ok(shown.some(({ answers }) => answers.length === 1));
  });

  it('is ordered once by gateways that share Redis', { skip: withoutRedis() }, async (t) => {
    const { keeper, orders, folder } = await world(t);
    await using redis = await redisServer();
    const [log] = [{ debug() {}, info() {}, warn() {}, error() {} }];
    const storages = [1, 2].map(() => new AcmeStorages(folder, { log, database: null }));
    t.after(() => storages.forEach((one) => one.close()));
    const all = storages.map((one) => {
      one.use({
        mode: 'single',
        urls: [redis.url],
        master: null,
        authorities: null,
        keyPrefix: 'x:',
        timeoutMs: 50,
      });
      return keeper({ storage: one.of({ kind: 'redis' }), local: one.of({ kind: 'state' }) });
    });
    for (const one of all) one.keeper.run();
    await eventually(() => all.every(({ used }) => used.length === 1), 'certificates', LONG_MS);
    assert.equal(new Set(all.map(({ used }) => used[0]?.key)).size, 1);
    assert.equal(orders(), 1);
    // With Redis gone, what is used is on this machine.
    await Promise.all(all.map((one) => one.keeper.close()));
    await redis.kill();
    const late = keeper({
      storage: (storages[0] as AcmeStorages).of({ kind: 'redis' }),
      local: folderStorage(join(folder, 'acme'), systemClock, 'own'),
    });
    await late.keeper.begin();
    assert.equal(late.used[0]?.key, all[0]?.used[0]?.key);
  });

  it('is ordered by another gateway when the one that had the lock has died', async (t) => {
    const { keeper, folder, orders, config } = await world(t);
    const clock = manualClock(Date.now());
    const storage = folderStorage(folder, clock, 'shared');
    const names = storageNames(config);
    // What a gateway leaves behind that dies in the middle of an order.
    assert.ok(await storage.lock(names.lock, 120_000));
    const left = { answers: [{ token: 'left', answer: 'behind' }], certificates: [] };
    await storage.write(names.challenges, JSON.stringify({ ...left, untilMs: clock.epoch() + 3_600_000 }));
    let looks = 0;
    const counting = {
      ...storage,
      lock: (...args: Parameters<typeof storage.lock>) => (looks++, storage.lock(...args)),
    };
    const [one, other] = [keeper({ storage: counting, clock }), keeper({ storage: counting, clock })];
    for (const each of [one, other]) each.keeper.run();
    await eventually(() => looks > 6, 'looks at the lock', LONG_MS);
    assert.equal(orders(), 0);
    assert.deepEqual(one.shown, [left]);
    clock.advance(121_000);
    await eventually(() => one.used.length + other.used.length === 2, 'certificates', LONG_MS);
    assert.equal(orders(), 1);
    await Promise.all([one.keeper.close(), other.keeper.close()]);
    assert.equal(await storage.read(names.challenges), null);
  });

  it('is shown no longer than its proofs say, though nobody takes them away', async (t) => {
    const { keeper, folder, config, authority } = await world(t);
    await authority.kill();
    const clock = manualClock(Date.now());
    const storage = folderStorage(folder, clock, 'shared');
    const left = { answers: [{ token: 'left', answer: 'behind' }], certificates: [] };
    const text = JSON.stringify({ ...left, untilMs: clock.epoch() + 60_000 });
    await storage.write(storageNames(config).challenges, text);
    await storage.lock(storageNames(config).lock, 3_600_000);
    const one = keeper({ storage, clock });
    one.keeper.run();
    await eventually(() => one.shown.length === 1, 'what was left behind');
    clock.advance(60_000);
    await eventually(() => one.shown.length === 2, 'its end');
    assert.deepEqual(one.shown, [left, { answers: [], certificates: [] }]);
  });

  it('is on this machine still when the shared storage was emptied', async (t) => {
    const { keeper, folder, orders } = await world(t);
    const [shared, local] = ['shared', 'own'].map((kind) =>
      folderStorage(join(folder, kind), systemClock, kind as 'shared' | 'own'),
    ) as [AcmeStorage, AcmeStorage];
    const first = keeper({ storage: shared, local });
    first.keeper.run();
    await eventually(() => first.used.length === 1, 'a certificate', LONG_MS);
    await first.keeper.close();
    await rm(join(folder, 'shared'), { recursive: true });
    const second = keeper({ storage: shared, local });
    await second.keeper.begin();
    assert.equal(second.used[0]?.key, first.used[0]?.key);
    assert.equal(orders(), 1);
  });

  it('waits for an authority that is down, longer each time, and comes when it is back', async (t) => {
    const { keeper, storage, authority, orders } = await world(t);
    await authority.kill();
    const one = keeper({ storage });
    one.keeper.run();
    await eventually(() => one.ordered.length === 1, 'a failure', LONG_MS);
    assert.deepEqual(one.ordered, ['failure']);
    assert.match(one.keeper.status.problem, /ECONNREFUSED/);
    const { nextOrderAtMs } = one.keeper.status;
    assert.ok(nextOrderAtMs !== null && nextOrderAtMs > one.clock.epoch() + 59_000);
    await authority.restart();
    one.clock.advance(80_000);
    await eventually(() => one.used.length === 1, 'a certificate', LONG_MS);
    assert.equal(orders(), 1);
    assert.equal(one.keeper.status.failures, 0);
  });

  it('is told of when the authority finds no proof', async (t) => {
    const { keeper, storage } = await world(t);
    const one = keeper({ storage, show: () => {} });
    one.keeper.run();
    await eventually(() => one.ordered.length === 1, 'a failure', LONG_MS);
    assert.match(one.keeper.status.problem, /a\.test is invalid: unauthorized: .*404/);
    assert.equal(one.keeper.status.failures, 1);
  });

  it('is ordered for an account that the authority knows from elsewhere', async (t) => {
    const hmacKey = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';
    const { keeper, storage, config } = await world(t, { knownAccounts: { 'kid-1': hmacKey } });
    const without = keeper({ storage });
    without.keeper.run();
    await eventually(() => without.ordered.length === 1, 'a failure', LONG_MS);
    assert.match(without.keeper.status.problem, /externalAccountRequired/);
    await without.keeper.close();
    const known = keeper({
      storage,
      config: { ...config, eab: { keyId: 'kid-1', hmacKey } },
      clock: manualClock(Date.now() + DAY_MS),
    });
    known.keeper.run();
    await eventually(() => known.used.length === 1, 'a certificate', LONG_MS);
  });
});
