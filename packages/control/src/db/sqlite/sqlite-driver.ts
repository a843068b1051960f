import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Clock } from '../../domain/ports.ts';
import { pause } from '../../domain/ports.ts';
import type {
  CompiledQuery,
  DatabaseConnection,
  Driver,
  QueryResult,
  TransactionSettings,
} from '../kysely.ts';

/** Statements that are kept ready. */
const PREPARED = 200;
/** How long a call may block: it stands still while another process has the file. Longer waits are between calls. */
const BLOCK_MS = 50;
const LOOK_AGAIN_MS = 15;
const SQLITE_BUSY = 5;

/** Where the file is, and how long it is waited for. */
export interface SqliteSettings {
  readonly path: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * One connection to a SQLite file. kysely gives it to one after the other, so that a transaction has it to itself.
 *
 * Calls block, and are short. What was committed survives the end of the process and of the machine (`synchronous=FULL`). The
 * file is opened when it is needed and again after it could not be. One that was removed would go on to take changes until the
 * process ends, and nobody would see them again: so it is looked for at its place each time, and who has put another there, such
 * as a backup, is followed.
 */
export function sqliteDriver({ path, timeoutMs, clock }: SqliteSettings): Driver {
  let connection: SqliteConnection | null = null;

  async function begin(sql: string): Promise<void> {
    const endsAt = clock.epoch() + timeoutMs;
    for (;;) {
      try {
        return connection?.run(sql);
      } catch (error) {
        if (!isBusy(error) || clock.epoch() >= endsAt) throw error;
      }
      await pause(clock, LOOK_AGAIN_MS);
    }
  }

  return {
    // What fails here is tried again with the next query; what fails later would keep the turn for ever.
    async init() {
      connection = openFile(path);
    },
    async acquireConnection() {
      if (connection === null) throw new Error('the file is closed');
      connection = atItsPlace(connection, path);
      return connection;
    },
    releaseConnection: async () => {},
    // Whoever reads first and writes then would find that another process has written in between.
    beginTransaction: (_, { accessMode }: TransactionSettings) =>
      begin(accessMode === 'read only' ? 'begin' : 'begin immediate'),
    commitTransaction: () => begin('commit'),
    // After some errors, such as a full disk, SQLite has done so itself; another error would stand in place of the first.
    rollbackTransaction: async () => connection?.rollback(),
    async destroy() {
      connection?.close();
      connection = null;
    },
  };
}

/** The same, or one to what is there now. What cannot be opened fails with its first query, not here. */
function atItsPlace(connection: SqliteConnection, path: string): SqliteConnection {
  const found = placeOf(path);
  if (found === null || found === connection.place) return connection;
  try {
    const next = openFile(path);
    connection.close();
    return next;
  } catch {
    return connection;
  }
}

/** Which file is there; null: none is. */
function placeOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}

/** Has `syscall`, as errors of files have. */
function removed(path: string): Error {
  return Object.assign(new Error(`the file of the database was removed: ${path}`), { syscall: 'stat' });
}

interface SqliteConnection extends DatabaseConnection {
  /** Which file it has. */
  readonly place: string | null;
  run(sql: string): void;
  rollback(): void;
  close(): void;
}

function openFile(path: string): SqliteConnection {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600)); // made by SQLite, everybody could read it
  const file = new DatabaseSync(path, { timeout: BLOCK_MS, enableForeignKeyConstraints: true });
  try {
    file.exec('pragma journal_mode = wal; pragma synchronous = full');
  } catch (error) {
    file.close();
    throw error;
  }
  const place = placeOf(path);
  const prepared = new Map<string, StatementSync>();

  function assertThere(): void {
    if (placeOf(path) !== place) throw removed(path);
  }

  function prepare(sql: string): StatementSync {
    const statement = prepared.get(sql) ?? file.prepare(sql);
    prepared.delete(sql);
    prepared.set(sql, statement);
    const [oldest = ''] = prepared.keys();
    if (prepared.size > PREPARED) prepared.delete(oldest);
    return statement;
  }

  return {
    place,
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      assertThere();
      const statement = prepare(sql);
      const values = parameters as readonly SQLInputValue[];
      if (statement.columns().length > 0) return { rows: statement.all(...values) as R[] };
      const { changes } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes) };
    },
    async *streamQuery<R>({ sql, parameters }: CompiledQuery): AsyncGenerator<QueryResult<R>> {
      // Not one that is kept: another query may not use it meanwhile.
      const values = parameters as readonly SQLInputValue[];
      for (const row of file.prepare(sql).iterate(...values)) yield { rows: [row as R] };
    },
    run: (sql) => file.exec(sql),
    rollback: () => {
      if (file.isTransaction) file.exec('rollback');
    },
    close: () => file.close(),
  };
}

/** Whether another process has the file just now. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}
