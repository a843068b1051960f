import type { AdminToken } from '../domain/keys.ts';
import type { TokenStore } from '../domain/store.ts';
import type { Changing } from './changing.ts';
import type { Database } from './database.ts';
import type { Selectable } from './kysely.ts';
import type { Tables } from './tables.ts';
import { storable } from './texts.ts';
import { touchAll } from './touch.ts';

type Row = Selectable<Tables['tokens']>;

/** Tokens of the admin API. */
export function tokenStore({ read, write }: Database, change: Changing): TokenStore {
  return {
    async create(token) {
      const row = toRow(token);
      await change('tokens', (tx) => tx.insertInto('tokens').values(row).execute());
      return toToken(row);
    },
    list: () =>
      read(async (db) => (await db.selectFrom('tokens').selectAll().orderBy('id').execute()).map(toToken)),
    async remove(id) {
      const removed = await change('tokens', async (tx) => {
        const { numDeletedRows } = await tx.deleteFrom('tokens').where('id', '=', id).executeTakeFirst();
        return numDeletedRows === 0n ? null : numDeletedRows;
      });
      return removed !== null;
    },
    touch: (uses) => touchAll(write, 'tokens', uses),
  };
}

function toRow(token: Omit<AdminToken, 'lastUsedAt'>): Row {
  const { id, name, digest, role, workspaces, createdAt, createdBy, expiresAt } = token;
  return {
    id,
    name: storable(name),
    digest,
    role,
    workspaces: JSON.stringify(workspaces),
    created_at: createdAt,
    created_by: storable(createdBy),
    expires_at: expiresAt,
    last_used_at: null,
  };
}

function toToken(row: Row): AdminToken {
  const { id, name, digest } = row;
  return {
    id,
    name,
    digest,
    role: row.role as AdminToken['role'],
    workspaces: JSON.parse(row.workspaces) as AdminToken['workspaces'],
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}
