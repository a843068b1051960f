import { StoreUnavailable } from '../domain/store.ts';
import type { Engine } from './engine.ts';
import { Migrator } from './kysely.ts';
import { migrations } from './migrations/migrations.ts';
import type { Queries } from './tables.ts';

const VERSIONS = 'schema_version';
const LOCK = 'schema_version_lock';

/** The database was written by a newer program, which knows things that this one would break. */
export class SchemaTooNew extends StoreUnavailable {}

/** What became of the schema: the steps that were missing. */
export interface SchemaChange {
  readonly steps: readonly string[];
}

/**
 * Brings the tables to the newest schema, in one transaction and under a lock: of several gateways that start together, one
 * does it and the others wait. Rejects with `SchemaTooNew` before anything is touched.
 */
export async function ensureSchema(engine: Engine): Promise<void> {
  await migrateTo(engine, null);
}

/** The same, up to one of the steps; `null`: the newest. */
export async function migrateTo(engine: Engine, last: string | null): Promise<SchemaChange> {
  const steps = migrations(engine.dialect);
  const { queries } = engine;
  if (last === null && (await isCurrent(queries, steps))) return { steps: [] };
  return engine.changeSchema(async (tx) => {
    await isCurrent(tx, steps);
    return applySteps(tx, engine, last);
  });
}

/** In a transaction that has the schema to itself: what is missing up to one of the steps; `null`: up to the newest. */
export async function applySteps(tx: Queries, engine: Engine, last: string | null): Promise<SchemaChange> {
  const migrator = new Migrator({
    db: tx,
    provider: { getMigrations: async () => migrations(engine.dialect) },
    migrationTableName: VERSIONS,
    migrationLockTableName: LOCK,
  });
  const { error, results = [] } = await (last === null
    ? migrator.migrateToLatest()
    : migrator.migrateTo(last));
  if (error !== undefined) throw error;
  return { steps: results.map(({ migrationName }) => migrationName) };
}

/** Whether nothing is missing. Throws if there is too much. */
async function isCurrent(db: Queries, steps: Readonly<Record<string, unknown>>): Promise<boolean> {
  const applied = await appliedSteps(db);
  const unknown = applied.filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length > 0) {
    const message = `the database has a newer schema than this program knows (${unknown.join(', ')}); use the newer program`;
    throw new SchemaTooNew(message);
  }
  return applied.length === Object.keys(steps).length;
}

/** Steps that the database has had. */
export async function appliedSteps(db: Queries): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === VERSIONS)) return [];
  const versions = db.withTables<{ [VERSIONS]: { name: string } }>();
  const rows = await versions.selectFrom(VERSIONS).select('name').orderBy('name').execute();
  return rows.map(({ name }) => name);
}
