import { BACKED_UP, type BackedUp, type Header, lineWriter, type RowLine } from './backup-format.ts';
import { currentNumber, type Database } from './database.ts';
import { sql } from './kysely.ts';
import { appliedSteps } from './migrate.ts';
import type { Queries } from './tables.ts';

/** Rows that are read at once. */
const PART = 1000;

/** What a backup has. */
export interface BackupSummary {
  readonly revision: number;
  readonly rows: number;
}

/**
 * Writes all that must not be lost, as it was at one moment, in lines of JSON that every database of ours takes. Secrets are in
 * it as they are in the database: sealed. Gateways and jobs of the moment are not.
 */
export function backup(
  db: Database,
  { at, write }: { readonly at: number; readonly write: (text: string) => Promise<void> },
): Promise<BackupSummary> {
  return db.snapshot(async (tx) => {
    const writer = lineWriter();
    const header = await headerOf(tx, at);
    await write(writer.line(header));
    let rows = 0;
    for (const table of Object.keys(BACKED_UP) as BackedUp[]) {
      for await (const part of partsOf(tx, table)) {
        rows += part.length;
        await write(part.map((row) => writer.line({ table, row })).join(''));
      }
    }
    await write(writer.end());
    return { revision: header.revision, rows };
  });
}

async function headerOf(tx: Queries, at: number): Promise<Header> {
  const schema = (await appliedSteps(tx)).at(-1) ?? '';
  const revision = await currentNumber(tx, 'revision');
  return { format: 'turnpike-backup', version: 1, schema, createdAt: new Date(at).toISOString(), revision };
}

/** All rows of a table, by its key. */
async function* partsOf(tx: Queries, table: BackedUp): AsyncGenerator<readonly RowLine['row'][]> {
  const columns: readonly string[] = BACKED_UP[table];
  const key = sql.join(columns.map((column) => sql.ref(column)));
  let last: RowLine['row'] | undefined;
  for (;;) {
    const after =
      last === undefined
        ? sql``
        : sql`where (${key}) > (${sql.join(columns.map((column) => last?.[column]))})`;
    const query = sql<
      RowLine['row']
    >`select * from ${sql.table(table)} ${after} order by ${key} limit ${sql.lit(PART)}`;
    const { rows } = await query.execute(tx);
    if (rows.length > 0) yield rows;
    if (rows.length < PART) return;
    last = rows.at(-1);
  }
}
