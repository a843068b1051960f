import { StoreUnavailable } from '../domain/store.ts';
import type { Engine } from './engine.ts';
import { sql } from './kysely.ts';
import { ensureSchema, SchemaTooNew } from './migrate.ts';
import type { Counter, Queries } from './tables.ts';

/** A database with our tables in it. What it rejects with is `StoreUnavailable`, unless the query itself is wrong. */
export interface Database {
  readonly engine: Engine;
  readonly read: <T>(work: (db: Queries) => Promise<T>) => Promise<T>;
  /** In one transaction, all or nothing. */
  readonly write: <T>(work: (tx: Queries) => Promise<T>) => Promise<T>;
  /** Sees everything as it was at one moment, however long that takes. */
  readonly snapshot: <T>(work: (tx: Queries) => Promise<T>) => Promise<T>;
  close(): Promise<void>;
}

/** Nobody is asked before the first query: a gateway starts without its database. The schema is brought up to date then. */
export function database(engine: Engine): Database {
  let schema: Promise<void> | null = null;
  let isClosed = false;

  /** Once; but when it could not be done, again for the next who asks. */
  function ready(): Promise<void> {
    schema ??= ensureSchema(engine).catch((error: unknown) => {
      schema = null;
      throw error;
    });
    return schema;
  }

  async function run<T>(work: () => Promise<T>): Promise<T> {
    if (isClosed) throw new StoreUnavailable('the database was closed');
    try {
      await ready();
      return await work();
    } catch (error) {
      if (error instanceof SchemaTooNew) throw new StoreUnavailable(error.message, { cause: error });
      if (!isClosed && !engine.isAway(error)) throw error;
      throw new StoreUnavailable('the database cannot be reached or is too slow', { cause: error });
    }
  }

  const { queries } = engine;
  return {
    engine,
    read: (work) => run(() => work(queries)),
    write: (work) => run(() => queries.transaction().execute(work)),
    snapshot: (work) =>
      run(() =>
        queries.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work),
      ),
    async close() {
      isClosed = true;
      await engine.close();
    },
  };
}

/**
 * The next number of a counter. Others who want one wait until this transaction has ended, so that numbers become visible in
 * their order: who has seen one has seen all before it.
 */
export async function nextNumber(tx: Queries, name: Counter): Promise<number> {
  const { value } = await tx
    .updateTable('counters')
    .set({ value: sql<number>`value + 1` })
    .where('name', '=', name)
    .returning('value')
    .executeTakeFirstOrThrow();
  return value;
}

/** Where a counter stands. */
export async function currentNumber(db: Queries, name: Counter): Promise<number> {
  const row = await db
    .selectFrom('counters')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return row.value;
}
