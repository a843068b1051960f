import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { type PostgresServer, postgresServer, withoutPostgres } from '@turnpike/testkit/postgres-server';
import type { Rollout, RolloutPlan } from '../domain/fleet.ts';
import type { ObjectChange } from '../domain/objects.ts';
import { type Log, systemClock } from '../domain/ports.ts';
import type { Draft } from '../domain/revisions.ts';
import type { Store } from '../domain/store.ts';
import { openStore, type StoreSettings } from './open-store.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Settings of a store on the machine's clock. */
export function settingsOf(url: string, more: Partial<StoreSettings> = {}): StoreSettings {
  const ports = { clock: systemClock, log: silent, random: Math.random };
  return { url, timeoutMs: 60_000, pollMs: 60_000, ...ports, ...more };
}

/** Where a suite has its databases. */
export interface Databases {
  readonly dialect: 'sqlite' | 'postgres';
  /** The URL of one that is new and empty. */
  readonly create: () => Promise<string>;
  /** Opens a store that is closed after the suite. */
  readonly open: (url: string, more?: Partial<StoreSettings>) => Store;
  /** The same, on a database of its own. */
  readonly fresh: (more?: Partial<StoreSettings>) => Promise<Store>;
  /** The server, if there is one. */
  readonly server: () => PostgresServer;
}

/** The same suite on both: what is true of one store is true of the other. */
export function onBothDatabases(title: string, suite: (databases: Databases) => void): void {
  describe(`${title} (SQLite)`, () => onSqlite(suite));
  describe(`${title} (PostgreSQL)`, { skip: withoutPostgres() }, () => onPostgres(suite));
}

/** A suite on SQLite files. */
export function onSqlite(suite: (databases: Databases) => void): void {
  let directory = '';
  let files = 0;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'turnpike-store-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));
  suite({
    dialect: 'sqlite',
    create: async () => `sqlite:${join(directory, `${++files}.db`)}`,
    server: () => {
      throw new Error('SQLite has no server');
    },
    ...stores(async () => `sqlite:${join(directory, `${++files}.db`)}`),
  });
}

/** A suite on a server of its own. */
export function onPostgres(suite: (databases: Databases) => void): void {
  let running: PostgresServer | null = null;
  const server = (): PostgresServer => {
    if (running === null) throw new Error('the server runs while tests run');
    return running;
  };
  before(async () => {
    running = await postgresServer();
  });
  const opened = stores(() => server().createDatabase());
  after(() => running?.close());
  suite({ dialect: 'postgres', create: () => server().createDatabase(), server, ...opened });
}

function stores(create: () => Promise<string>): Pick<Databases, 'open' | 'fresh'> {
  const opened: Store[] = [];
  const open: Databases['open'] = (url, more) => {
    const store = openStore(settingsOf(url, more));
    opened.push(store);
    return store;
  };
  after(() => Promise.all(opened.map((store) => store.close())));
  return { open, fresh: async (more) => open(await create(), more) };
}

/** A change of routes: documents by name, `null` removes one. */
export function routes(documents: Readonly<Record<string, ObjectChange['after']>>): ObjectChange[] {
  return Object.entries(documents).map(([name, document]) => {
    return { kind: 'routes', name, workspace: 'default', before: null, after: document };
  });
}

/** A draft of somebody. */
export function draftOf(base: number, changes: readonly ObjectChange[], more: Partial<Draft> = {}): Draft {
  return {
    base,
    changes,
    risks: [],
    author: 'ada',
    address: '192.0.2.1',
    origin: 'api',
    message: '',
    ...more,
  };
}

/** Commits on whatever is the head. Gives the number. */
export async function commit(store: Store, changes: readonly ObjectChange[]): Promise<number> {
  for (;;) {
    const result = await store.revisions.commit(draftOf(await store.revisions.head(), changes));
    if (result.kind === 'committed') return result.revision.number;
  }
}

/** Begins a roll-out of a change on whatever is the head. */
export async function startRollout(
  store: Store,
  plan: Partial<RolloutPlan> = {},
  changes: readonly ObjectChange[] = [],
): Promise<Rollout> {
  const rollout = { steps: [], stepMs: 60_000, ...plan };
  const committed = await store.revisions.commit(draftOf(await store.revisions.head(), changes, { rollout }));
  if (committed.kind === 'stale' || committed.rollout === null) throw new Error('it has not begun');
  return committed.rollout;
}
