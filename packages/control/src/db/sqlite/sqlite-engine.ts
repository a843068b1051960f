import {
  type Dialect,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from '../kysely.ts';
import type { Engine } from '../engine.ts';
import type { Tables } from '../tables.ts';
import { sqliteDriver, type SqliteSettings } from './sqlite-driver.ts';

/** Busy, locked, read-only, input and output, damaged, full, cannot be opened, no database. */
const AWAY = new Set([5, 6, 8, 10, 11, 13, 14, 26]);

/** SQLite as Node.js brings it. Others that write to the same file are heard of by asking only. */
export function sqliteEngine(settings: SqliteSettings): Engine {
  const queries = new Kysely<Tables>({ dialect: sqliteDialect(settings) });
  return {
    dialect: 'sqlite',
    queries,
    now: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
    isAway,
    announce: async () => {},
    hear: () => () => {},
    changeSchema: (work) => queries.transaction().execute(work), // it has the file to itself
    close: () => queries.destroy(),
  };
}

function sqliteDialect(settings: SqliteSettings): Dialect {
  return {
    createDriver: () => sqliteDriver(settings),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    // It does change tables in transactions; kysely does not count on it because a driver might have several connections.
    createAdapter: () =>
      Object.defineProperty(new SqliteAdapter(), 'supportsTransactionalDdl', { value: true }),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errcode' in error) return AWAY.has(Number(error.errcode) & 0xff);
  return 'syscall' in error; // its directory or the file cannot be made
}
