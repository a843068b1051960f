import type { NodeReport } from '../domain/fleet.ts';
import type { Clock } from '../domain/ports.ts';
import type { FleetStore } from '../domain/store.ts';
import type { Database } from './database.ts';
import { sql } from './kysely.ts';
import type { Queries } from './tables.ts';
import { storable } from './texts.ts';

/** How long a job counts as somebody's who does not say more: they may have died. */
const LEASE_MS = 5000;

/**
 * The gateways of the fleet. What is old is measured by the clock of the database, because theirs may differ; what comes out is
 * in the time of who asks.
 */
export function nodeStore(
  { read, write, engine }: Database,
  { clock, holder }: { readonly clock: Clock; readonly holder: string },
): Pick<FleetStore, 'report' | 'nodes' | 'forget' | 'alone'> {
  async function databaseTime(db: Queries): Promise<number> {
    const { now } = await db.selectNoFrom(engine.now.as('now')).executeTakeFirstOrThrow();
    return now;
  }

  async function take(job: string): Promise<boolean> {
    return write(async (tx) => {
      const now = await databaseTime(tx);
      const row = { name: job, holder, until: now + LEASE_MS };
      const { numInsertedOrUpdatedRows = 0n } = await tx
        .insertInto('jobs')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row).where('jobs.until', '<', now))
        .executeTakeFirst();
      return numInsertedOrUpdatedRows > 0n;
    });
  }

  async function giveBack(job: string): Promise<void> {
    await write((tx) => tx.deleteFrom('jobs').where('name', '=', job).where('holder', '=', holder).execute());
  }

  return {
    async report(report) {
      const set = { report: storable(JSON.stringify(report)), heartbeat_at: engine.now };
      await write((tx) =>
        tx
          .insertInto('nodes')
          .values({ id: report.id, ...set })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(set))
          .execute(),
      );
    },
    nodes: () =>
      read(async (db) => {
        const rows = await db
          .selectFrom('nodes')
          .select(['report', sql<number>`${engine.now} - heartbeat_at`.as('age')])
          .orderBy('id')
          .execute();
        const now = clock.epoch();
        return rows.map(({ report, age }) => ({
          ...(JSON.parse(report) as NodeReport),
          heartbeatAt: now - age,
        }));
      }),
    async forget(before) {
      const age = clock.epoch() - before;
      await write((tx) =>
        tx
          .deleteFrom('nodes')
          .where('heartbeat_at', '<', sql<number>`${engine.now} - ${age}`)
          .execute(),
      );
    },
    async alone(job, work) {
      if (!(await take(job))) return false;
      try {
        await work();
      } finally {
        await giveBack(job);
      }
      return true;
    },
  };
}
