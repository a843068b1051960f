import { randomUUID } from 'node:crypto';
import type { Ports } from '../domain/ports.ts';
import type { Store } from '../domain/store.ts';
import { auditStore } from './audit.ts';
import { changing } from './changing.ts';
import { type Database, database } from './database.ts';
import type { Engine } from './engine.ts';
import { keyStore } from './keys.ts';
import { listening } from './listening.ts';
import { nodeStore } from './nodes.ts';
import { objectStore } from './objects.ts';
import { postgresEngine } from './postgres/postgres-engine.ts';
import { positionStore } from './position.ts';
import { revisionStore } from './revisions.ts';
import { rolloutStore } from './rollouts.ts';
import { sharedTextStore } from './shared-texts.ts';
import { sqlitePath } from './sqlite/sqlite-path.ts';
import { sqliteEngine } from './sqlite/sqlite-engine.ts';
import { tokenStore } from './tokens.ts';
import { workspaceStore } from './workspaces.ts';

/** Where the database is, and how it is asked. */
export interface DatabaseSettings extends Ports {
  /** `sqlite:PATH` or `postgres://…`. It may hold a password. */
  readonly url: string;
  /** For one answer. */
  readonly timeoutMs: number;
}

/** The same, and how often it is asked for what others have changed. */
export interface StoreSettings extends DatabaseSettings {
  readonly pollMs: number;
}

/**
 * Opens a store. Nothing is asked of the database before it is needed, so this works without it as well; the schema is made or
 * brought up to date with the first query.
 */
export function openStore(settings: StoreSettings): Store {
  const db = openDatabase(settings);
  const { clock } = settings;
  const news = listening(db, settings.pollMs, settings);
  const { announce } = news;
  const change = changing(db, announce);
  return {
    objects: objectStore(db),
    revisions: revisionStore(db, { clock, announce }),
    keys: keyStore(db, change),
    workspaces: workspaceStore(db, change),
    tokens: tokenStore(db, change),
    audit: auditStore(db),
    fleet: { ...nodeStore(db, { clock, holder: randomUUID() }), ...rolloutStore(db, { change, clock }) },
    ...positionStore(db),
    shared: sharedTextStore(db),
    agree: (name, proposal) => agree(db, name, proposal),
    listen: news.listen,
    async close() {
      news.close();
      await db.close();
    },
  };
}

/** The database itself, for what is no business of the store: migrations, backup, keys of secrets. */
export function openDatabase(settings: DatabaseSettings): Database {
  return database(engineOf(settings));
}

/** Which database a URL means. */
export function engineOf(settings: DatabaseSettings): Engine {
  const { url, timeoutMs, clock } = settings;
  const path = sqlitePath(url);
  return path === null
    ? postgresEngine({ url, timeoutMs }, settings)
    : sqliteEngine({ path, timeoutMs, clock });
}

function agree({ write }: Database, name: string, proposal: string): Promise<string> {
  return write(async (tx) => {
    const insert = tx.insertInto('agreements').values({ name, value: proposal });
    await insert.onConflict((conflict) => conflict.doNothing()).execute();
    const agreed = tx.selectFrom('agreements').select('value').where('name', '=', name);
    return (await agreed.executeTakeFirstOrThrow()).value;
  });
}
