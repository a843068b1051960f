import type { Workspace } from '../domain/callers.ts';
import type { NamedStore } from '../domain/store.ts';
import type { Changing } from './changing.ts';
import type { Database } from './database.ts';
import type { Queries } from './tables.ts';

/** Workspaces, by name. */
export function workspaceStore({ read }: Database, change: Changing): NamedStore<Workspace> {
  return {
    find: (name) => read((db) => findIn(db, name)),
    list: () =>
      read(async (db) => {
        const rows = await db.selectFrom('workspaces').selectAll().orderBy('name').execute();
        return rows.map(({ document }) => JSON.parse(document) as Workspace);
      }),
    async put(workspace, permits = always) {
      const { name } = workspace;
      const row = { name, document: JSON.stringify(workspace) };
      const done = await change('workspaces', async (tx) => {
        if (!permits(await findIn(tx, name))) return null;
        const put = tx.insertInto('workspaces').values(row);
        return put.onConflict((conflict) => conflict.column('name').doUpdateSet(row)).execute();
      });
      return done !== null;
    },
    async remove(name, permits = always) {
      const removed = await change('workspaces', async (tx) => {
        if (!permits(await findIn(tx, name))) return null;
        const { numDeletedRows } = await tx
          .deleteFrom('workspaces')
          .where('name', '=', name)
          .executeTakeFirst();
        return numDeletedRows === 0n ? null : numDeletedRows;
      });
      return removed !== null;
    },
  };
}

async function findIn(db: Queries, name: string): Promise<Workspace | null> {
  const row = await db.selectFrom('workspaces').selectAll().where('name', '=', name).executeTakeFirst();
  return row === undefined ? null : (JSON.parse(row.document) as Workspace);
}

/** Changes of one kind wait for each other, so nobody comes in between. */
const always = (): boolean => true;
