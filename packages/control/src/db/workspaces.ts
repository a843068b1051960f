import type { Workspace } from '../domain/callers.ts';
import type { NamedStore } from '../domain/store.ts';
import type { Changing } from './changing.ts';
import type { Database } from './database.ts';

/** Workspaces, by name. */
export function workspaceStore({ read }: Database, change: Changing): NamedStore<Workspace> {
  return {
    find: (name) =>
      read(async (db) => {
        const row = await db.selectFrom('workspaces').selectAll().where('name', '=', name).executeTakeFirst();
        return row === undefined ? null : (JSON.parse(row.document) as Workspace);
      }),
    list: () =>
      read(async (db) => {
        const rows = await db.selectFrom('workspaces').selectAll().orderBy('name').execute();
        return rows.map(({ document }) => JSON.parse(document) as Workspace);
      }),
    async put(workspace) {
      const row = { name: workspace.name, document: JSON.stringify(workspace) };
      await change('workspaces', (tx) => {
        const put = tx.insertInto('workspaces').values(row);
        return put.onConflict((conflict) => conflict.column('name').doUpdateSet(row)).execute();
      });
    },
    async remove(name) {
      const removed = await change('workspaces', async (tx) => {
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
