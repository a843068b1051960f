import type { DatabaseConfig, RedisConfig, StoresConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { several } from './access-policies.ts';
import type { Context } from './context.ts';

/** What gateways share. */
export function resolveStores({ stores }: ResolvedDocument, context: Context): StoresConfig {
  return {
    redis: resolveRedis(stores.redis, context),
    cache: { sizeBytes: stores.cache.size },
    database: resolveDatabase(stores.database, context),
  };
}

function resolveDatabase(
  database: ResolvedDocument['stores']['database'],
  { absolute }: Context,
): DatabaseConfig | null {
  if (database === null) return null;
  const { url, encryption, poll, timeout, references, files } = database;
  const path = (name: string): string => absolute(['stores', 'database'], name);
  return {
    place: url.startsWith('sqlite:')
      ? { kind: 'sqlite', path: path(url.slice('sqlite:'.length)) }
      : { kind: 'postgres', urls: [url] },
    encryption: { secrets: encryption.keys },
    pollMs: poll,
    timeoutMs: timeout,
    references: { env: references.env, files: references.files.map(path) },
    files: files.map(path),
  };
}

function resolveRedis(redis: ResolvedDocument['stores']['redis'], context: Context): RedisConfig | null {
  if (redis === null) return null;
  const { url, cluster, sentinel, authorities: file, keyPrefix, timeout } = redis;
  const mode: RedisConfig['mode'] = cluster ? 'cluster' : sentinel === null ? 'single' : 'sentinel';
  const authorities = file === null ? null : context.absolute(['stores', 'redis', 'authorities'], file);
  return { mode, urls: several(url), master: sentinel, authorities, keyPrefix, timeoutMs: timeout };
}
