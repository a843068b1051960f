// The second door of the package: what is done to a database as a whole, without a gateway and without the admin API.

import { createReadStream } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { backup, type BackupSummary } from './db/backup.ts';
import type { Database } from './db/database.ts';
import { migrateTo, type SchemaChange } from './db/migrate.ts';
import { openSealer } from './db/open-sealer.ts';
import { type DatabaseSettings, openDatabase } from './db/open-store.ts';
import { resealAll } from './db/reseal.ts';
import { restore } from './db/restore.ts';
import { StoreUnavailable } from './domain/store.ts';

export { BadBackup } from './db/backup-format.ts';
export { SchemaTooNew, type SchemaChange } from './db/migrate.ts';
export { NotEmpty } from './db/restore.ts';
export type { BackupSummary } from './db/backup.ts';
export { systemClock } from './domain/ports.ts';
export { CannotOpen, NoSealingKey } from './domain/sealer.ts';
export { StoreUnavailable } from './domain/store.ts';

/** What may be done to a database. All of it rejects with `StoreUnavailable` when it cannot be reached. */
export interface Maintenance {
  /** Brings the schema to the newest. */
  migrate(): Promise<SchemaChange>;
  /** Writes a file, which must not be there yet. */
  backup(file: string): Promise<BackupSummary>;
  /** Puts a backup back, if nothing is there or `isForced`. */
  restore(file: string, how: { readonly isForced: boolean }): Promise<BackupSummary>;
  /** Seals all secrets with the first of the keys. Gives how many it were. */
  rotateSecrets(): Promise<number>;
  close(): Promise<void>;
}

/** Opens a database for that. Nothing is asked of it yet. */
export function openMaintenance(
  settings: DatabaseSettings & { readonly keys: readonly string[] },
): Maintenance {
  const db = openDatabase(settings);
  const { engine } = db;
  const reached = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof FileError || !engine.isAway(error)) throw error;
      throw new StoreUnavailable('the database cannot be reached or is too slow', { cause: error });
    }
  };
  return {
    migrate: () => reached(() => migrateTo(engine, null)),
    backup: (file) => writeBackup(db, file, settings.clock.epoch()),
    restore: (file, how) => reached(() => restore(engine, linesOf(file), how)),
    rotateSecrets: () => resealAll(db, openSealer(settings)),
    close: () => db.close(),
  };
}

/** The file of a backup cannot be read: no fault of the database. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

async function writeBackup(db: Database, path: string, at: number): Promise<BackupSummary> {
  const file = await open(path, 'wx', 0o600);
  try {
    const summary = await backup(db, { at, write: (text) => file.appendFile(text) });
    await file.sync();
    return summary;
  } catch (error) {
    await unlink(path);
    throw error;
  } finally {
    await file.close();
  }
}

/** Lines as JSON Lines has them: only a line feed ends one. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const text of textOf(path)) {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

async function* textOf(path: string): AsyncGenerator<string> {
  try {
    for await (const text of createReadStream(path, 'utf8')) yield text as string;
  } catch (error) {
    throw new FileError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
