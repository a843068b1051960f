import type { SharedTextStore } from '../domain/store.ts';
import type { Database } from './database.ts';

/** What gateways share beside objects. Leases are measured by the clock of the database, because theirs may differ. */
export function sharedTextStore({ read, write, engine }: Database): SharedTextStore {
  return {
    read: (name) =>
      read(async (db) => {
        const query = db.selectFrom('shared_texts').select('value').where('name', '=', name);
        return (await query.executeTakeFirst())?.value ?? null;
      }),
    write: async (name, value) => {
      await write((tx) => {
        const insert = tx.insertInto('shared_texts').values({ name, value });
        return insert.onConflict((conflict) => conflict.column('name').doUpdateSet({ value })).execute();
      });
    },
    create: async (name, value) => {
      await write((tx) => {
        const insert = tx.insertInto('shared_texts').values({ name, value });
        return insert.onConflict((conflict) => conflict.doNothing()).execute();
      });
    },
    remove: async (name) => {
      await write((tx) => tx.deleteFrom('shared_texts').where('name', '=', name).execute());
    },
    takeLease: (name, { holder, leaseMs }) =>
      write(async (tx) => {
        const { now } = await tx.selectNoFrom(engine.now.as('now')).executeTakeFirstOrThrow();
        const row = { name: leaseName(name), holder, until: now + leaseMs };
        const { numInsertedOrUpdatedRows: count = 0n } = await tx
          .insertInto('jobs')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doUpdateSet(row).where('jobs.until', '<=', now))
          .executeTakeFirst();
        return count > 0n;
      }),
    renewLease: (name, { holder, leaseMs }) =>
      write(async (tx) => {
        const { now } = await tx.selectNoFrom(engine.now.as('now')).executeTakeFirstOrThrow();
        const { numUpdatedRows } = await tx
          .updateTable('jobs')
          .set({ until: now + leaseMs })
          .where('name', '=', leaseName(name))
          .where('holder', '=', holder)
          .where('until', '>', now)
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),
    releaseLease: async (name, holder) => {
      await write((tx) =>
        tx.deleteFrom('jobs').where('name', '=', leaseName(name)).where('holder', '=', holder).execute(),
      );
    },
  };
}

/** Beside the jobs of the fleet. */
function leaseName(name: string): string {
  return `lease:${name}`;
}
