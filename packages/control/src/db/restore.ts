import {
  BACKED_UP,
  type BackedUp,
  BadBackup,
  type Header,
  readLines,
  type RowLine,
} from './backup-format.ts';
import type { BackupSummary } from './backup.ts';
import type { Engine } from './engine.ts';
import { sql } from './kysely.ts';
import { applySteps } from './migrate.ts';
import { migrations } from './migrations/migrations.ts';
import { beginHistory } from './position.ts';
import { inParts } from './revisions.ts';
import type { Queries } from './tables.ts';

/** A backup is not put over what is there. */
export class NotEmpty extends Error {
  override readonly name = 'NotEmpty';
}

/** Tables that say nothing by being there. */
const EMPTY_TABLES: readonly string[] = ['counters', 'nodes', 'jobs'];
const OURS = [...Object.keys(BACKED_UP), 'nodes', 'jobs', 'schema_version', 'schema_version_lock'];

/**
 * Puts a backup back, all of it or nothing, into a database that holds nothing of ours, or, with `isForced`, in place of what it
 * holds. One of an older schema is brought to the newest. Rejects with `BadBackup` or `NotEmpty`.
 */
export function restore(
  engine: Engine,
  lines: AsyncIterable<string>,
  { isForced }: { readonly isForced: boolean },
): Promise<BackupSummary> {
  return engine.changeSchema(async (tx) => {
    if (!isForced && !(await isEmpty(tx))) throw new NotEmpty('the database is not empty');
    const reading = readLines(lines);
    const first = await reading.next();
    if (first.done === true || !('format' in first.value)) throw new BadBackup('it is empty');
    const header = first.value;
    await makeTables(tx, engine, header);
    const rows = await fill(tx, reading);
    await applySteps(tx, engine, null);
    await beginHistory(tx);
    return { revision: header.revision, rows };
  });
}

async function isEmpty(tx: Queries): Promise<boolean> {
  for (const table of await ourTables(tx)) {
    if (EMPTY_TABLES.includes(table) || !Object.hasOwn(BACKED_UP, table)) continue;
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(tx);
    if (rows.length > 0) return false;
  }
  return true;
}

/** The tables as they were when the backup was made. */
async function makeTables(tx: Queries, engine: Engine, { schema }: Header): Promise<void> {
  if (!Object.hasOwn(migrations(engine.dialect), schema))
    throw new BadBackup(`it was made by a newer program (${schema})`);
  // Those that point to others go first.
  for (const table of (await ourTables(tx)).toReversed()) await tx.schema.dropTable(table).execute();
  await applySteps(tx, engine, schema);
  // An older schema has not all of them yet.
  const made = new Set(await ourTables(tx));
  for (const table of Object.keys(BACKED_UP))
    if (made.has(table)) await sql`delete from ${sql.table(table)}`.execute(tx);
}

async function ourTables(tx: Queries): Promise<string[]> {
  const tables = await tx.introspection.getTables({ withInternalKyselyTables: true });
  const names = new Set(tables.map(({ name }) => name));
  return OURS.filter((name) => names.has(name));
}

async function fill(tx: Queries, lines: AsyncIterable<Header | RowLine>): Promise<number> {
  let count = 0;
  let table: BackedUp | null = null;
  let rows: RowLine['row'][] = [];
  const flush = async (): Promise<void> => {
    if (table === null) return;
    for (const part of inParts(rows)) await insert(tx, table, part);
    rows = [];
  };
  for await (const line of lines) {
    if ('format' in line) continue;
    if (line.table !== table || rows.length >= 5000) await flush();
    table = line.table;
    rows.push(line.row);
    count++;
  }
  await flush();
  return count;
}

async function insert(tx: Queries, table: BackedUp, rows: readonly RowLine['row'][]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column] ?? null))})`);
  const names = sql.join(columns.map((column) => sql.ref(column)));
  await sql`insert into ${sql.table(table)} (${names}) values ${sql.join(values)}`.execute(tx);
}
