import type { Ports } from '../../domain/ports.ts';
import type { Engine } from '../engine.ts';
import { Kysely, PostgresDialect, sql } from '../kysely.ts';
import type { Queries, Tables } from '../tables.ts';
import { NEWS_CHANNEL, newsChannel, newsText } from './news-channel.ts';
import { isServerAway, postgresPool, type PostgresSettings } from './postgres-client.ts';

/** Any number that nobody else takes: it says that the schema is being changed. */
const SCHEMA_LOCK = 8_675_309_001;

/** How long a large migration may take. */
const SCHEMA_TIMEOUT_MS = 3_600_000;

/** PostgreSQL 13 or newer. */
export function postgresEngine(settings: PostgresSettings, ports: Ports): Engine {
  const onLost = (error: Error): void => ports.log.debug('a connection to the database was lost', { error });
  const pool = postgresPool(settings, onLost);
  const queries = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    dialect: 'postgres',
    queries,
    now: sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
    isAway: isServerAway,
    async announce(tx, news) {
      await sql`select pg_notify(${NEWS_CHANNEL}, ${newsText(news)})`.execute(tx);
    },
    hear: (listener) => newsChannel(settings, ports, listener),
    changeSchema: (work) => changeSchema(settings, work),
    close: () => queries.destroy(),
  };
}

/** On a connection of its own, because it may take far longer than all else. */
async function changeSchema<T>(settings: PostgresSettings, work: (tx: Queries) => Promise<T>): Promise<T> {
  const pool = postgresPool({ ...settings, queryTimeoutMs: SCHEMA_TIMEOUT_MS }, () => {});
  const queries = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await queries.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${SCHEMA_LOCK})`.execute(tx);
      return work(tx);
    });
  } finally {
    await queries.destroy();
  }
}
