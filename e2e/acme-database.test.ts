// Certificates by ACME in the database: what the gateway orders, kept by the control plane, over a real authority and both databases.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { withoutAcmeServer } from '../packages/testkit/src/acme-server.ts';
import { openMaintenance } from '../packages/control/src/database.ts';
import { sealer as sealerOf } from '../packages/control/src/db/sealing.ts';
import { onBothDatabases, settingsOf } from '../packages/control/src/db/store-testing.ts';
import { sharedStorage } from '../packages/control/src/shared-storage.ts';
import { storageNames } from '../packages/gateway/src/acme/certificate-plan.ts';
import { keeperWorld } from '../packages/gateway/test/acme/keeper-world.ts';

const LONG_MS = 30_000;
const KEY = 'a key of tests that is long enough, 32 and more';

describe('certificates by ACME in the database', { skip: withoutAcmeServer() }, () => {
  onBothDatabases('of gateways that share it', ({ create, open }) => {
    it('are ordered once, shown by all, sealed, and opened after another key has come', async (t) => {
      const { keeper, orders, config } = await keeperWorld(t);
      const url = await create();
      const storages = [1, 2, 3].map(() => {
        const { shared } = open(url);
        return sharedStorage(
          () => shared,
          () => sealerOf([KEY]),
        );
      });
      const all = storages.map((storage) => keeper({ storage, haste: 20 }));
      for (const one of all) one.keeper.run();
      await eventually(() => all.every(({ used }) => used.length === 1), 'certificates', LONG_MS);
      assert.equal(new Set(all.map(({ used }) => used[0]?.key)).size, 1);
      assert.equal(orders(), 1);
      for (const { shown } of all) assert.ok(shown.some(({ answers }) => answers.length === 1));
      await Promise.all(all.map((one) => one.keeper.close()));

      const { certificate, account } = storageNames(config);
      const plain = open(url).shared;
      for (const name of [certificate, account]) assert.match((await plain.read(name)) ?? '', /^sealed:1:/);
      const db = openMaintenance({ ...settingsOf(url), keys: ['another key that is long enough, 32', KEY] });
      assert.ok((await db.rotateSecrets()) >= 2);
      await db.close();
      const later = sharedStorage(
        () => plain,
        () => sealerOf(['another key that is long enough, 32']),
      );
      const next = keeper({ storage: later });
      await next.keeper.begin();
      assert.equal(next.used[0]?.key, all[0]?.used[0]?.key);
      assert.equal(orders(), 1);
    });

    it('are ordered by the next when the one that had the lease has gone without a word', async (t) => {
      const { keeper, orders, config } = await keeperWorld(t);
      const { shared } = open(await create());
      const storage = sharedStorage(
        () => shared,
        () => sealerOf([KEY]),
      );
      const lost = await storage.lock(storageNames(config).lock, 300);
      assert.ok(lost !== null);
      const one = keeper({ storage });
      one.keeper.run();
      await eventually(() => one.used.length === 1, 'a certificate', LONG_MS);
      assert.equal(orders(), 1);
      assert.equal(await lost.renew(), false);
    });
  });
});
