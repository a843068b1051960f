import type { Engine } from '../engine.ts';
import { type Kysely, type Migration, sql } from '../kysely.ts';

/** Texts that gateways share, such as certificates by ACME: sealed, and no part of revisions. */
export function shared(dialect: Engine['dialect']): Migration {
  const name = dialect === 'postgres' ? sql`text collate "C"` : sql`text`;

  async function up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('shared_texts')
      .addColumn('name', name, (c) => c.primaryKey())
      .addColumn('value', 'text', (c) => c.notNull())
      .execute();
  }

  return { up };
}
