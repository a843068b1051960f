import type { AuditEntry } from '../domain/fleet.ts';
import type { AuditStore } from '../domain/store.ts';
import { type Database, nextNumber } from './database.ts';
import type { Selectable } from './kysely.ts';
import { numberBefore, page, rowsFor } from './pages.ts';
import type { Tables } from './tables.ts';
import { storable } from './texts.ts';

/** The audit log. Nothing here changes or removes a line of it. */
export function auditStore({ read, write }: Database): AuditStore {
  return {
    async add(entry) {
      const texts = {
        author: storable(entry.author),
        address: storable(entry.address),
        target: storable(entry.target),
        detail: storable(entry.detail),
      };
      const { at, action, workspace, outcome, revision } = entry;
      await write(async (tx) => {
        const id = await nextNumber(tx, 'audit');
        const row = { id, at, action, workspace, outcome, revision, ...texts };
        await tx.insertInto('audit').values(row).execute();
      });
    },
    list: ({ author, action, workspaces }, query) =>
      read(async (db) => {
        if (workspaces?.length === 0) return { items: [], next: null };
        let found = db.selectFrom('audit').selectAll().where('id', '<', numberBefore(query));
        if (author !== undefined) found = found.where('author', '=', author);
        if (action !== undefined) found = found.where('action', '=', action);
        if (workspaces !== null) found = found.where('workspace', 'in', workspaces);
        const rows = await found.orderBy('id', 'desc').limit(rowsFor(query)).execute();
        return page(rows, query, { item: toEntry, cursor: ({ id }) => id });
      }),
  };
}

function toEntry(row: Selectable<Tables['audit']>): AuditEntry {
  return { ...row, outcome: row.outcome as AuditEntry['outcome'] };
}
