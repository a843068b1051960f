import type { RedisConfig, StoresConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { several } from './access-policies.ts';
import type { Context } from './context.ts';

/** What gateways share. */
export function resolveStores({ stores }: ResolvedDocument, context: Context): StoresConfig {
  const { size, warmStart } = stores.cache;
  const file = warmStart === null ? null : context.absolute(['stores', 'cache', 'warmStart'], warmStart);
  return { redis: resolveRedis(stores.redis, context), cache: { sizeBytes: size, warmStart: file } };
}

function resolveRedis(redis: ResolvedDocument['stores']['redis'], context: Context): RedisConfig | null {
  if (redis === null) return null;
  const { url, cluster, sentinel, authorities: file, keyPrefix, timeout } = redis;
  const mode: RedisConfig['mode'] = cluster ? 'cluster' : sentinel === null ? 'single' : 'sentinel';
  const authorities = file === null ? null : context.absolute(['stores', 'redis', 'authorities'], file);
  return { mode, urls: several(url), master: sentinel, authorities, keyPrefix, timeoutMs: timeout };
}
