import type { ConsumerKey } from '../domain/keys.ts';
import type { KeyStore } from '../domain/store.ts';
import type { Changing } from './changing.ts';
import type { Database } from './database.ts';
import type { Selectable } from './kysely.ts';
import { page, rowsFor } from './pages.ts';
import type { Queries, Tables } from './tables.ts';
import { storable } from './texts.ts';
import { touchAll } from './touch.ts';

type Row = Selectable<Tables['consumer_keys']>;

/** Keys of consumers. Every change of any of them has a number, which a gateway asks by. */
export function keyStore({ read, write }: Database, change: Changing): KeyStore {
  return {
    async create(key) {
      const row = { ...toRow(key), revoked_at: null, last_used_at: null };
      const created = await change('keys', async (tx, number) => {
        await tx
          .insertInto('consumer_keys')
          .values({ ...row, change: number })
          .execute();
        return { ...row, change: number };
      });
      if (created === null) throw new Error('a key that is inserted is there');
      return toKey(created);
    },
    find: (id) => read((db) => findIn(db, id)),
    list: (consumer, query) =>
      read(async (db) => {
        let found = db.selectFrom('consumer_keys').selectAll().where('consumer', '=', consumer);
        if (query.after !== null) found = found.where('id', '>', query.after);
        const rows = await found.orderBy('id').limit(rowsFor(query)).execute();
        return page(rows, query, { item: toKey, cursor: ({ id }) => id });
      }),
    async update(id, { label, expiresAt, revokedAt }, permits) {
      const set = {
        ...(label === undefined ? {} : { label: storable(label) }),
        ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
        ...(revokedAt === undefined ? {} : { revoked_at: revokedAt }),
      };
      const row = await change('keys', async (tx, number) => {
        if (permits !== undefined && !permits(await findIn(tx, id))) return null;
        const changed = tx
          .updateTable('consumer_keys')
          .set({ ...set, change: number })
          .where('id', '=', id);
        return (await changed.returningAll().executeTakeFirst()) ?? null;
      });
      return row === null ? null : toKey(row);
    },
    touch: (uses) => touchAll(write, 'consumer_keys', uses),
    changed: (after, limit) =>
      read(async (db) => {
        const found = db.selectFrom('consumer_keys').selectAll().where('change', '>', after);
        return (await found.orderBy('change').limit(limit).execute()).map(toKey);
      }),
  };
}

async function findIn(db: Queries, id: string): Promise<ConsumerKey | null> {
  const row = await db.selectFrom('consumer_keys').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : toKey(row);
}

function toRow(key: Omit<ConsumerKey, 'change' | 'lastUsedAt' | 'revokedAt'>) {
  const { id, consumer, label, digest, createdAt, createdBy, expiresAt } = key;
  return {
    id,
    consumer,
    label: storable(label),
    digest,
    created_at: createdAt,
    created_by: storable(createdBy),
    expires_at: expiresAt,
  };
}

function toKey(row: Row): ConsumerKey {
  const { id, consumer, label, digest, change } = row;
  return {
    id,
    consumer,
    label,
    digest,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    change,
  };
}
