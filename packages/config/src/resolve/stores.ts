import { databaseFile } from '../format/database-url.ts';
import type { CacheStoreConfig, DatabaseConfig, RedisConfig, StoresConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { several } from './access-policies.ts';
import type { Context } from './context.ts';

/** What gateways share. */
export function resolveStores({ stores }: ResolvedDocument, context: Context): StoresConfig {
  return {
    redis: resolveRedis(stores.redis, context),
    cache: resolveCache(stores.cache, context),
    database: resolveDatabase(stores.database, context),
  };
}

function resolveCache(
  { size, warmStart }: ResolvedDocument['stores']['cache'],
  context: Context,
): CacheStoreConfig {
  if (warmStart === null) return { sizeBytes: size, warmStart };
  const { file, size: mostBytes, every } = warmStart;
  const path = context.absolute(['stores', 'cache', 'warmStart', 'file'], file);
  return { sizeBytes: size, warmStart: { path, mostBytes, everyMs: every } };
}

function resolveDatabase(
  database: ResolvedDocument['stores']['database'],
  context: Context,
): DatabaseConfig | null {
  if (database === null) return null;
  const { url, encryption, poll, timeout, references, files } = database;
  const directory = (name: string): string => context.absolute(['stores', 'database'], name);
  const file = databaseFile(url);
  const path = file === null ? null : context.absolute(['stores', 'database', 'url'], file);
  return {
    databaseUrl: path === null ? url : `sqlite:${path}`,
    encryptionKeys: encryption.keys,
    pollMs: poll,
    timeoutMs: timeout,
    references: { env: references.env, files: references.files.map(directory) },
    files: files.map(directory),
  };
}

function resolveRedis(redis: ResolvedDocument['stores']['redis'], context: Context): RedisConfig | null {
  if (redis === null) return null;
  const { url, cluster, sentinel, authorities: file, keyPrefix, timeout } = redis;
  const mode: RedisConfig['mode'] = cluster ? 'cluster' : sentinel === null ? 'single' : 'sentinel';
  const authorities = file === null ? null : context.absolute(['stores', 'redis', 'authorities'], file);
  return { mode, urls: several(url), master: sentinel, authorities, keyPrefix, timeoutMs: timeout };
}
